"""The data map as a page: what is held, where, from whom, for how long."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from customers.doors.pages import staff_page
from customers.queries import TooSlow
from privacy.datamap import queries
from privacy.datamap.policies import RETENTION


@staff_page()
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every category of the statement with the tables and columns that hold it. Says what is held, never a value."""
    categories = queries.by_category()
    names = {table.name for held in categories for table in held.tables}
    now = timezone.now()
    try:
        ahead = queries.retention_ahead(on=timezone.localdate(now))
    except TooSlow:
        ahead = None
    context = {
        "now": now,
        "title": "Data map",
        "section": "settings",
        "categories": categories,
        "may_open": {name for name in names if request.user.has_perm(name.replace(".", ".view_"))},
        "retention": RETENTION,
        "ahead": ahead,
        "ahead_months": ahead
        and [("too long", ahead.past, "bad"), *((f"{month:%b %Y}", count, "") for month, count in ahead.by_month)],
    }
    return render(request, "privacy/datamap/overview.html", context)
