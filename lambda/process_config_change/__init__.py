"""Tells people which resource broke a rule of AWS Config: what, where, who, since when."""
