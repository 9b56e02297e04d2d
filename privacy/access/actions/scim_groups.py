"""Groups of identity providers: who is in them, and what that makes people eligible for. A group never gives access."""

import unicodedata
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import connection

from customers.cards import is_called_like_a_card
from privacy.access import errors
from privacy.access.actions.scim import SOURCE, touch_users
from privacy.access.actions.scim_words import Resource, without_card_numbers
from privacy.access.actions.systems import check_administers
from privacy.access.models import Entitlement, GroupEligibility, ScimClient, ScimGroup, ScimMember
from privacy.access.queries.scim import live_users
from privacy.ledger.actions import act
from privacy.workforce.models import Employee

_ONE_NEW_GROUP_AT_A_TIME = 7_643_4_2  # an advisory lock: of two requests for the same group the second sees the first


def _name_in(resource: Resource) -> str:
    name = " ".join(unicodedata.normalize("NFC", str(resource.get("displayName") or "")).split())
    if not name or len(name) > 200:
        raise errors.ToldOtherwise("displayName is needed: 1 to 200 characters.")
    if is_called_like_a_card(name):
        raise errors.ToldOtherwise("displayName looks like a card number.")
    if len(str(resource.get("externalId") or "")) > 200:
        raise errors.ToldOtherwise("externalId is too long: 200 characters at most.")
    return name


def _users(members: Iterable[str]) -> set[int]:
    """The keys of these users (by uid). Raises NoSuchMember."""
    asked: dict[UUID, str] = {}
    for value in members:
        try:
            asked[UUID(value)] = value
        except (ValueError, TypeError):
            raise errors.NoSuchMember(str(value)) from None
    found = dict(live_users().filter(uid__in=asked).values_list("uid", "pk"))
    for uid, value in asked.items():
        if uid not in found:
            raise errors.NoSuchMember(value)
    return set(found.values())


def add_group(resource: Resource, members: Iterable[str], *, client: ScimClient, now: datetime) -> ScimGroup:
    """A group, with these users (uids) in it. Raises ToldOtherwise, NoSuchMember, GroupTold.

    A client that heard no answer tells of a group once more: one of the same name and external id is that group.
    """
    with act("add_scim_group", by=None, client=client.pk, source=SOURCE):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ONE_NEW_GROUP_AT_A_TIME])
        name, external_id = _name_in(resource), str(resource.get("externalId") or "")
        if ScimGroup.objects.filter(told_by=client, display_name__iexact=name, external_id=external_id).exists():
            raise errors.GroupTold
        users = _users(members)
        group = ScimGroup.objects.create(
            display_name=name,
            external_id=external_id,
            told=without_card_numbers(resource),
            told_by=client,
            created_at=now,
            changed_at=now,
        )
        ScimMember.objects.bulk_create([ScimMember(group=group, user_id=user) for user in sorted(users)], batch_size=1000)
        touch_users(users, now=now)
        return group


def change_group(
    uid: str, resource: Resource, members: Iterable[str], *, client: ScimClient, now: datetime, version: int | None = None
) -> ScimGroup:
    """The group as it is told now, members included. Raises NoSuchUser, Outdated, ToldOtherwise, NoSuchMember."""
    with act("change_scim_group", by=None, client=client.pk, source=SOURCE):
        group = lock_group(uid)
        if version is not None and group.version != version:
            raise errors.Outdated
        name = _name_in(resource)
        renamed = name != group.display_name
        wanted, there = _users(members), set(group.members.values_list("user_id", flat=True))  # type: ignore[attr-defined]
        ScimMember.objects.filter(group=group, user__in=there - wanted).delete()
        ScimMember.objects.bulk_create(
            [ScimMember(group=group, user_id=user) for user in sorted(wanted - there)], batch_size=1000, ignore_conflicts=True
        )
        touch_users(there | wanted if renamed else there ^ wanted, now=now)
        group.display_name, group.external_id = name, str(resource.get("externalId") or "")
        group.told, group.told_by = without_card_numbers(resource), client
        group.version, group.changed_at = group.version + 1, now
        group.save()
        return group


def remove_group(uid: str, *, client: ScimClient, now: datetime, version: int | None = None) -> None:
    """The group is gone, with what it made people eligible for. Raises NoSuchUser, Outdated."""
    with act("remove_scim_group", by=None, client=client.pk, source=SOURCE):
        group = lock_group(uid)
        if version is not None and group.version != version:
            raise errors.Outdated
        touch_users(list(group.members.values_list("user_id", flat=True)), now=now)  # type: ignore[attr-defined]
        ScimGroup.objects.filter(pk=group.pk).delete()


def lock_group(uid: str) -> ScimGroup:
    """The group, locked. Raises NoSuchUser."""
    group = ScimGroup.objects.select_for_update().filter(uid=uid).first()
    if group is None:
        raise errors.NoSuchUser
    return group


def make_eligible(group_id: int, entitlement: Entitlement, *, by: Employee, now: datetime) -> GroupEligibility:
    """Members of the group are offered this first when they ask for access; they still ask, and are approved."""
    with act("make_eligible", by=by, group=group_id):
        check_administers(by, now=now)  # people before groups, as what a client says locks them
        group = ScimGroup.objects.select_for_update().get(pk=group_id)
        return GroupEligibility.objects.get_or_create(group=group, entitlement=entitlement)[0]


def no_longer_eligible(group_id: int, entitlement: Entitlement, *, by: Employee, now: datetime) -> None:
    """Members of the group are not offered this any more. What they have stays: it was approved for each of them."""
    with act("no_longer_eligible", by=by, group=group_id):
        check_administers(by, now=now)
        GroupEligibility.objects.filter(group=group_id, entitlement=entitlement).delete()
