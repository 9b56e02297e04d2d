"""Doors of requests: the queue, one request, a new one."""

from privacy.tickets.views.one import do, ticket
from privacy.tickets.views.queue import bulk, new, queue

__all__ = ["bulk", "do", "new", "queue", "ticket"]
