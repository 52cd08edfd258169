"""What a release asks of the platform: whether it can begin, whether it serves, whether its alarms keep quiet."""
