"""Refusals about reviews."""

from privacy.access.errors.grants import Refused  # noqa: F401
