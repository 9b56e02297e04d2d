"""Columns of a list, and the rows of it as a browser is sent them."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django.db import models
from django.db.models.expressions import Combinable
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from customers.doors.cells import writer
from customers.doors.masks import DOTS, mask_of

ANY_KEY = 123_456_789_012_345  # stands for a row's key while an address is made once for all rows


@dataclass(frozen=True)
class Column:
    """A column of a list. path: as `values_list` takes it; field: decides on the mask, None for a key that is shown plainly.

    on_phone: whether a phone shows it, beneath the row's name and without a label; None where the table does not choose.
    computed: what the database makes of other columns, in place of a path; nothing of it may need a mask.
    """

    label: str
    path: str
    field: "models.Field[Any, Any] | None"
    on_phone: bool | None = None
    computed: "Combinable | None" = None

    @property
    def read(self) -> "str | Combinable":
        """What `values_list` is asked for. A list never decrypts: of an encrypted value, only whether there is one."""
        if self.computed is not None:
            return self.computed
        if not isinstance(self.field, models.BinaryField):
            return self.path
        empty = models.When(**{f"{self.path}__isnull": True}, then=None)
        return models.Case(empty, default=models.Value(DOTS), output_field=models.TextField())

    def cell(self) -> str:
        """The tag that opens a cell of this column."""
        masked = "masked" if self.field is not None and mask_of(self.field) else ""
        if self.on_phone is None:
            return f'<td{_css(masked)} data-label="{escape(self.label)}">'
        return f"<td{_css(masked)}>" if self.on_phone else f"<td{_css('spare', masked)}>"


def _css(*names: str) -> str:
    said = " ".join(name for name in names if name)
    return f' class="{said}"' if said else ""


def rows_html(address: str, columns: Sequence[Column], rows: Sequence[Sequence[Any]]) -> list[SafeString]:
    """The rows of the list: a template's loops take five times as long for a page of cells. Every part is escaped here."""
    before, after = escape(address).split(str(ANY_KEY))
    first, *others = [(column.cell(), writer(column.field)) for column in columns]
    named = columns[0].field
    # A row that is called by its number says of what.
    kind = f"{escape(capfirst(str(named.model._meta.verbose_name)))} " if named is not None and named.primary_key else ""
    listed = []
    for key, head, *values in rows:
        rest = "".join([f"{cell}{escape(write(value))}</td>" for (cell, write), value in zip(others, values, strict=True)])
        row = f'<tr>{first[0]}<a href="{before}{key}{after}">{kind}{escape(first[1](head))}</a></td>{rest}</tr>'
        listed.append(mark_safe(row))  # noqa: S308
    return listed
