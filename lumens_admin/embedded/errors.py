class EmbeddedPostgresError(Exception):
    """The server cannot be had. The message is one line for a person."""
