"""Tells people about alarms: what is wrong, where, since when, and what to do."""
