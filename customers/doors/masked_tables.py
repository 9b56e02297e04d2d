"""Tables of customers' data, as anybody with `view_…` sees them: light pages by key, every value masked (SCREENS.md)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from allauth.core.exceptions import ReauthenticationRequired
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils.text import capfirst

from customers.classification import Category
from customers.doors.cells import label_of, shown, writer
from customers.doors.columns import ANY_KEY, Column, rows_html
from customers.doors.exports import PIECE, cell_writer, csv_answer
from customers.doors.masks import NOTHING, category_of, may_see
from customers.doors.pages import recently_proven
from customers.doors.paging import number
from customers.doors.tables import ReadOnlyAdmin, in_pieces
from customers.queries import DEEPEST_JUMP, PAGE_SIZE, Page, TooSlow, about_how_many, page_of


@dataclass(frozen=True)
class Choice:
    label: str
    query: str
    chosen: bool


@dataclass(frozen=True)
class Holding:
    """What a record holds of one category: labels with masked values; may_see: whether this person may ask for a reveal."""

    category: Category | None
    facts: Sequence[tuple[str, str]]
    may_see: bool


class MaskedTableAdmin(ReadOnlyAdmin):
    """columns: those of the list (`customer` shows the member id, `assignee__login` the assignee by their login).
    filters: those with choices, or yes and no.

    on_phone: the few columns that tell rows apart; on a phone the others are left to the row's own page. Empty: all stay.
    leaves_as_file: whether the list can be taken along at all.
    """

    columns: Sequence[str] = ()
    filters: Sequence[str] = ()
    on_phone: Sequence[str] = ()
    leaves_as_file = True
    list_template = "admin/customers/table.html"
    record_template = "admin/customers/record.html"

    # --- the list -----------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST" and "csv" in request.POST:
            return self.as_csv(request)
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self.listed(request)

    def needed_for_csv(self) -> list[str]:
        """What customers gave us leaves in bulk only with the grant for it, masked or not; our own work, as it is seen."""
        of_customers = ["customers.export_customers"] if self.opts.app_label == "customers" else []
        return [self.view_permission(), *of_customers]

    def may_take_along(self, request: HttpRequest) -> bool:
        return self.leaves_as_file and all(request.user.has_perm(permission) for permission in self.needed_for_csv())

    def as_csv(self, request: HttpRequest, rows: "models.QuerySet[Any] | None" = None) -> HttpResponseBase:
        if not self.may_take_along(request):
            raise PermissionDenied
        if self.opts.app_label == "customers" and not recently_proven(request):
            raise ReauthenticationRequired  # as before the export of the whole list of customers
        columns = self.list_columns()
        if rows is None:
            found = _newest_first(self.model._default_manager.filter(**self.chosen_filters(request)), columns)
        else:
            found = rows.values_list(*(column.read for column in columns)).iterator(PIECE)
        cells = [cell_writer(column.field, writer(column.field)) for column in columns]
        lines = ([cell(value) for cell, value in zip(cells, values, strict=True)] for values in found)
        header = [column.label for column in columns]
        return csv_answer(request, self.model, header, in_pieces(lines), permissions=self.needed_for_csv())

    def listed(self, request: HttpRequest, **extra: Any) -> HttpResponse:
        """The page of the list that the address asks for."""
        problem, page = "", Page((), None, None)
        try:
            page = page_of(
                self.model._default_manager.filter(**self.chosen_filters(request)).order_by(),
                [column.read for column in self.list_columns()],
                after=number(request.GET.get("after")),
                before=number(request.GET.get("before")),
                page=number(request.GET.get("page")),
            )
        except TooSlow as error:
            problem = str(error)
        return self.render_list(request, page, problem=problem, **extra)

    def render_list(self, request: HttpRequest, page: Page, **extra: Any) -> HttpResponse:
        columns = self.list_columns()
        about = about_how_many(self.model)
        address = self.address_of(ANY_KEY)
        context = {
            **self.page_context(),
            "title": capfirst(self.model._meta.verbose_name_plural),
            "section": "customers",
            "opts": self.model._meta,
            "labels": [column.label for column in columns],
            "rows": rows_html(address, columns, page.rows),
            "page": page,
            "about": about if about >= PAGE_SIZE else None,
            "filters": self.filter_choices(request),
            "filter_query": _query(request, *self.filters),
            "may_csv": self.may_take_along(request),
            "kept_filters": [(name, request.GET[name]) for name in self.chosen_filters(request)],
            "deepest": DEEPEST_JUMP,
            "list_address": self.list_address(),
            **extra,
        }
        return TemplateResponse(request, self.list_template, context)

    def page_context(self) -> dict[str, Any]:
        """What the admin's base page needs; its list of every table of every app, which takes longest, is not shown here."""
        site = self.admin_site
        return {"site_title": site.site_title, "site_header": site.site_header, "has_permission": True, "is_popup": False}

    def list_columns(self) -> list[Column]:
        meta = self.model._meta
        listed: list[Column] = []
        for column in self.columns:
            name, _, named_by = column.partition("__")
            field = meta.get_field(name)
            label = label_of(field)  # type: ignore[arg-type]
            on_phone = name in self.on_phone if self.on_phone and listed else None
            if isinstance(field, models.ForeignKey):
                key = "member_id" if field.related_model._meta.model_name == "customer" else "pk"
                listed.append(Column(label, f"{name}__{named_by or key}", None, on_phone))
            else:
                listed.append(Column(label, name, field, on_phone))  # type: ignore[arg-type]
        return listed

    def list_address(self) -> str:
        return reverse(f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_changelist")

    def address_of(self, pk: int) -> str:
        """Where a row leads to."""
        meta = self.model._meta
        return reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[pk])

    def chosen_filters(self, request: HttpRequest) -> dict[str, Any]:
        """Only columns named in `filters`, only values that they can have: an address never becomes a query by itself."""
        chosen: dict[str, Any] = {}
        for name in self.filters:
            for value, _label in self._values(name):
                if request.GET.get(name) == str(value):
                    chosen[name] = value
        return chosen

    def filter_choices(self, request: HttpRequest) -> list[tuple[str, list[Choice]]]:
        chosen = self.chosen_filters(request)
        found = []
        for name in self.filters:
            others = _query(request, *(other for other in self.filters if other != name))
            options = [Choice("All", others, name not in chosen)]
            for value, label in self._values(name):
                options.append(Choice(capfirst(str(label)), f"{others}{name}={value}&", chosen.get(name) == value))
            found.append((capfirst(str(self.model._meta.get_field(name).verbose_name)), options))  # type: ignore[union-attr]
        return found

    def _values(self, name: str) -> list[tuple[Any, Any]]:
        field = self.model._meta.get_field(name)
        if isinstance(field, models.BooleanField):
            return [(True, "yes"), (False, "no")]
        return list(field.flatchoices)  # type: ignore[union-attr]

    # --- one record ---------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        record = self.record(request, object_id)
        context = {
            **self.page_context(),
            "title": capfirst(str(record)),
            "section": "customers",
            "opts": self.model._meta,
            "record": record,
            "list_address": self.list_address(),
            "customer_address": self.customer_address(request, record),
            "subject_label": self.model._meta.label_lower,
            "subject_pk": record.pk,
            "holdings": self.holdings(request, record),
        }
        return TemplateResponse(request, self.record_template, context)

    def customer_address(self, request: HttpRequest, record: models.Model) -> str:
        """The page about the customer whose record this is: empty where it is nobody's, or not for this person to see."""
        pk = record.pk if self.model._meta.model_name == "customer" else getattr(record, "customer_id", None)
        return page_about(pk) if pk and request.user.has_perm("customers.view_customer") else ""

    def record(self, request: HttpRequest, object_id: str) -> Any:
        if request.method not in ("GET", "HEAD") or not self.has_view_permission(request):
            raise PermissionDenied
        pk = number(object_id)
        if pk is None:
            raise Http404
        record = sealed_rows(self.model).filter(pk=pk).first()
        if record is None:
            raise Http404
        return record

    def holdings(self, request: HttpRequest, record: models.Model) -> list[Holding]:
        grouped: dict[Category | None, list[tuple[str, str]]] = {}
        for field in record._meta.concrete_fields:
            if field.primary_key:
                continue
            category = category_of(field)
            label = label_of(field)
            if isinstance(field, models.BinaryField):
                value = "•••"
            elif isinstance(field, models.ForeignKey):
                related = sealed_rows(field.related_model).filter(pk=getattr(record, field.attname)).first()
                value = str(related) if related else NOTHING
            else:
                value = shown(getattr(record, field.attname), field)
            grouped.setdefault(category, []).append((label, value))
        return [
            Holding(category, facts, category is not None and may_see(request, category)) for category, facts in grouped.items()
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The ledger's page about this record, for those who may read the ledger."""
        record = self.record(request, object_id)
        try:
            return redirect("desk:timeline", label=self.model._meta.label_lower, pk=record.pk)
        except NoReverseMatch as error:
            raise Http404 from error


def sealed_rows(model: type[models.Model]) -> "models.QuerySet[Any]":
    """Rows whose encrypted columns are left where they are: nothing here needs them in clear, and one may be damaged."""
    sealed = [field.name for field in model._meta.concrete_fields if isinstance(field, models.BinaryField)]
    return model._default_manager.defer(*sealed)


def page_about(customer_pk: int) -> str:
    """The address of the page about one customer: empty where no such page is installed."""
    try:
        return reverse("desk:person", args=[customer_pk])
    except NoReverseMatch:
        return ""


def _newest_first(rows: "models.QuerySet[Any]", columns: Sequence[Column]) -> Iterator[Sequence[Any]]:
    """The values of a whole table, however large: PIECE of them in a short query of its own, so that nothing is sorted or kept
    behind a slow reader.
    """
    found = rows.order_by("-pk").values_list("pk", *(column.read for column in columns))
    piece = list(found[:PIECE])
    while piece:
        for _, *values in piece:
            yield values
        piece = list(found.filter(pk__lt=piece[-1][0])[:PIECE])


def _query(request: HttpRequest, *names: str) -> str:
    """The filters of this address that stay, ready to be followed by another: "source=shipper&"."""
    kept = {name: request.GET[name] for name in names if request.GET.get(name, "").isidentifier()}
    return "".join(f"{name}={value}&" for name, value in kept.items())
