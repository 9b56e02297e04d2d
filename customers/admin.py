"""Tables of customers' data. Rows are read here, masked; what may be done for a customer is done on the page about them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from customers.classification import Category
from customers.doors.masked_tables import MaskedTableAdmin, page_about
from customers.doors.masks import may_see, search_subject, searched, searching
from customers.doors.paging import number
from customers.models import (
    Address,
    Contest,
    ContestEntry,
    Contribution,
    CookieLink,
    CookieTag,
    Customer,
    EmailOpen,
    Order,
    OrderLine,
    PaymentMethod,
    Referral,
    SiteVisit,
    SurveyEntry,
)
from customers.queries import Page, TooMany, TooSlow, search_customers


@admin.register(Customer)
class CustomerAdmin(MaskedTableAdmin):
    columns = ("member_id", "name", "email", "phone", "preferred_contact", "source", "collected_at")
    filters = ("preferred_contact", "source")
    on_phone = ("name", "email", "phone")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        if request.method == "POST" and "csv" not in request.POST and self.has_view_permission(request):
            return self.searched(request)
        return super().changelist_view(request, extra_context)

    def searched(self, request: HttpRequest) -> HttpResponse:
        """A search comes by POST, so that no name or address stands in an address bar, a log or a history (ASVS 14.2.1)."""
        asked = request.POST.get("asked", "").strip()[:200]
        if not asked:
            return self.listed(request)
        problem, page = "", Page((), None, None)
        try:
            searching.send(Customer, request=request)
        except TooMany as error:
            return self.render_list(request, page, asked=asked, problem=str(error), about=None)
        by_parts = may_see(request, Category.CONTACT)
        try:
            page = search_customers(
                asked,
                [column.path for column in self.list_columns()],
                by_parts=by_parts,
                filters=self.chosen_filters(request),
                after=number(request.POST.get("after")),
            )
        except TooSlow as error:
            problem = str(error)
        # Written down before anything is shown: whoever cannot write raises.
        try:
            searched.send(Customer, request=request, subject=search_subject("customers", asked), rows=len(page.rows))
        except TooMany as error:
            problem, page = str(error), Page((), None, None)
        return self.render_list(request, page, asked=asked, problem=problem, about=None)

    def render_list(self, request: HttpRequest, page: Page, **extra: object) -> HttpResponse:
        """With the way to the export, for those who may: it asks for a reason and answers with a stream."""
        address = ""
        if request.user.has_perm("customers.export_customers"):
            try:
                address = reverse("access:export_customers")
            except NoReverseMatch:
                pass
        whole_only = not may_see(request, Category.CONTACT)
        return super().render_list(request, page, export_address=address, whole_only=whole_only, **extra)

    def address_of(self, pk: int) -> str:
        """The page about the person, where there is one; the bare record otherwise."""
        return page_about(pk) or super().address_of(pk)


@admin.register(Address)
class AddressAdmin(MaskedTableAdmin):
    columns = ("customer", "kind", "line1", "city", "region", "postal_code", "source", "collected_at")
    filters = ("kind", "source")
    on_phone = ("kind", "postal_code", "collected_at")


@admin.register(PaymentMethod)
class PaymentMethodAdmin(MaskedTableAdmin):
    columns = ("customer", "processor", "brand", "last_four", "collected_at", "replaced_at")


@admin.register(Order)
class OrderAdmin(MaskedTableAdmin):
    columns = ("number", "customer", "state", "total", "currency", "collected_at")
    filters = ("state",)
    on_phone = ("customer", "collected_at")


@admin.register(OrderLine)
class OrderLineAdmin(MaskedTableAdmin):
    columns = ("order__number", "item_code", "item_name", "quantity", "unit_price")


@admin.register(SurveyEntry)
class SurveyEntryAdmin(MaskedTableAdmin):
    columns = ("survey", "anonymous", "customer", "answers", "consented_at")
    filters = ("anonymous",)


@admin.register(Contest)
class ContestAdmin(MaskedTableAdmin):
    columns = ("code", "title", "closes_on", "awarded_on")


@admin.register(ContestEntry)
class ContestEntryAdmin(MaskedTableAdmin):
    columns = ("contest__code", "customer", "name", "consented_at", "won", "notified_at")
    filters = ("won",)


@admin.register(Contribution)
class ContributionAdmin(MaskedTableAdmin):
    columns = ("customer", "place", "topic", "collected_at")
    filters = ("place",)


@admin.register(SiteVisit)
class SiteVisitAdmin(MaskedTableAdmin):
    columns = ("customer", "address", "browser", "page", "page_views", "signed_in", "collected_at")
    on_phone = ("address", "collected_at")


@admin.register(CookieTag)
class CookieTagAdmin(MaskedTableAdmin):
    columns = ("code", "kind", "setter", "purpose", "what_for", "lifetime_days", "in_use_from", "in_use_until")
    filters = ("kind", "purpose")


@admin.register(CookieLink)
class CookieLinkAdmin(MaskedTableAdmin):
    columns = ("customer", "tag__code", "last_seen_at", "collected_at")


@admin.register(EmailOpen)
class EmailOpenAdmin(MaskedTableAdmin):
    columns = ("customer", "campaign", "sales_amount", "collected_at")
    leaves_as_file = False  # who opened what leaves in sums only (statement A.2c)


@admin.register(Referral)
class ReferralAdmin(MaskedTableAdmin):
    columns = ("referrer", "friend_name", "friend_email", "invited_at", "joined_at", "removal_asked_at", "removed_at")
