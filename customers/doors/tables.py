"""The admin of this house: tables are read, verbs change them (HOUSE.md, style 2)."""

import logging
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import label_for_field, lookup_field
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import DataError
from django.db.models import ForeignKey, Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import NoReverseMatch
from django.utils.html import strip_tags
from django.utils.text import capfirst

from customers.doors.cells import writer
from customers.doors.exports import PIECE, cell_writer, csv_answer

logger = logging.getLogger(__name__)
Line = TypeVar("Line")


class _RowForm(forms.ModelForm):
    """What the columns of a row are called, where the column's own name is a programmer's word."""

    class Meta:
        labels: ClassVar[dict[str, str]] = {
            "email": "E-mail",
            "ended_reason": "Why it ended",
            "last_login": "Last sign-in",
            "session_epoch": "How often every session was ended",
            "sha256": "SHA-256",
            "is_significant": "Significant",
        }


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table that can be looked at by those whose grants give `view_…`, and changed by nobody here."""

    actions = None
    form = _RowForm
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> Any:
        """Nothing is deleted here. The stock page would load the record first, whatever is in it."""
        raise PermissionDenied

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The list; sent by its button, the list as a file: every row that answers to the search and the filters."""
        if request.method == "POST" and "csv" in request.POST:
            return self.as_csv(request)
        try:
            return super().changelist_view(request, extra_context)
        except (ValueError, OverflowError, DataError) as error:
            # A filter that the address asks for and no database can: a year without an end. As Django does with the others.
            if request.method != "GET" or not request.GET or ERROR_FLAG in request.GET:
                raise
            logger.info("a filter of %s is none: %s", request.path, error)
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    def as_csv(self, request: HttpRequest, rows: QuerySet[Any] | None = None) -> HttpResponseBase:
        """rows: those that a page with a shape of its own shows; None: those that the list's address asks for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if rows is None:
            try:
                rows = self.get_changelist_instance(request).queryset
            except IncorrectLookupParameters:
                return super().changelist_view(request)  # which sends back to the list
        elif not isinstance(self.list_select_related, bool):
            rows = rows.select_related(*self.list_select_related)
        columns = list(self.get_list_display(request))
        header = [capfirst(str(label_for_field(name, self.model, self))) for name in columns]
        cells = [self._cell(name) for name in columns]
        lines = ([cell(record) for cell in cells] for record in rows.iterator(PIECE))
        return csv_answer(request, self.model, header, in_pieces(lines), permissions=[self.view_permission()])

    def view_permission(self) -> str:
        return f"{self.opts.app_label}.view_{self.opts.model_name}"

    def _cell(self, name: Any) -> Callable[[Model], str]:
        """How that column of a record is written: what depends on the column is decided once, for however many rows."""
        try:
            field: Any = self.opts.get_field(name)
        except FieldDoesNotExist:  # a method of the admin or of the record
            write = cell_writer(None, lambda said: strip_tags(str(said)))
            return lambda record: write(lookup_field(name, record, self)[2])
        if isinstance(field, ForeignKey):
            return lambda record: str(getattr(record, name) or "")
        write = cell_writer(field, writer(field))
        return lambda record: write(getattr(record, name))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The ledger's page about this record. Whoever may not see the table does not learn which records there are."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        record = self.get_object(request, object_id)
        if record is None:
            raise Http404
        try:
            return redirect("desk:timeline", label=self.model._meta.label_lower, pk=record.pk)
        except NoReverseMatch as error:
            raise Http404 from error

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        raise AssertionError("tables are changed by verbs, never by the admin")

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        raise AssertionError("tables are changed by verbs, never by the admin")


def csv_of(request: HttpRequest, rows: QuerySet[Any]) -> HttpResponseBase:
    """These rows of a page with a shape of its own, in their order, as the list of their table writes them, for those who may see
    that table.
    """
    table: Any = admin.site.get_model_admin(rows.model)
    answer: HttpResponseBase = table.as_csv(request, rows)
    return answer


def in_pieces(lines: Iterator[Line], size: int | None = None) -> Iterator[list[Line]]:
    """`size` of them at a time; PIECE where nothing is said."""
    while piece := list(islice(lines, size or PIECE)):
        yield piece
