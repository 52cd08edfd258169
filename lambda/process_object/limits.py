"""Limits that keep memory bounded whatever the input is."""

MAX_RECORD_CHARACTERS = 1024 * 1024
"""The longest row of a table and the longest record of JSON; anything longer is refused."""
