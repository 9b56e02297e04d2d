"""Where a record came from, when, and what for: on every collected record (statement A.1, "Information from other sources")."""

from django.db import models
from django.db.models import Q

from customers.classification import Classification, Purpose, Source, plain


class Collected(models.Model):
    """source: who gave it. source_detail: which shipper, which seller of names. collected_at: the instant of collection.

    The privacy statement that governs the record is the version in force at collected_at (statement K: changes affect only what
    is collected after they take effect).
    """

    source = models.CharField(max_length=20, choices=Source)
    source_detail = models.CharField(max_length=200, blank=True)
    collected_at = models.DateTimeField()
    purpose = models.CharField(max_length=20, choices=Purpose)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="every_%(class)s_has_a_source",
                condition=Q(source__in=Source.values),
                violation_error_message="Say where this record came from.",
            ),
            models.CheckConstraint(
                name="every_%(class)s_has_a_purpose",
                condition=Q(purpose__in=Purpose.values),
                violation_error_message="Say what this record was collected for: one of the uses of the privacy statement.",
            ),
        ]


# The columns of Collected, for @classified: they describe the record, not the person.
PROVENANCE: dict[str, Classification] = {
    "source": plain(),
    "source_detail": plain(),
    "collected_at": plain(),
    "purpose": plain(),
}
