"""Refusals about life."""

from privacy.access.errors.grants import Refused  # noqa: F401
