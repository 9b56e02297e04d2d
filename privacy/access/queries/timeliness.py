"""Reads about timeliness."""
