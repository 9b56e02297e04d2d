"""Reads about changes."""
