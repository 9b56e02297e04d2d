"""What `make run` becomes: everything prepared, then the web server and the background worker under one supervisor."""


class CannotServe(Exception):
    """The program cannot be served here. The message is one line for a person."""
