"""The access map: who has what and how it stands; the file of it; what would go if somebody left now."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions
from privacy.access.queries.map import Asked, access_map
from privacy.models import (
    Decision,
    Entitlement,
    FunctionEntitlement,
    RecordedRead,
    Review,
    ReviewItem,
    SystemChange,
)
from tests.factories.access import GrantFactory, entitlement, grant, sign_in
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import ContractorFactory, DepartmentFactory, EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now
MAP = "access:map"


@pytest.fixture
def administrator():
    person = EmployeeFactory(login="ines", name="Inés Romero", job_function=JobFunctionFactory(code="security"))
    grant(person, "access.administer")
    return person


@pytest.fixture
def as_administrator(client, administrator):
    return sign_in(client, administrator)


@pytest.fixture
def ana():
    return EmployeeFactory(login="ana", name="Ana Reyes", department=DepartmentFactory(code="service"))


def standing(person, code):
    """How a cell of the map stands, by its code on the page; None where it is empty."""
    shown = access_map(Asked(), now=NOW())
    place = [column.code for column in shown.columns].index(code) if code in [c.code for c in shown.columns] else None
    row = next(row for row in shown.rows if row.pk == person.pk)
    return next((mark for at, _, mark in row.cells if at == place), None)


def rows_of(answer):
    text = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


# --- how a cell stands ------------------------------------------------------------------------------------------------


def test_in_force_and_justified_by_the_function(ana):
    (held,) = grant(ana, "requests.work")
    assert standing(ana, "requests.work") == "u"
    FunctionEntitlement.objects.create(job_function=ana.job_function, entitlement=held.entitlement)
    assert standing(ana, "requests.work") == "f"


def test_approved_and_not_in_force(ana):
    grant(ana, "reveal.contact")
    assert standing(ana, "reveal.contact") == "u"
    ana.briefings.all().delete()
    assert standing(ana, "reveal.contact") == "n"


def test_suspended(ana):
    grant(ana, "requests.work", state="suspended")
    assert standing(ana, "requests.work") == "s"


def test_being_revoked_stays_on_the_map_until_it_is_proven_gone(ana):
    held = GrantFactory(employee=ana, entitlement=OutsideEntitlementFactory(code="orders.read"))
    actions.settle_everything(now=NOW())
    actions.end_employment(ana.pk, by=None, reason="left", now=NOW(), source="page")
    assert standing(ana, "orders.read") == "r"
    SystemChange.objects.all().update(state="proven", pushed_at=NOW(), proven_at=NOW())
    held.refresh_from_db()
    held.state = "revoked"
    held.save()
    assert ana.pk not in [row.pk for row in access_map(Asked(), now=NOW()).rows]


def test_what_was_revoked_or_only_asked_for_is_not_on_the_map(ana):
    grant(ana, "requests.work", state="revoked", revoked_at=NOW(), revocation_reason="over")
    grant(ana, "optouts.manage", state="requested")
    assert standing(ana, "requests.work") is None
    assert standing(ana, "optouts.manage") is None


def test_every_cell_lies_under_its_entitlement(ana):
    """Runs of empty cells are one cell: each row must still be as wide as the head."""
    from privacy.templatetags.access_map import map_rows

    codes = ("reveal.contact", "requests.work", "customers.export", "reveal.mail")
    grant(ana, *codes)
    ben = EmployeeFactory(login="ben")
    grant(ben, "optouts.manage", "sharing.manage", "promises.read")
    shown = access_map(Asked(everything=True), now=NOW())
    place = {column.code: at for at, column in enumerate(shown.columns)}
    html = next(line for line in map_rows(shown).splitlines() if "Ana Reyes" in line)
    at, found = 0, []
    for cell in html.split("<td")[1:]:
        width = int(cell.split("colspan=")[1].split(">")[0]) if "colspan=" in cell else 1
        if "<a " in cell:
            found.append(at)
        at += width
    assert at == len(shown.columns)
    assert found == sorted(place[code] for code in codes)


def test_a_name_is_text_whatever_it_says(as_administrator):
    grant(EmployeeFactory(login="evil", name="<script>alert(1)</script>"), "requests.work")
    shown = as_administrator.get(reverse(MAP)).content.decode()
    assert "<script>alert(1)" not in shown
    assert "&lt;script&gt;alert(1)" in shown


# --- filters, links ---------------------------------------------------------------------------------------------------


@pytest.fixture
def company(ana):
    """Ana in service, a contractor in finance, and a system beside this house."""
    grant(ana, "requests.work", "reveal.contact")
    kit = ContractorFactory(
        login="kit",
        name="Kit Morgan",
        department=DepartmentFactory(code="finance"),
        job_function=JobFunctionFactory(code="clerk"),
    )
    given = OutsideEntitlementFactory(system=SystemFactory(code="portal"), code="refunds")
    GrantFactory(employee=kit, entitlement=given)
    return kit


@pytest.mark.parametrize(
    ("asked", "people", "columns"),
    [
        ({"department": "finance"}, {"kit"}, {"refunds"}),
        ({"function": "clerk"}, {"kit"}, {"refunds"}),
        ({"contractors": "1"}, {"kit"}, {"refunds"}),
        ({"find": "reyes"}, {"ana"}, {"requests.work", "reveal.contact"}),
        ({"find": "reyes", "sensitive": "1"}, {"ana"}, {"reveal.contact"}),
        ({"find": "nobody at all"}, set(), set()),
        ({"department": "no-such\x00thing"}, set(), set()),
    ],
)
def test_the_filters_are_in_the_address(as_administrator, company, asked, people, columns):
    shown = as_administrator.get(reverse(MAP), asked).context["map"]
    assert {row.login for row in shown.rows} == people
    assert {column.code for column in shown.columns} == columns


def test_one_system_only(as_administrator, company):
    shown = as_administrator.get(reverse(MAP), {"system": "portal"}).context["map"]
    assert {column.code for column in shown.columns} == {"refunds"}
    assert "ana" in {row.login for row in shown.rows}  # who has nothing there is seen to have nothing


def test_entitlements_that_nobody_has_are_shown_on_demand(as_administrator, company):
    few = as_administrator.get(reverse(MAP)).context["map"]
    every = as_administrator.get(reverse(MAP), {"everything": "1"}).context["map"]
    assert few.hidden > 0
    assert len(every.columns) == len(few.columns) + few.hidden


def test_a_cell_leads_to_why_a_row_to_what_would_go_a_column_to_the_entitlement(as_administrator, ana):
    (held,) = grant(ana, "requests.work")
    shown = as_administrator.get(reverse(MAP)).content.decode()
    assert f"href=../grants/{held.pk}/>" in shown  # relative to the map: reverse gives the same
    assert reverse("access:grant", args=[held.pk]) == reverse(MAP).removesuffix("map/") + f"grants/{held.pk}/"
    assert f"href={reverse('access:would_go', args=[ana.pk])}>" in shown
    assert f'href="{reverse("access:entitlement", args=[held.entitlement_id])}"' in shown


def test_the_head_of_a_column_says_what_is_given_and_not_only_its_code(as_administrator, ana):
    grant(ana, "requests.work")
    shown = as_administrator.get(reverse(MAP)).content.decode()
    assert re.search(r">\s*Work on privacy requests; see customers masked\s*<", shown)
    assert 'title="Work on privacy requests; see customers masked (requests.work)"' in shown


def test_the_page_of_a_person_lists_each_grant_once(as_administrator, ana):
    (held,) = grant(ana, "requests.work")
    shown = as_administrator.get(reverse("access:person", args=[ana.pk])).content.decode()
    assert shown.count(f'href="{reverse("access:grant", args=[held.pk])}"') == 1
    assert "1 grant of those above" in " ".join(shown.split())


def test_the_map_is_read_in_pages_of_a_thousand_by_login(monkeypatch, company):
    monkeypatch.setattr("privacy.access.queries.map.PEOPLE_PAGE", 1)
    first = access_map(Asked(), now=NOW())
    assert [row.login for row in first.rows] == ["ana"]
    assert first.following == "ana"
    second = access_map(Asked(after=first.following), now=NOW())
    assert len(second.rows) == 1
    assert second.rows[0].login > "ana"


def test_the_map_asks_as_little_for_many_as_for_one(as_administrator, company, django_assert_max_num_queries):
    for number in range(12):
        grant(EmployeeFactory(login=f"more{number:02}"), "requests.work", "optouts.manage")
    with django_assert_max_num_queries(6):
        access_map(Asked(), now=NOW())


def test_the_map_is_for_administrators_of_access_only(client, ana):
    assert sign_in(client, ana).get(reverse(MAP)).status_code == 403
    assert client.post(reverse("access:map_export")).status_code == 403


# --- the file ---------------------------------------------------------------------------------------------------------


def test_the_file_has_a_line_for_every_grant_and_is_written_down(as_administrator, administrator, company):
    answer = as_administrator.post(reverse("access:map_export"), {"department": "finance"})
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="access-map-')
    lines = rows_of(answer)
    assert [(line["login"], line["entitlement"], line["standing"]) for line in lines] == [
        ("kit", "refunds", "in force, function does not justify it")
    ]
    begun, ended = RecordedRead.objects.filter(kind="export").order_by("pk")
    assert (begun.by, begun.reason) == (administrator, "access map: department finance")
    assert (ended.rows_seen, ended.reason.startswith("finished")) == (1, True)


def test_a_cell_of_the_file_is_no_formula(as_administrator, ana):
    ana.name = "=HYPERLINK(1)"
    ana.save()
    grant(ana, "requests.work", reason="@SUM(A1)")
    line = next(line for line in rows_of(as_administrator.post(reverse("access:map_export"))) if line["login"] == "ana")
    assert line["person"] == "'=HYPERLINK(1)"
    assert line["reason"] == "'@SUM(A1)"


def test_the_file_stops_when_the_right_to_it_ends(as_administrator, administrator, ana, monkeypatch):
    monkeypatch.setattr("privacy.access.views.map.CHUNK", 1)
    grant(ana, "requests.work", "optouts.manage", "promises.read")
    stream = iter(as_administrator.post(reverse("access:map_export")).streaming_content)
    next(stream), next(stream)
    for one in administrator.grants.all():
        actions.revoke_grant(one.pk, by=None, reason="over", now=NOW())
    assert "stopped: access ended" in b"".join(stream).decode()
    assert RecordedRead.objects.filter(kind="export").order_by("-pk").first().reason.startswith("stopped before the end")


def test_the_file_is_no_link(as_administrator):
    assert as_administrator.get(reverse("access:map_export")).status_code == 405


# --- what would go ----------------------------------------------------------------------------------------------------


def test_what_would_go_names_every_system_and_what_others_take_over(as_administrator, administrator, ana):
    grant(ana, "requests.work", "reveal.contact")
    portal = SystemFactory(code="portal", name="Card portal", owner=ana)
    GrantFactory(employee=ana, entitlement=OutsideEntitlementFactory(system=portal, name="refund a card"))
    actions.link_account(portal.pk, ana, name="areyes", by=administrator, now=NOW())
    actions.set_owner(entitlement("optouts.manage").pk, owner=ana, by=administrator)
    EmployeeFactory(name="Ben Castle", manager=ana)
    other = GrantFactory(employee=EmployeeFactory(), entitlement=entitlement("requests.work"))
    review = Review.objects.create(**_running_review(administrator))
    item = ReviewItem.objects.create(
        review=review, grant=other, employee=other.employee, entitlement=other.entitlement, sensitive=False
    )
    Decision.objects.create(
        item=item,
        reviewer=ana,
        role="owner",
        employee=other.employee,
        approved_by=other.approved_by,
        seconded_by=other.seconded_by,
        asked_at=NOW(),
    )
    shown = " ".join(as_administrator.get(reverse("access:would_go", args=[ana.pk])).content.decode().split())
    for said in (
        "This back-office",
        "Card portal",
        "areyes",
        "by hand: a security administrator has 24 h",  # nobody takes their own access away
        "Refund a card",
        "Reveal contact information",
        "1 item of access reviews",
        "1 entitlement owned",
        "1 system owned",
        "Ben Castle",
    ):
        assert said in shown, said


def _running_review(by):
    names = {field.name for field in Review._meta.concrete_fields}
    other = EmployeeFactory()
    values = {
        "name": "Sensitive access",
        "scope": "sensitive",
        "state": "running",
        "prepared_by": by,
        "prepared_at": NOW(),
        "launched_by": other,
        "launched_at": NOW(),
        "due_at": NOW() + timedelta(days=14),
        "fallback": other,
    }
    return {name: value for name, value in values.items() if name in names}


def test_what_would_go_is_shown_to_the_manager_and_to_nobody_elses_manager(client, ana):
    boss = EmployeeFactory()
    ana.manager = boss
    ana.save()
    assert sign_in(client, boss).get(reverse("access:would_go", args=[ana.pk])).status_code == 200
    stranger = sign_in(client, EmployeeFactory())
    assert stranger.get(reverse("access:would_go", args=[ana.pk])).status_code == 403
    assert stranger.get(reverse("access:would_go", args=[999_999])).status_code == 403


def test_looking_at_what_would_go_ends_nothing(as_administrator, ana):
    (held,) = grant(ana, "requests.work")
    epoch = ana.session_epoch
    as_administrator.get(reverse("access:would_go", args=[ana.pk]))
    ana.refresh_from_db()
    held.refresh_from_db()
    assert (ana.left_at, held.state, ana.session_epoch) == (None, "approved", epoch)


def _doors(answer):
    """Where the links of a page's own part lead to, without the frame around it."""
    found = re.findall(r'href="(/[^"#?]*)', answer.content.decode())
    return {address for address in found if not address.startswith(("/static/", "/icon"))}


def test_no_link_of_what_would_go_leads_its_own_person_to_a_closed_door(client, ana):
    Entitlement.objects.filter(pk=entitlement("reveal.contact").pk).update(owner=ana)
    sign_in(client, ana)
    answer = client.get(reverse("access:would_go", args=[ana.pk]))
    assert answer.status_code == 200
    assert entitlement("reveal.contact").name in answer.content.decode()
    assert reverse("access:people") not in _doors(answer)
    assert {address for address in _doors(answer) if client.get(address).status_code == 403} == set()
