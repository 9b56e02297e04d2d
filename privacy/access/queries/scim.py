"""Reads about scim."""
