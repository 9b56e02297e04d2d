"""Tables of choices, deliveries and letters: looked at, never changed here."""

from django.contrib import admin

from customers.doors.masked_tables import MaskedTableAdmin
from privacy.optouts.models import Letter, OptOut, SuppressionDelivery, SuppressionItem


@admin.register(OptOut)
class OptOutAdmin(MaskedTableAdmin):
    columns = ("masked", "channel", "purpose", "source", "received_at", "suppressed_at", "withdrawn_at")
    filters = ("channel", "purpose", "source")


@admin.register(SuppressionDelivery)
class SuppressionDeliveryAdmin(MaskedTableAdmin):
    columns = ("third_party__code", "sequence", "full", "additions", "removals", "made_at", "deadline", "state")


@admin.register(SuppressionItem)
class SuppressionItemAdmin(MaskedTableAdmin):
    columns = ("id", "third_party__code", "added_in__sequence", "removed_in__sequence")


@admin.register(Letter)
class LetterAdmin(MaskedTableAdmin):
    columns = ("id", "kind", "ticket_reference", "automatic", "made_at", "sent_at", "tries")
    filters = ("kind",)
