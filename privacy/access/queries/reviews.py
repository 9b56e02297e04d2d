"""Reads about reviews."""
