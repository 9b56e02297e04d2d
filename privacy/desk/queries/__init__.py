"""Reads of the desk: the places of the house, what waits, what is found, everything about one person."""

from privacy.desk.queries.person import person
from privacy.desk.queries.places import Place, places_for
from privacy.desk.queries.search import Found, Hit, find
from privacy.desk.queries.tiles import figures
from privacy.desk.queries.timeline import timeline_of, tracked_model
from privacy.desk.queries.today import asked_for, due_days, requests_beyond, waits_for

__all__ = [
    "Found",
    "Hit",
    "Place",
    "asked_for",
    "due_days",
    "figures",
    "find",
    "person",
    "places_for",
    "requests_beyond",
    "timeline_of",
    "tracked_model",
    "waits_for",
]
