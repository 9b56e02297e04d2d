"""Refusals about evidence."""

from privacy.access.errors.grants import Refused  # noqa: F401
