"""The admin of this house: tables are read, verbs change them (HOUSE.md, style 2)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import NoReverseMatch


class ReadOnlyAdmin(admin.ModelAdmin):
    """A table that can be looked at by those whose grants give `view_…`, and changed by nobody here."""

    actions = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

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
