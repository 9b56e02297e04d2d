"""Reads about map."""
