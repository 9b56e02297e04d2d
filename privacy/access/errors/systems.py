"""Refusals about systems."""

from privacy.access.errors.grants import Refused  # noqa: F401
