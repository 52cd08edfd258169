"""Empties a backup vault before CloudFormation deletes it, where the environment retains no data."""
