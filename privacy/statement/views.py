"""Doors: the public statement, and posting a new version."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from customers.doors.pages import public_page, staff_page
from privacy.statement import queries
from privacy.statement.actions import post_version
from privacy.statement.errors import AnotherTakesEffectThen, NothingChanged, TakesEffectInThePast, TooShortNotice
from privacy.statement.forms import PostVersionForm
from privacy.statement.models import StatementVersion


@public_page
@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The version in force, what is coming, what was earlier: always posted (statement K)."""
    now = timezone.now()
    version = get_object_or_404(StatementVersion.objects.in_force(at=now))
    return _page(request, version)


@public_page
@require_safe
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Any version that is posted."""
    return _page(request, get_object_or_404(StatementVersion, pk=pk))


@public_page
@require_safe
def changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What a version changed, beside the one before it."""
    version = get_object_or_404(StatementVersion, pk=pk)
    before = queries.version_before(version)
    lines = queries.differences(before, version) if before else []
    return render(
        request,
        "privacy/statement/changes.html",
        {"version": version, "before": before, "lines": lines, "title": "What changed in the privacy statement"},
    )


@staff_page("privacy.manage_settings")
@require_http_methods(["GET", "POST"])
def post(request: HttpRequest) -> HttpResponse:
    """Post a new version."""
    now = timezone.now()
    newest = StatementVersion.objects.order_by("-takes_effect_at").first()
    form = PostVersionForm(
        request.POST or None, initial={"title": newest.title if newest else "", "text": newest.text if newest else ""}
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = post_version(**form.cleaned_data, by=request.user, now=now)  # type: ignore[misc]
        except (TooShortNotice, TakesEffectInThePast, AnotherTakesEffectThen) as refusal:
            form.add_error("takes_effect_at", str(refusal))
        except NothingChanged as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(
                request,
                f"Posted: customers can read it now. It takes effect on {timezone.localtime(version.takes_effect_at):%-d %B %Y}.",
            )
            return redirect("statement:post")
    context = {
        "form": form,
        "title": "Post a version of the statement",
        "section": "settings",
        "versions": StatementVersion.objects.all(),
        "now": now,
    }
    return render(request, "privacy/statement/post.html", context, status=422 if form.errors else 200)


def _page(request: HttpRequest, version: StatementVersion) -> HttpResponse:
    now = timezone.now()
    context = {
        "version": version,
        "is_current": StatementVersion.objects.in_force(at=now).filter(pk=version.pk).exists(),
        "is_coming": version.takes_effect_at > now,
        "html": queries.as_html(version.text),
        "sections": queries.sections(version.text),
        "coming": StatementVersion.objects.coming(at=now),
        "earlier": StatementVersion.objects.earlier(at=now),
        "title": version.title,
    }
    return render(request, "privacy/statement/statement.html", context)
