"""Reads of the desk: the places of the house, what waits, what is found, everything about one person."""

from privacy.desk.queries.places import Place, places_for

__all__ = ["Place", "places_for"]
