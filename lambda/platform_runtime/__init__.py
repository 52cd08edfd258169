"""What every function shares: validated environment, logs, metrics and traces, and the ways to AWS."""
