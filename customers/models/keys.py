"""Which secrets a database was written with, so that other ones are refused (statement E.3)."""

from django.db import models
from django.db.models import Q

from customers.classification import classified, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked


@tracked()
@classified(id=plain(), index_digest=plain(), sealed=plain())
class KeyMark(models.Model):
    """The one row that tells whether this process has the keys of this database.

    index_digest: what INDEX_KEY makes of a fixed word (HMAC-SHA-256, 32 bytes). sealed: that word under FIELD_KEYS, rotated like
    any other value.
    """

    index_digest = models.BinaryField(max_length=32)
    sealed = EncryptedTextField()

    class Meta:
        verbose_name = "mark of the keys"
        verbose_name_plural = "marks of the keys"
        constraints = [
            models.CheckConstraint(
                name="there_is_one_mark_of_the_keys",
                condition=Q(pk=1),
                violation_error_message="A database has one set of keys.",
            )
        ]

    def __str__(self) -> str:
        return "mark of the keys"
