"""Tables of requests: looked at, never changed here."""

from django.contrib import admin

from customers.doors.columns import Column
from customers.doors.masked_tables import MaskedTableAdmin
from privacy.tickets import queries
from privacy.tickets.models import Closure, Ticket, TicketEvent, TicketRight


@admin.register(Ticket)
class TicketAdmin(MaskedTableAdmin):
    columns = ("reference", "channel", "state", "received_at", "due_at", "assignee__login", "outcome")
    filters = ("state", "channel", "outcome")

    def list_columns(self) -> list[Column]:
        """With what is asked for, and for whom (masked), as the page of requests shows them."""
        reference, *others = super().list_columns()
        asked_for = Column("Asks for", "", None, computed=queries.asked_for())
        return [reference, asked_for, Column("Person", "", None, computed=queries.person_masked()), *others]


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
