"""What no verb does, as sentences for people."""

from django.core.exceptions import PermissionDenied


class NoLongerAllowed(PermissionDenied):
    """The person had a grant when the request began, and has none now. Doors answer 403, and the attempt is written down."""

    def __init__(self, who: str) -> None:
        super().__init__(f"{who} has no grant in force for that any more.")


class BadAnchor(Exception):
    """The anchor cannot be used: unreadable, or of a kind that is not known."""


class AnchorDisagrees(Exception):
    """The anchor knows other seals than this database: an old copy was restored, or the chain was rewritten."""
