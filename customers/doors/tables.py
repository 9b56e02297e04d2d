"""The admin of this house: tables are read, verbs change them (HOUSE.md, style 2)."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest


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

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        raise AssertionError("tables are changed by verbs, never by the admin")

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        raise AssertionError("tables are changed by verbs, never by the admin")
