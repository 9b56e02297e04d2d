"""Doors of requests: the queue, one request, a new one, the business calendar."""

from privacy.tickets.views.calendar import calendar, open_after_all
from privacy.tickets.views.one import do, ticket
from privacy.tickets.views.queue import bulk, new, queue
from privacy.tickets.views.taking_down import take_down

__all__ = ["bulk", "calendar", "do", "new", "open_after_all", "queue", "take_down", "ticket"]
