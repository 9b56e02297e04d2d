"""The pages of other systems: connected with a secret that is never shown again, what they give, what is outstanding there."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from privacy.access import actions, errors
from privacy.access.policies.systems import address_fault
from privacy.models import (
    ChangeState,
    Drift,
    Entitlement,
    HandTask,
    Proof,
    Reconciliation,
    System,
    SystemAccount,
    SystemChange,
    SystemKind,
)
from tests.factories.access import GrantFactory, grant, sign_in
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now
SECRET = "correct horse battery staple"


@pytest.fixture
def administrator():
    person = EmployeeFactory(login="ines", name="Inés Romero")
    grant(person, "access.administer")
    return person


@pytest.fixture
def as_administrator(client, administrator):
    return sign_in(client, administrator)


@pytest.fixture
def warehouse():
    return SystemFactory(
        code="warehouse",
        name="Data warehouse",
        kind=SystemKind.POSTGRESQL,
        address="postgresql://a@db.example/shop",
        secret=SECRET,
    )


def held(system, person=None, **values):
    """A grant of something that system gives, revoked now: its removal is outstanding."""
    given = OutsideEntitlementFactory(system=system, **values)
    return GrantFactory(employee=person or EmployeeFactory(), entitlement=given)


def removal(system, *, person=None, ago=timedelta(), **values):
    """An outstanding removal there, wanted since `ago`."""
    gone = held(system, person)
    known = NOW() - ago
    with_them = {
        "system": system,
        "grant": gone,
        "employee": gone.employee,
        "entitlement": gone.entitlement,
        "account_name": gone.employee.login,
        "external_name": gone.entitlement.external_name,
        "wanted": "removed",
        "known_at": known,
        "effective_at": known,
        "enforced_at": known,
        "due_at": known + timedelta(seconds=system.bound_seconds),
        "next_try_at": NOW() + timedelta(minutes=4),
    }
    return SystemChange.objects.create(**{**with_them, **values})


def connect(client, **values):
    form = {
        "name": "Help desk",
        "code": "helpdesk",
        "kind": "scim",
        "address": "https://desk.example/scim/v2",
        "secret": SECRET,
        "reconciled": "on",
    }
    return client.post(reverse("access:connect"), {**form, **values})


# --- connecting -------------------------------------------------------------------------------------------------------


def test_a_system_is_connected_and_its_secret_is_never_shown_again(as_administrator):
    answer = connect(as_administrator)
    system = System.objects.get(code="helpdesk")
    assert answer.headers["Location"] == reverse("access:system", args=[system.pk])
    assert system.secret == SECRET
    pages = [
        reverse("access:system", args=[system.pk]),
        reverse("access:change_system", args=[system.pk]),
        reverse("access:systems"),
        reverse("admin:privacy_system_change", args=[system.pk]),
    ]
    for page in pages:
        shown = as_administrator.get(page)
        assert shown.status_code == 200
        assert SECRET not in shown.content.decode(), page


def test_a_refused_form_does_not_give_the_secret_back(as_administrator):
    answer = connect(as_administrator, address="ftp://desk.example/")
    assert answer.status_code == 400
    assert SECRET not in answer.content.decode()
    assert not System.objects.filter(code="helpdesk").exists()


def test_a_secret_is_typed_only_after_a_fresh_proof_of_who_one_is(client, administrator):
    sign_in(client, administrator, recently=False)
    for page in (reverse("access:connect"), reverse("access:change_system", args=[SystemFactory().pk])):
        assert "reauthenticate" in client.get(page).headers["Location"]


def test_a_form_that_came_too_late_leaves_its_secret_nowhere(client, administrator):
    """allauth would keep the whole form in the session while it asks again: the secret would lie there in the clear."""
    sign_in(client, administrator, recently=False)
    answer = connect(client)
    assert answer.headers["Location"] == reverse("access:connect")
    assert SECRET not in str(dict(client.session.items()))
    assert not System.objects.filter(code="helpdesk").exists()


def test_an_empty_secret_keeps_the_one_that_is_there(as_administrator, warehouse):
    form = {"name": "Warehouse", "address": warehouse.address, "secret": ""}
    as_administrator.post(reverse("access:change_system", args=[warehouse.pk]), form)
    warehouse.refresh_from_db()
    assert (warehouse.name, warehouse.secret, warehouse.reconciled) == ("Warehouse", SECRET, False)


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("postgresql", "postgresql://admin:secret@db.example/shop"),
        ("postgresql", "postgresql://db.example/shop"),
        ("postgresql", "postgresql://admin@db.example"),
        ("postgresql", "https://admin@db.example/shop"),
        ("postgresql", "postgresql://admin@db.example/shop?passfile=/etc/passwd"),
        ("postgresql", "postgresql://admin@db.example/shop?service=other"),
        ("postgresql", ""),
        ("scim", "http://desk.example/scim/v2"),
        ("scim", "file:///etc/passwd"),
        ("scim", "gopher://127.0.0.1:25/"),
        ("scim", "https://user:secret@desk.example/scim/v2"),
        ("scim", "https://desk.example/scim/v2#x"),
        ("scim", "https:///scim"),
        ("scim", "https://desk.example/scim v2"),
        ("scim", "https://[desk/"),
        ("by_hand", "javascript:alert(1)"),
    ],
)
def test_an_address_of_another_kind_is_refused(kind, address, administrator):
    assert address_fault(kind, address)
    with pytest.raises(errors.BadAddress):
        actions.connect_system(
            code="x", name="X", kind=SystemKind(kind), address=address, secret="", owner=None, by=administrator, now=NOW()
        )


@pytest.mark.parametrize(
    ("kind", "address"),
    [
        ("postgresql", "postgresql://admin@db.example:5432/shop"),
        ("postgresql", "postgresql://admin@/shop?host=/run/postgresql&sslmode=verify-full"),
        ("scim", "https://desk.example/scim/v2"),
        ("scim", "http://127.0.0.1:8099/v2"),
        ("scim", "http://localhost:8099/v2"),
        ("scim", "http://[::1]:8099/v2"),
        ("by_hand", ""),
        ("by_hand", "https://portal.example/users"),
    ],
)
def test_an_address_of_its_kind_will_do(kind, address):
    assert address_fault(kind, address) == ""


def test_this_house_is_not_connected_to_itself(administrator):
    with pytest.raises(errors.NotThisHouse):
        actions.connect_system(
            code="second-house", name="X", kind=SystemKind.HERE, address="", secret="", owner=None, by=administrator, now=NOW()
        )


def test_a_code_is_taken_once(as_administrator, warehouse):
    answer = connect(as_administrator, code=warehouse.code)
    assert answer.status_code == 400
    assert System.objects.filter(code=warehouse.code).count() == 1


def test_somebody_whose_right_has_ended_connects_nothing(administrator):
    for one in administrator.grants.all():
        actions.revoke_grant(one.pk, by=None, reason="over", now=NOW())
    with pytest.raises(errors.MayNotAdminister):
        actions.connect_system(
            code="late", name="X", kind=SystemKind.BY_HAND, address="", secret="", owner=None, by=administrator, now=NOW()
        )
    assert not System.objects.filter(code="late").exists()


# --- what it gives ----------------------------------------------------------------------------------------------------


def test_an_entitlement_is_added_and_can_be_asked_for(as_administrator, warehouse):
    form = {"name": "read orders", "code": "orders.read", "external_name": "orders_read", "categories": ["transaction"]}
    as_administrator.post(reverse("access:add_entitlement", args=[warehouse.pk]), form)
    made = Entitlement.objects.get(system=warehouse, code="orders.read")
    assert (made.external_name, made.categories, made.sensitive) == ("orders_read", ["transaction"], False)
    assert "orders_read" in as_administrator.get(reverse("access:system", args=[warehouse.pk])).content.decode()


@pytest.mark.parametrize("state", ["requested", "approved", "suspended", "revoking"])
def test_what_it_is_there_does_not_change_under_people_who_have_it(state, administrator, warehouse):
    one = held(warehouse, code="orders.read", external_name="orders_read")
    one.state = state
    if state == "revoking":
        one.revoked_at, one.revocation_reason = NOW(), "over"
    one.save()
    values = {"name": "read orders", "categories": [], "owner": None, "by": administrator, "now": NOW()}
    for change in ({"external_name": "other", "sensitive": False}, {"external_name": "orders_read", "sensitive": True}):
        with pytest.raises(errors.StillHeld):
            actions.change_entitlement(one.entitlement_id, **values, **change)
    actions.change_entitlement(one.entitlement_id, **values, external_name="orders_read", sensitive=False)


def test_entitlements_of_this_house_come_with_the_program(as_administrator, administrator):
    here = administrator.grants.get().entitlement
    assert as_administrator.get(reverse("access:change_entitlement", args=[here.pk])).status_code == 404
    with pytest.raises(errors.NotThisHouse):
        actions.change_entitlement(
            here.pk, name="x", external_name="", categories=[], sensitive=False, owner=None, by=administrator, now=NOW()
        )


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_an_account_belongs_to_one_person_whatever_its_case(administrator, warehouse):
    ana, ben = EmployeeFactory(login="ana"), EmployeeFactory(login="ben")
    actions.link_account(warehouse.pk, ana, name="jdoe", by=administrator, now=NOW())
    with pytest.raises(errors.AccountTaken):
        actions.link_account(warehouse.pk, ben, name="JDoe", by=administrator, now=NOW())
    with pytest.raises(errors.AccountTaken):
        actions.link_account(warehouse.pk, ana, name="second", by=administrator, now=NOW())


def test_an_account_with_access_is_neither_linked_nor_unlinked(administrator, warehouse):
    """A removal that names another account would be proven there, and the access would stay where it is."""
    change = removal(warehouse)
    with pytest.raises(errors.AccountInUse):
        actions.link_account(warehouse.pk, change.employee, name="another", by=administrator, now=NOW())
    account = actions.link_account(warehouse.pk, change.employee, name=change.account_name, by=administrator, now=NOW())
    with pytest.raises(errors.AccountInUse):
        actions.unlink_account(account.pk, by=administrator, now=NOW())
    change.grant.state, change.grant.revoked_at, change.grant.revocation_reason = "revoked", NOW(), "over"
    change.grant.save()
    change.state, change.pushed_at, change.proven_at = ChangeState.PROVEN, NOW(), NOW()
    change.save()
    actions.unlink_account(account.pk, by=administrator, now=NOW())
    assert not SystemAccount.objects.exists()


def test_accounts_are_linked_on_the_page(as_administrator, warehouse):
    ana = EmployeeFactory(login="ana")
    as_administrator.post(reverse("access:link_account", args=[warehouse.pk]), {"employee": ana.pk, "name": "jdoe"})
    account = SystemAccount.objects.get(employee=ana)
    assert "jdoe" in as_administrator.get(reverse("access:system", args=[warehouse.pk])).content.decode()
    as_administrator.post(reverse("access:unlink_account", args=[account.pk]))
    assert not SystemAccount.objects.exists()


# --- health, what is outstanding --------------------------------------------------------------------------------------


def test_a_system_that_does_not_answer_is_shown_so(as_administrator, warehouse):
    System.objects.filter(pk=warehouse.pk).update(
        answered_at=NOW() - timedelta(hours=2), failed_at=NOW(), failure="connection refused"
    )
    shown = as_administrator.get(reverse("access:systems")).content.decode()
    assert "does not answer" in shown
    assert "connection refused" in shown
    System.objects.filter(pk=warehouse.pk).update(answered_at=NOW() + timedelta(seconds=1))
    assert "does not answer" not in as_administrator.get(reverse("access:system", args=[warehouse.pk])).content.decode()


def test_late_removals_come_first_with_their_failure(as_administrator, warehouse):
    late = removal(warehouse, ago=timedelta(hours=1), state="failed", failure="502 Bad Gateway", attempts=7)
    fresh = removal(warehouse)
    shown = as_administrator.get(reverse("access:removals"))
    text = shown.content.decode()
    assert shown.context["late"] == [late]
    assert shown.context["rows"] == [fresh]
    assert text.index(late.employee.name) < text.index(fresh.employee.name)
    assert "502 Bad Gateway" in text
    assert "overdue" in text


def test_of_more_than_a_page_shows_it_says_how_many_are_late_and_under_way(as_administrator, warehouse, monkeypatch):
    monkeypatch.setattr("privacy.access.views.changes.SHOWN", 2)
    for ago in (timedelta(hours=1), timedelta(0)):
        for _ in range(3):
            removal(warehouse, ago=ago)
    text = as_administrator.get(reverse("access:removals")).content.decode()
    assert text.count("2 of 3 shown") == 2


def test_of_more_tasks_than_a_page_shows_it_says_how_many_are_to_be_done_and_to_be_verified(as_administrator, monkeypatch):
    monkeypatch.setattr("privacy.access.views.changes.SHOWN", 1)
    portal, someone = SystemFactory(code="portal", owner=EmployeeFactory()), EmployeeFactory()
    done = {"done_by": someone, "done_at": NOW(), "evidence": b"a picture", "evidence_sha256": "of it"}
    for said in ({}, {}, done, done, done):
        HandTask.objects.create(change=removal(portal), assigned_to=someone, **said)
    text = as_administrator.get(reverse("access:tasks")).content.decode()
    assert ("1 of 2 shown" in text, "1 of 3 shown" in text) == (True, True)


def test_what_is_given_is_no_removal(as_administrator, warehouse):
    removal(warehouse, wanted="given", ago=timedelta(hours=1))
    assert "Nothing is outstanding" in as_administrator.get(reverse("access:removals")).content.decode()
    assert as_administrator.get(reverse("access:removals") + "?kind=all").context["late"] == []


def test_a_failed_removal_is_tried_again_at_once(as_administrator, warehouse):
    change = removal(warehouse, state="failed", failure="refused", attempts=3)
    before = ProcrastinateJob.objects.filter(task_name="access.push_system").count()
    as_administrator.post(reverse("access:try_again", args=[change.pk]))
    change.refresh_from_db()
    assert change.next_try_at <= NOW()
    assert ProcrastinateJob.objects.filter(task_name="access.push_system").count() == before + 1


def test_what_is_proven_is_not_tried_again(administrator, warehouse):
    change = removal(warehouse, state="proven", pushed_at=NOW(), proven_at=NOW())
    with pytest.raises(errors.NothingToTry):
        actions.try_again(change.pk, by=administrator, now=NOW())


def test_a_change_shows_its_five_clock_points_and_every_proof(as_administrator, warehouse):
    change = removal(warehouse, ago=timedelta(minutes=9), attempts=1)
    known = change.known_at
    SystemChange.objects.filter(pk=change.pk).update(
        state="proven", pushed_at=known + timedelta(seconds=2), proven_at=known + timedelta(seconds=400)
    )
    Proof.objects.create(
        change=change,
        at=NOW(),
        attempt=1,
        step="probe",
        holds=True,
        answer="FATAL: <role> may not log in",
        answer_sha256="ab" * 32,
    )
    shown = as_administrator.get(reverse("access:change", args=[change.pk])).content.decode()
    for word in ("Decided", "Effective", "Gone here", "Pushed", "Proven", "bound 5 min, passed", "clock__late"):
        assert word in shown, word
    assert "Proven gone after 7 min" in shown
    assert "FATAL: &lt;role&gt; may not log in" in shown
    assert "ab" * 32 in shown


def test_somebody_else_does_not_see_a_change_nor_whether_there_is_one(client, warehouse):
    change = removal(warehouse)
    sign_in(client, EmployeeFactory())
    assert client.get(reverse("access:change", args=[change.pk])).status_code == 403
    assert client.get(reverse("access:change", args=[999_999])).status_code == 403
    sign_in(client, warehouse.owner)
    assert client.get(reverse("access:change", args=[change.pk])).status_code == 200


# --- differences ------------------------------------------------------------------------------------------------------


@pytest.fixture
def excess(warehouse):
    compared = Reconciliation.objects.create(system=warehouse, began_at=NOW(), ended_at=NOW(), accounts_seen=3)
    return Drift.objects.create(
        system=warehouse, kind="excess", account_name="jdoe", external_name="orders_read", first_seen=compared, last_seen=compared
    )


def test_a_difference_is_taken_away_in_one_click(as_administrator, warehouse, excess):
    assert "jdoe" in as_administrator.get(reverse("access:system", args=[warehouse.pk])).content.decode()
    as_administrator.post(reverse("access:mend_drift", args=[excess.pk]))
    change = SystemChange.objects.get(account_name="jdoe")
    assert (change.wanted, change.external_name, change.state) == ("removed", "orders_read", "pending")
    excess.refresh_from_db()
    assert excess.state == "mending"


def test_a_difference_is_accepted_only_with_a_reason(as_administrator, administrator, excess):
    as_administrator.post(reverse("access:accept_drift", args=[excess.pk]), {"reason": "  "})
    excess.refresh_from_db()
    assert excess.state == "open"
    as_administrator.post(reverse("access:accept_drift", args=[excess.pk]), {"reason": "the nightly report runs as it"})
    excess.refresh_from_db()
    assert (excess.state, excess.decided_by, excess.reason) == ("accepted", administrator, "the nightly report runs as it")


def test_comparing_now_is_a_job_and_not_for_systems_by_hand(as_administrator, warehouse):
    as_administrator.post(reverse("access:compare", args=[warehouse.pk]))
    assert ProcrastinateJob.objects.filter(task_name="access.reconcile_system").count() == 1
    as_administrator.post(reverse("access:compare", args=[SystemFactory().pk]))
    assert ProcrastinateJob.objects.filter(task_name="access.reconcile_system").count() == 1


# --- removals turning to proven, live ---------------------------------------------------------------------------------


def test_the_grants_page_looks_again_until_the_removal_is_proven(as_administrator, administrator, warehouse):
    gone = held(warehouse)
    SystemChange.objects.all().delete()
    actions.settle_everything(now=NOW())
    SystemChange.objects.update(state="proven", pushed_at=NOW(), proven_at=NOW())
    as_administrator.post(reverse("access:revoke", args=[gone.pk]), {"reason": "left"})
    page = as_administrator.get(reverse("access:grant", args=[gone.pk])).content.decode()
    part = reverse("access:progress_of_grant", args=[gone.pk])
    assert f'hx-get="{part}" hx-trigger="every 1s"' in " ".join(page.split())
    assert '"X-Background": "1"' in page
    change = SystemChange.objects.get(wanted="removed")
    seen = as_administrator.get(part, headers={"HX-Request": "true"})
    assert seen.status_code == 200
    assert "0 of 1 proven gone elsewhere" in seen.content.decode()
    fingerprint = seen.context["progress"].fingerprint
    assert as_administrator.get(part, {"seen": fingerprint}).status_code == 204
    change.state, change.pushed_at, change.proven_at = "proven", NOW(), NOW()
    change.save()
    proven = as_administrator.get(part, {"seen": fingerprint}, headers={"HX-Request": "true"})
    assert proven.status_code == 286  # htmx: swap it, and stop
    assert 'data-announce="Proven gone in every system (1 of 1).' in proven.content.decode()
    assert "hx-trigger" not in as_administrator.get(reverse("access:grant", args=[gone.pk])).content.decode()


def test_looking_on_is_not_use(as_administrator, warehouse):
    change = removal(warehouse)
    session = as_administrator.session
    session["signed_in_at"] = session["last_used_at"] = NOW().timestamp() - 100
    session.save()
    part = reverse("access:progress_of_grant", args=[change.grant_id])
    as_administrator.get(part, headers={"X-Background": "1", "HX-Request": "true"})
    assert as_administrator.session["last_used_at"] == session["last_used_at"]


def test_a_part_that_refreshes_itself_stops_when_its_session_has_ended(warehouse):
    change = removal(warehouse)
    part = reverse("access:progress_of_grant", args=[change.grant_id])
    answer = Client().get(part, headers={"HX-Request": "true"})
    assert answer.status_code == 286
    assert "signed out" in answer.content.decode()
    assert change.employee.name not in answer.content.decode()
    assert Client().get(part).status_code == 302


def test_a_strangers_progress_is_nobody_elses_business(client, warehouse):
    change = removal(warehouse)
    sign_in(client, EmployeeFactory())
    assert client.get(reverse("access:progress_of_grant", args=[change.grant_id])).status_code == 403
    assert client.get(reverse("access:progress_of_person", args=[change.employee_id])).status_code == 403


def test_only_a_removal_that_a_machine_makes_is_looked_at_every_second(as_administrator):
    by_hand = removal(SystemFactory())
    page = as_administrator.get(reverse("access:person", args=[by_hand.employee_id])).content.decode()
    assert 'hx-trigger="every 30s"' in page
    assert not HandTask.objects.exists()  # a look changes nothing
