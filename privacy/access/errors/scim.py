"""Refusals about scim."""

from privacy.access.errors.grants import Refused  # noqa: F401
