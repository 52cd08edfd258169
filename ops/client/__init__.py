"""A sample of a client: signs calls of the API for a region, or for every region at once."""
