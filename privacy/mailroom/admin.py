"""Tables of received mail: looked at, never changed here."""

from django.contrib import admin

from customers.doors.masked_tables import MaskedTableAdmin
from privacy.mailroom.models import Message, Undeliverable


@admin.register(Message)
class MessageAdmin(MaskedTableAdmin):
    columns = ("id", "from_masked", "received_at", "outcome", "reason", "sorted_at")
    filters = ("outcome", "door")


@admin.register(Undeliverable)
class UndeliverableAdmin(MaskedTableAdmin):
    columns = ("masked", "action", "status", "reported_at")
