"""Reads about identity providers, their users and groups."""

from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from privacy.access.models import DeniedAttempt, Entitlement, GroupEligibility, ScimClient, ScimGroup, ScimMember, ScimUser
from privacy.workforce.models import Employee

# What Employee holds of a person, as JSON; the same as actions.scim_words.facts_of.
FACTS = """jsonb_build_object('login', e.login, 'name', e.name, 'email', e.email, 'type', e.worker_type,
    'function', e.job_function_id, 'department', e.department_id, 'manager', e.manager_id,
    'active', (e.left_at IS NULL OR e.left_at > %(now)s) AND (e.ends_on IS NULL OR e.ends_on >= %(day)s))"""
_BEHIND = f"""
    SELECT s.id, e.id FROM privacy_scimuser s JOIN privacy_employee e ON e.id = s.employee_id
    WHERE s.deleted_at IS NULL AND s.told->'facts' IS DISTINCT FROM {FACTS}
    UNION ALL
    SELECT NULL, e.id FROM privacy_employee e
    LEFT JOIN (
        SELECT employee_id, bool_or(deleted_at IS NULL) AS live FROM privacy_scimuser GROUP BY employee_id
    ) known ON known.employee_id = e.id
    WHERE known.employee_id IS NULL OR (NOT known.live AND e.left_at IS NULL)
"""  # noqa: S608 - constants


def people_behind(*, now: datetime) -> list[tuple[int | None, int]]:
    """People whose ScimUser does not say what this house knows of them now: (its key, the employee's); None: it has none yet.

    Somebody who was deleted through SCIM and has not come back needs none.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BEHIND, {"now": now, "day": timezone.localdate(now)})
        return list(cursor.fetchall())


def live_users() -> QuerySet[ScimUser]:
    """Users that identity providers see: everybody but those they deleted, whether active or not."""
    return ScimUser.objects.filter(deleted_at=None)


def groups_of(users: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Groups of these users (keys): user → (uid, display name) of each, by name."""
    found: dict[int, list[tuple[str, str]]] = {}
    rows = ScimMember.objects.filter(user__in=users).order_by("group__display_name", "group_id")
    for user_id, uid, name in rows.values_list("user_id", "group__uid", "group__display_name"):
        found.setdefault(user_id, []).append((str(uid), name))
    return found


def members_of(groups: list[int]) -> dict[int, list[str]]:
    """Members of these groups (keys): group → uid of each, in the order in which they were added."""
    found: dict[int, list[str]] = {}
    rows = ScimMember.objects.filter(group__in=groups, user__deleted_at=None).order_by("pk")
    for group_id, uid in rows.values_list("group_id", "user__uid"):
        found.setdefault(group_id, []).append(str(uid))
    return found


def list_scim_clients() -> QuerySet[ScimClient]:
    """Identity providers: those at work first, with how many users and groups each told us of last."""
    counted = ScimClient.objects.select_related("made_by", "revoked_by").annotate(
        told_users=Count("users", filter=Q(users__deleted_at=None), distinct=True), told_groups=Count("groups", distinct=True)
    )
    return counted.order_by("revoked_at", "name")


def list_scim_groups() -> QuerySet[ScimGroup]:
    """Groups of identity providers, with how many members each has and what they are eligible for."""
    counted = ScimGroup.objects.select_related("told_by").annotate(member_count=Count("members", distinct=True))
    return counted.prefetch_related("eligible_for__entitlement__system").order_by("display_name", "pk")


def eligible_through_groups(employee: Employee) -> QuerySet[Entitlement]:
    """What this person is offered first when they ask for access, because of groups. Offered, never given (statement E.1)."""
    groups = ScimMember.objects.filter(user__employee=employee, user__deleted_at=None).values("group")
    offered = GroupEligibility.objects.filter(group__in=groups).values("entitlement")
    return Entitlement.objects.filter(pk__in=offered).select_related("system").order_by("name")


def who_had_left(users: set[UUID], *, at: datetime) -> frozenset[str]:
    """Which of these users (uids) are known here, by now, to have left. Asked when a request reaches us: what is not known yet
    is known after it.
    """
    if not users:
        return frozenset()
    found = live_users().filter(uid__in=users).select_related("employee")
    return frozenset(str(row.uid) for row in found if row.employee.has_left(at=at))


def client_of(token_digest: bytes) -> ScimClient | None:
    """The client at work whose token has that digest."""
    return ScimClient.objects.filter(token_digest=token_digest, revoked_at=None).first()


def refused_scim_tokens(*, address: str, since: datetime) -> int:
    """How many refusals at the door of SCIM were written down for that network address since that instant."""
    refused = DeniedAttempt.objects.filter(at__gt=since, address=address or None, path__startswith="/scim/")
    return refused.count()
