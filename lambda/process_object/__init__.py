"""Turns every object put into the raw bucket into normalised data and a summary."""
