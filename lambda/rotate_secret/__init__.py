"""Rotates the password of the database account that a secret describes, in the four steps of Secrets Manager."""
