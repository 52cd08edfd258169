"""How long a recovery takes at worst, by the documents of AWS; what an environment file promises is held against it."""
