"""Reads about sessions: who is signed in now, and what lies past the limits of a session (statement E.1)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import constant_time_compare

from privacy.access.policies.grants import with_the_right_to_sign_in
from privacy.workforce.models import Employee

# The job that clears ended sessions runs every ten minutes; what lies longer was not cleared.
SESSIONS_ARE_CLEARED_WITHIN = timedelta(minutes=30)
MOST_SESSIONS_LISTED = 500


@dataclass(frozen=True)
class OpenSession:
    """One session that the next request could use. ends_at: by itself, if nothing is done until then."""

    employee: Employee
    begun_at: datetime
    ends_at: datetime
    address: str | None
    user_agent: str
    is_past_a_limit: bool


def open_sessions(*, now: datetime, employee: Employee | None = None) -> list[OpenSession]:
    """Who is signed in, those past a limit first, then the newest; at most MOST_SESSIONS_LISTED.

    A session that the person's revocation, a new password, or the end of the right to sign in has ended is not open, although its
    row is still there.
    """
    past_a_limit = sessions_past_a_limit(now=now)
    theirs = UserSession.objects.filter(user__in=with_the_right_to_sign_in(at=now).order_by())
    listed = theirs.select_related("user").annotate(is_past=Exists(past_a_limit.filter(pk=OuterRef("session_key"))))
    listed = listed.order_by("-is_past", "-created_at", "-pk")
    if employee is not None:
        listed = listed.filter(user=employee)
    listed = listed.filter(session_key__in=Session.objects.filter(expire_date__gt=now).values("session_key"))
    return list(islice(_that_count(listed), MOST_SESSIONS_LISTED))


def _that_count(listed: QuerySet[Any]) -> Iterator[OpenSession]:
    found = listed.iterator(MOST_SESSIONS_LISTED)
    while rows := list(islice(found, MOST_SESSIONS_LISTED)):
        kept = Session.objects.in_bulk([row.session_key for row in rows])
        for row in rows:
            session = kept.get(row.session_key)
            if session is not None and _still_counts(session, row.user):
                yield OpenSession(row.user, row.created_at, session.expire_date, row.ip, row.user_agent, row.is_past)


def _still_counts(session: Session, employee: Employee) -> bool:
    return constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), employee.get_session_auth_hash())


def sessions_past_a_limit(*, now: datetime) -> QuerySet[Session]:
    """Sessions that could be used although they were idle or have lasted too long, or that lie about long after their end."""
    idle = timedelta(minutes=settings.SESSION_IDLE_MINUTES)
    absolute = timedelta(hours=settings.SESSION_ABSOLUTE_HOURS)
    usable = Q(expire_date__gt=now)
    signed_in = UserSession.objects.filter(session_key=OuterRef("session_key"))
    # An anonymous visitor's session (a form's token) has the absolute limit only.
    outlives = usable & Q(expire_date__gt=now + max(idle, absolute))
    idles = usable & Q(Exists(signed_in), expire_date__gt=now + idle)
    lasts = usable & Q(Exists(signed_in.filter(created_at__lt=now - absolute)))
    return Session.objects.filter(outlives | idles | lasts | Q(expire_date__lt=now - SESSIONS_ARE_CLEARED_WITHIN))
