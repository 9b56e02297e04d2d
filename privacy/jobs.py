"""Contents page: the background jobs of every room, for the worker."""
