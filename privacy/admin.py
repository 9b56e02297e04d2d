"""Contents page: the admin of every room."""
