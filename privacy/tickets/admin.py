"""Tables of requests: looked at, never changed here."""

from django.contrib import admin

from customers.doors.masked_tables import MaskedTableAdmin
from privacy.tickets.models import Closure, Ticket, TicketEvent, TicketRight


@admin.register(Ticket)
class TicketAdmin(MaskedTableAdmin):
    columns = ("reference", "channel", "state", "received_at", "due_at", "assignee__login", "outcome")
    filters = ("state", "channel", "outcome")


@admin.register(TicketRight)
class TicketRightAdmin(MaskedTableAdmin):
    columns = ("ticket__reference", "kind", "proposed", "outcome", "denial_reason", "ended_at")
    filters = ("kind", "outcome")


@admin.register(TicketEvent)
class TicketEventAdmin(MaskedTableAdmin):
    columns = ("ticket__reference", "kind", "at", "by__login")
    filters = ("kind",)


@admin.register(Closure)
class ClosureAdmin(MaskedTableAdmin):
    columns = ("day", "name")
