"""The SCIM 2.0 server for identity providers (RFC 7643, 7644), on the library scim2-server: protocol there, people here."""

from privacy.access.api.server import SCIM_MEDIA_TYPE, Asked, answer, error, too_large

__all__ = ["SCIM_MEDIA_TYPE", "Asked", "answer", "error", "too_large"]
