"""One click, without cookie or sign-in (RFC 8058). Looking changes nothing; tokens stay out of the logs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from customers.doors.pages import public_page
from privacy.optouts import actions
from privacy.optouts.errors import AlreadyWithdrawn, BadToken, NoSubject, NotAsked
from privacy.optouts.models import Channel, OptOut, OptOutSource, Purpose
from privacy.optouts.policies import Subject, read_one_click_token, read_withdrawal_token

# What a customer reads: what we do no more, and what we may do again.
NO_MORE = {
    Purpose.SPECIAL_OFFERS: "send you no more special offers",
    Purpose.NEWSLETTER: "send you no more newsletters",
    Purpose.CATALOGUE: "send you no more catalogues",
    Purpose.MARKETER_SHARING: "no longer share your data with other marketers",
    Purpose.WEB_ANALYTICS: "no longer use your data for web analytics",
    Purpose.SURVEYS: "send you no more surveys",
    Purpose.ALL: "send you no more offers, newsletters, catalogues or surveys",
}
AGAIN = {
    Purpose.SPECIAL_OFFERS: "send you special offers",
    Purpose.NEWSLETTER: "send you the newsletter",
    Purpose.CATALOGUE: "send you the catalogue",
    Purpose.MARKETER_SHARING: "share your data with other marketers",
    Purpose.WEB_ANALYTICS: "use your data for web analytics",
    Purpose.SURVEYS: "send you surveys",
    Purpose.ALL: "send you offers, newsletters, catalogues and surveys",
}


# What every purpose covers besides, where it is not of one channel alone.
AND_NO_MORE = ", and no longer share your data with other marketers or use them for web analytics"
AND_AGAIN = ", share your data with other marketers and use them for web analytics"


def _said(words: dict[Purpose, str], purpose: str, channel: str, *, besides: str) -> str:
    if channel != Channel.ALL:
        return f"{words[Purpose(purpose)]} by {Channel(channel).label}"
    return words[Purpose(purpose)] + (besides if purpose == Purpose.ALL else "")


@csrf_exempt  # RFC 8058: the mailbox provider posts without any cookie; the token itself is the proof
@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    """GET: a page with one button. POST: opted out, now; again and again it answers 200 and changes nothing.

    A POST says exactly List-Unsubscribe=One-Click (RFC 8058), as the button does; any other changes nothing and answers 400.
    """
    now = timezone.now()
    try:
        choice = read_one_click_token(token)
        subject = Subject.of_email(choice.address)
    except (BadToken, NoSubject):
        return _page(request, "privacy/optouts/bad_link.html", {}, status=404)
    done = request.method == "POST" and request.POST.getlist("List-Unsubscribe") == ["One-Click"]
    if done:
        actions.opt_out(
            subject,
            channel=choice.channel,
            purpose=choice.purpose,
            source=OptOutSource.ONE_CLICK,
            received_at=now,
            now=now,
            evidence="one-click link",
        )
    context = {"done": done, "no_more": _said(NO_MORE, choice.purpose, choice.channel, besides=AND_NO_MORE)}
    said_otherwise = request.method == "POST" and not done
    return _page(request, "privacy/optouts/one_click.html", context, status=400 if said_otherwise else 200)


@public_page
@require_http_methods(["GET", "HEAD", "POST"])
def again(request: HttpRequest, token: str) -> HttpResponse:
    """The second step of withdrawing an opt-out: the person confirms by the link that we sent to their address."""
    now = timezone.now()
    try:
        wish = OptOut.objects.filter(pk=read_withdrawal_token(token, now=now)).first()
    except BadToken:
        wish = None
    if wish is None:
        return _page(request, "privacy/optouts/bad_link.html", {}, status=404)
    done = wish.withdrawn_at is not None
    if request.method == "POST" and not done:
        try:
            actions.confirm_withdrawal(wish.pk, now=now)
        except (AlreadyWithdrawn, NotAsked):
            return _page(request, "privacy/optouts/bad_link.html", {}, status=404)
        done = True
    context = {"done": done, "again": _said(AGAIN, wish.purpose, wish.channel, besides=AND_AGAIN)}
    return _page(request, "privacy/optouts/again.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    answer = render(request, template, context, status=status)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex"
    # Django would log the address of a 404, and with it the token.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer
