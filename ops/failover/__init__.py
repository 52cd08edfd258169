"""Failover: what Route 53 answers, how long a recovery may take at worst, and the drill that measures it."""
