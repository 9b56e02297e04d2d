"""The HR export: whoever left has no access any more, whoever moved has what the new function justifies, and bad rows say so."""

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django.utils.formats import date_format

from lumens_admin.embedded import processes
from privacy.access.actions import apply_roster, end_employment, justify, roster_codes
from privacy.access.actions.roster import _ROSTER
from privacy.management.commands import import_roster
from privacy.models import AccessGrant, Department, Employee, EmploymentEvent, Nda, WorkerType
from privacy.workforce.errors import LastDayPassed
from tests.databases import is_superuser
from tests.factories.access import entitlement, grant, sign_in
from tests.factories.processes import holder, waits_of_others
from tests.factories.together import together
from tests.factories.workforce import DepartmentFactory, EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db
HEADER = "login,name,email,worker_type,job_function,department,manager_login,start_on,end_on"


def row_of(employee, **other):
    values = {
        "login": employee.login,
        "name": employee.name,
        "email": employee.email,
        "worker_type": employee.worker_type,
        "job_function": employee.job_function.code,
        "department": employee.department.code,
        "manager_login": employee.manager.login if employee.manager else "",
        "start_on": employee.starts_on.isoformat(),
        "end_on": employee.ends_on.isoformat() if employee.ends_on else "",
    } | other
    return ",".join(values[name] for name in HEADER.split(","))


@pytest.fixture
def company(db):
    return [EmployeeFactory(login=f"p{n:02}") for n in range(20)]


@pytest.fixture
def run(tmp_path, capsys):
    def run(rows, *flags, raw=None, header=HEADER):
        path = tmp_path / "roster.csv"
        path.write_bytes(raw if raw is not None else ("\n".join([header, *rows]) + "\n").encode())
        code = 0
        try:
            call_command("import_roster", str(path), "--json", *flags)
        except SystemExit as stop:
            code = stop.code
        return code, json.loads(capsys.readouterr().out)

    return run


def works_here(employee):
    return Employee.objects.get(pk=employee.pk).is_employed(at=timezone.now())


def test_the_same_people_again_change_nothing(company, run):
    before = EmploymentEvent.objects.count()
    code, said = run([row_of(e) for e in company])
    assert code == 0
    assert not any(said[name] for name in ("joiners", "movers", "leavers", "changes", "refused", "scheduled"))
    assert EmploymentEvent.objects.count() == before


def test_whoever_is_absent_has_left_and_their_session_grants_and_requests_are_gone(company, run, client):
    leaver = company[3]
    grant(leaver, "requests.work", "reveal.contact")
    sign_in(client, leaver)
    approvers = Employee.objects.filter(login__startswith="approver")
    code, said = run([row_of(e) for e in [*company, *approvers] if e != leaver])
    assert code == 0
    assert [left["login"] for left in said["leavers"]] == [leaver.login]
    assert said["grants_ended"] == 2
    assert not works_here(leaver)
    assert client.get("/admin/access/").status_code == 302
    assert {g.state for g in AccessGrant.objects.filter(employee=leaver)} == {"revoked"}
    assert EmploymentEvent.objects.get(employee=leaver, kind="left").ended_grants.count() == 2


def test_a_dry_run_says_the_same_and_changes_nothing(company, run):
    code, said = run([row_of(e) for e in company[1:]], "--dry-run")
    assert code == 0
    assert [left["login"] for left in said["leavers"]] == ["p00"]
    assert works_here(company[0])


def test_a_mover_keeps_only_what_the_new_function_justifies(company, run):
    mover = company[0]
    grant(mover, "requests.work", "reveal.contact")
    buyer = JobFunctionFactory(code="buyer")
    justify(buyer, entitlement("requests.work"), by=None)
    code, said = run([row_of(mover, job_function="buyer"), *(row_of(e) for e in company[1:])])
    assert code == 0
    assert said["movers"] == [{"line": 2, "login": "p00", "from": "service-agent", "to": "buyer"}]
    active = AccessGrant.objects.active().filter(employee=mover)
    assert [g.entitlement.code for g in active] == ["requests.work"]


def test_joiners_come_without_any_access_and_managers_may_come_later_in_the_file(company, run):
    rows = [row_of(e) for e in company]
    rows += ["zoe,Zoë Reed,zoe@lumens.example,contractor,service-agent,service,new.boss,2026-01-05,9999-12-31"]
    rows += ["New.Boss,Nick Boss,,employee,service-agent,service,,2026-01-05,"]
    code, _ = run(rows)
    assert code == 0
    zoe = Employee.objects.get(login="zoe")
    assert zoe.manager.login == "New.Boss"
    assert zoe.worker_type == WorkerType.CONTRACTOR
    assert not zoe.has_usable_password()
    assert not zoe.grants.exists()


def test_an_empty_file_and_a_file_without_rows_change_nothing(company, run):
    for raw in (b"", HEADER.encode() + b"\n", b"\xef\xbb\xbf"):
        code, said = run([], raw=raw)
        assert code == 2
        assert "roster.csv" in said["error"]
    assert all(works_here(e) for e in company)


def test_a_file_that_ends_many_people_is_let_through_only_by_a_named_person_with_a_grant(company, run):
    rows = [row_of(e) for e in company[:10]]
    code, said = run(rows)
    assert code == 2
    assert "would end 10 of 20" in said["error"]
    code, said = run(rows, "--allow-mass-change")
    assert code == 2
    code, said = run(rows, "--allow-mass-change", "--by", "p00")
    assert code == 2
    assert all(works_here(e) for e in company)
    grant(company[0], "access.administer")
    code, said = run(
        [*rows, *(row_of(e) for e in Employee.objects.filter(login__startswith="approver"))], "--allow-mass-change", "--by", "P00"
    )
    assert code == 0
    assert not any(works_here(e) for e in company[10:])


def test_last_days_of_today_for_everyone_are_a_mass_change_too(company, run):
    today = timezone.localdate().isoformat()
    code, _ = run([row_of(e, end_on=today) for e in company])
    assert code == 2
    assert not Employee.objects.filter(ends_on__isnull=False).exists()


def test_movers_who_would_lose_access_count_as_leavers_do(company, run):
    """A column shifted by one moves everybody to another function, and ends nobody."""
    for person in company:
        grant(person, "requests.work")
    JobFunctionFactory(code="buyer")
    approvers = [row_of(e) for e in Employee.objects.filter(login__startswith="approver")]

    def moved(count):
        return [row_of(e, job_function="buyer") for e in company[:count]] + [row_of(e) for e in company[count:]] + approvers

    code, said = run(moved(6))
    assert code == 2
    assert "would end 0 of 22 people and take access away from 6 who stay" in said["error"]
    assert AccessGrant.objects.active().filter(employee__in=company).count() == 20
    code, said = run([*moved(4), "nobody,,,,,,,,"])
    assert (code, said["losing_access"]) == (1, ["p00", "p01", "p02", "p03"])
    code, said = run([line for line in moved(8) if not line.startswith(("p18", "p19"))])
    assert code == 2
    assert "would end 2 of 22 people and take access away from 4 who stay" in said["error"]
    assert works_here(company[19])


def test_movers_who_keep_what_they_have_are_no_mass_change(company, run):
    buyer = JobFunctionFactory(code="buyer")
    justify(buyer, entitlement("requests.work"), by=None)
    for person in company[:10]:
        grant(person, "requests.work")
    approvers = [row_of(e) for e in Employee.objects.filter(login__startswith="approver")]
    code, said = run([row_of(e, job_function="buyer") for e in company] + approvers)
    assert (code, len(said["movers"]), said["losing_access"]) == (0, 20, [])


def test_employees_who_become_contractors_without_an_nda_count_too(company, run):
    for person in company[:8]:
        grant(person, "requests.work")
    Nda.objects.filter(employee__in=company[:6]).delete()
    approvers = [row_of(e) for e in Employee.objects.filter(login__startswith="approver")]
    code, said = run([row_of(e, worker_type="contractor") for e in company] + approvers)
    assert code == 2
    assert "take access away from 6 who stay" in said["error"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"end_on": "2019-01-01"}, "end_on"),
        ({"start_on": "01/06/2020"}, "start_on"),
        ({"start_on": "2026-02-30"}, "start_on"),
        ({"start_on": ""}, "start_on"),
        ({"name": '=HYPERLINK("x")'.replace('"', "")}, "name"),
        ({"name": ""}, "name"),
        ({"name": "A\u202eB"}, "name"),
        ({"email": "not an address"}, "email"),
        ({"worker_type": "robot"}, "worker_type"),
        ({"job_function": "unheard-of"}, "job_function"),
        ({"department": "unheard-of"}, "department"),
        ({"manager_login": "nobody"}, "manager_login"),
        ({"manager_login": "P00"}, "manager_login"),
        ({"manager_login": "p01"}, "manager_login"),
    ],
)
def test_a_bad_row_is_refused_by_line_and_field_the_others_apply_and_its_person_has_not_left(company, run, changed, field):
    rows = [
        row_of(company[0], **changed),
        row_of(company[1], manager_login="p00"),
        *(row_of(e, name="New Name") for e in company[2:]),
    ]
    code, said = run(rows)
    assert code == 1
    refused = [(row["line"], row["field"]) for row in said["refused"]]
    assert (2, field) in refused
    assert works_here(company[0])
    assert Employee.objects.get(login="p02").name == "New Name"


def test_two_rows_for_one_login_are_both_refused_whatever_their_case(company, run):
    code, said = run([row_of(e) for e in company] + [row_of(company[0], login="P00")])
    assert code == 1
    assert [row["line"] for row in said["refused"]] == [2, 22]


def test_two_logins_that_the_database_tells_apart_are_two_people(company, run):
    leaver = EmployeeFactory(login="strasse", job_function=company[0].job_function, department=company[0].department)
    grant(leaver, "requests.work")
    newcomer = row_of(leaver, login="straße", name="New Comer", email="new@lumens.example")
    code, said = run([*(row_of(e) for e in company), *map(row_of, approvers()), newcomer])
    assert (code, [one["login"] for one in said["leavers"]]) == (0, ["strasse"])
    assert not works_here(leaver)
    assert Employee.objects.get(login="strasse").name == leaver.name
    assert not AccessGrant.objects.filter(employee__login="straße").exists()


def test_a_refused_row_that_names_nobody_stops_absences_from_counting(company, run):
    code, said = run([row_of(company[0], login=""), *(row_of(e) for e in company[1:])])
    assert code == 1
    assert said["absences_ignored"]
    assert works_here(company[0])


def test_a_card_number_in_place_of_a_name_is_refused_by_its_line(company, run):
    rows = [row_of(e) for e in company[1:]] + [row_of(company[0], name="4111 1111 1111 1111")]
    code, said = run(rows)
    assert code == 1
    assert [(r["line"], r["field"]) for r in said["refused"]] == [(21, "name")]
    assert not said["leavers"]


@pytest.mark.parametrize("impostor", ["p\u043e1", "Р01", "p\uff101"])
def test_a_login_that_only_looks_like_a_colleagues_is_refused_by_its_line(company, run, impostor):
    other = EmployeeFactory(login="po1")
    rows = [row_of(e) for e in [*company, other]]
    code, said = run([*rows, row_of(company[0], login=impostor, email="new@lumens.example")])
    assert code == 1
    (refused,) = said["refused"]
    assert (refused["line"], refused["field"]) == (23, "login")
    assert not Employee.objects.filter(login=impostor).exists()
    assert said["leavers"] == []


def test_whoever_is_written_with_a_letter_of_another_script_has_not_left(company, run):
    other = EmployeeFactory(login="po1")
    code, said = run([*(row_of(e) for e in company), row_of(other, login="p\u043e1")])
    assert code == 1
    assert said["leavers"] == []
    assert works_here(other)


def test_a_name_of_another_script_that_looks_like_nobodys_is_welcome(company, run):
    code, said = run([*(row_of(e) for e in company), row_of(company[0], login="ольга", email="olga@lumens.example")])
    assert (code, said["refused"]) == (0, [])
    assert Employee.objects.filter(login="ольга").exists()


def test_two_new_people_under_one_address_are_refused_and_a_leavers_address_may_go_on(company, run):
    rows = [row_of(e) for e in company]
    twins = [row_of(company[0], login=login, email="Shared@lumens.example") for login in ("new1", "new2")]
    code, said = run([*rows, *twins, row_of(company[0], login="new3", email=company[1].email.upper())])
    assert code == 1
    assert [(one["line"], one["field"]) for one in said["refused"]] == [(22, "email"), (23, "email"), (24, "email")]
    assert works_here(company[1])
    renamed = [row_of(e) for e in company[1:]] + [row_of(company[0], login="renamed")]
    assert run(renamed)[0] == 0
    assert Employee.objects.get(login="renamed").email == company[0].email


def test_an_address_of_somebody_who_stays_without_a_row_of_their_own_is_refused_by_line(company, run, capsys):
    call_command("create_security_administrator", "root-of-trust", "root@lumens.example", "--json")
    capsys.readouterr()
    rows = [row_of(e) for e in company[2:]]
    code, said = run(
        [
            row_of(company[0], manager_login="nobody"),  # refused, so that p00 keeps the address that the next row asks for
            row_of(company[1], email=company[0].email),
            row_of(company[1], login="new", email="ROOT@lumens.example"),
            *rows,
        ]
    )
    assert code == 1
    assert [(one["line"], one["field"]) for one in said["refused"]] == [(2, "manager_login"), (3, "email"), (4, "email")]
    assert not Employee.objects.filter(login="new").exists()


def test_addresses_pass_from_one_to_another_within_one_roster(company, run):
    first, second, leaver = company[:3]
    swapped = [row_of(first, email=second.email), row_of(second, email=first.email)]
    newcomer = row_of(leaver, login="new")
    code, said = run([*swapped, newcomer, *(row_of(e) for e in company[3:])])
    assert (code, said["refused"]) == (0, [])
    now = {e.login: e.email for e in Employee.objects.filter(login__in=["p00", "p01", "new"])}
    assert now == {"p00": second.email, "p01": first.email, "new": leaver.email}


def test_whoever_comes_back_finds_their_address_a_colleagues_and_is_refused_by_line(company, run):
    leaver = company[0]
    day = timezone.localdate()
    Employee.objects.filter(pk=leaver.pk).update(left_at=timezone.now() - timedelta(days=3), ends_on=day - timedelta(days=3))
    Employee.objects.filter(pk=company[1].pk).update(email=leaver.email)
    company[1].refresh_from_db()
    back = {"start_on": day.isoformat()}
    code, said = run([row_of(leaver, **back), *(row_of(e) for e in company[1:])])
    assert (code, [(one["line"], one["field"]) for one in said["refused"]]) == (1, [(2, "email")])
    code, _ = run([row_of(leaver, email="anew@lumens.example", **back), *(row_of(e) for e in company[1:])])
    assert code == 0
    assert works_here(leaver)


def test_a_cell_of_a_megabyte_is_its_rows_fault_alone(company, run):
    code, said = run([*(row_of(e) for e in company[1:]), row_of(company[0], name="n" * 1_000_000)])
    assert code == 1
    assert [(one["line"], one["field"]) for one in said["refused"]] == [(21, "name")]
    assert works_here(company[0])


def test_a_roster_that_never_ends_is_refused_whole(company, tmp_path, capsys):
    endless = tmp_path / "endless.csv"
    endless.symlink_to("/dev/zero")
    with pytest.raises(SystemExit, match="2"):
        call_command("import_roster", str(endless), "--json")
    assert "larger than 64 MB" in json.loads(capsys.readouterr().out)["error"]


def test_other_encodings_and_missing_columns_are_refused_whole_with_their_line(company, run):
    rows = [row_of(e) for e in company[:-1]]
    latin = "\n".join([HEADER, *rows, row_of(company[-1], name="Jos\u00e9")]).encode("latin-1")
    code, said = run([], raw=latin)
    assert code == 2
    assert "roster.csv:21" in said["error"]
    code, said = run([], raw="\n".join([HEADER, *rows]).encode("utf-16"))
    assert code == 2
    code, said = run(rows, header=HEADER.replace("end_on", "ends"))
    assert code == 2
    assert "end_on" in said["error"]
    assert all(works_here(e) for e in company)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(company, run):
    raw = "\ufeff" + "\r\n".join([HEADER, *(row_of(e) for e in company)]) + "\r\n"
    assert run([], raw=raw.encode())[0] == 0


def test_whoever_comes_back_needs_a_new_start_and_gets_no_old_access(company, run, client):
    leaver = company[0]
    grant(leaver, "requests.work")
    sign_in(client, leaver)
    run([row_of(e) for e in [*company[1:], *Employee.objects.filter(login__startswith="approver")]])
    assert not works_here(leaver)
    people = [*company[1:], *Employee.objects.filter(login__startswith="approver")]
    code, said = run([row_of(leaver), *(row_of(e) for e in people)])
    assert code == 1
    assert "comes back" in said["refused"][0]["problem"]
    Employee.objects.filter(pk=leaver.pk).update(
        left_at=timezone.now() - timedelta(days=3), ends_on=timezone.localdate() - timedelta(days=3)
    )
    code, said = run([row_of(leaver, start_on=timezone.localdate().isoformat()), *(row_of(e) for e in people)])
    assert code == 0
    assert [back["login"] for back in said["returners"]] == ["p00"]
    assert works_here(leaver)
    assert not AccessGrant.objects.active().filter(employee=leaver).exists()
    assert client.get("/admin/access/").status_code == 302


def test_a_future_last_day_is_scheduled_and_ends_access_by_itself(company, run):
    leaver = company[0]
    grant(leaver, "requests.work")
    last = timezone.localdate() + timedelta(days=9)
    people = [*company[1:], *Employee.objects.filter(login__startswith="approver")]
    code, said = run([row_of(leaver, end_on=last.isoformat()), *(row_of(e) for e in people)])
    assert code == 0
    assert said["scheduled"] == [{"login": "p00", "last_day": last.isoformat()}]
    grants = AccessGrant.objects.filter(employee=leaver)
    assert grants.in_force(at=timezone.now()).exists()
    assert not grants.in_force(at=timezone.now() + timedelta(days=10, hours=1)).exists()


@pytest.fixture
def meanwhile(monkeypatch):
    """Something happens between the plan of a roster and its being applied."""

    def meanwhile(happens):
        def apply(*args, **kwargs):
            happens()
            return apply_roster(*args, **kwargs)

        monkeypatch.setattr(import_roster, "apply_roster", apply)

    return meanwhile


def test_whoever_was_ended_by_another_door_meanwhile_holds_up_nobody(company, run, meanwhile):
    """The first two are absent, the third has a last day in the file: the page was quicker for the first and the third."""
    last = (timezone.localdate() + timedelta(days=9)).isoformat()

    def by_the_page():
        for person in (company[0], company[2]):
            end_employment(person.pk, by=None, reason="told by telephone", now=timezone.now(), source="page")

    meanwhile(by_the_page)
    code, _ = run([row_of(company[2], end_on=last), *(row_of(e) for e in company[3:])])
    assert code == 0
    assert not any(works_here(e) for e in company[:3])
    told = {e.login: list(e.employment_events.values_list("kind", "source")) for e in company[:3]}
    assert told == {"p00": [("left", "page")], "p01": [("left", "roster")], "p02": [("left", "page")]}


@pytest.mark.parametrize(
    ("planned", "moved"), [((30, None), (5, 9)), ((30, 60), (5, 9)), ((5, 9), (30, 60)), ((5, 9), (30, None)), ((5, 40), (9, 20))]
)
def test_a_future_starter_moves_to_other_days_earlier_or_later(company, run, planned, moved):
    today = timezone.localdate()

    def days(start, end):
        return {"starts_on": today + timedelta(days=start), "ends_on": end and today + timedelta(days=end)}

    starter = EmployeeFactory(
        login="soon", job_function=company[0].job_function, department=company[0].department, **days(*planned)
    )
    wanted = days(*moved)
    row = row_of(
        starter,
        start_on=wanted["starts_on"].isoformat(),
        end_on=wanted["ends_on"].isoformat() if wanted["ends_on"] else "",
    )
    rows = [row, *(row_of(e) for e in company[1:])]
    assert run(rows, "--dry-run")[0] == 0
    assert works_here(company[0])
    code, _ = run(rows)
    assert code == 0
    starter.refresh_from_db()
    assert (starter.starts_on, starter.ends_on) == (wanted["starts_on"], wanted["ends_on"])
    assert not works_here(company[0])


def test_a_dry_run_says_how_many_grants_would_end_and_what_the_real_one_would_be_refused_for(company, run, monkeypatch):
    grant(company[0], "requests.work")
    rows = [row_of(e) for e in company[1:]] + [row_of(e) for e in approvers()]
    code, said = run(rows, "--dry-run")
    assert (code, said["grants_ended"]) == (0, 1)
    assert works_here(company[0])

    def refuses(*args, **kwargs):
        raise LastDayPassed

    monkeypatch.setattr("privacy.access.actions.roster.end_employments", refuses)
    assert run(rows, "--dry-run") == run(rows)
    assert run(rows)[0] == 2


def test_the_administrator_made_at_the_terminal_is_not_taken_for_a_leaver(company, run, capsys):
    call_command("create_security_administrator", "root-of-trust", "root@lumens.example", "--json")
    capsys.readouterr()
    code, said = run([row_of(e) for e in company])
    assert code == 0
    assert said["not_from_hr"] == ["root-of-trust"]


def test_five_hundred_people_take_seconds(run):
    for code in ("service", "it"):
        DepartmentFactory(code=code)
    JobFunctionFactory(code="service-agent")
    rows = [f"w{n},Worker {n},w{n}@lumens.example,employee,service-agent,service,,2024-01-08," for n in range(500)]
    begun = timezone.now()
    code, said = run(rows)
    assert code == 0
    assert len(said["joiners"]) == 500
    assert (timezone.now() - begun).total_seconds() < 30


@pytest.mark.parametrize("spoiled", ["p0\u200b0", "ｐ００", "=p00", "p 00"], ids=["invisible", "look-alike", "formula", "space"])
def test_whoever_is_meant_by_a_login_that_cannot_be_read_has_not_left(company, run, spoiled):
    gone = company[7]
    code, said = run([row_of(company[0], login=spoiled), *(row_of(e) for e in company[1:] if e != gone)])
    assert code == 1
    assert [(refused["line"], refused["field"]) for refused in said["refused"]] == [(2, "login")]
    assert said["absences_ignored"]
    assert not said["joiners"]
    assert works_here(company[0])
    # A row that is wrong elsewhere names its person all the same, and others who are absent have left.
    code, said = run([row_of(company[0], start_on="soon"), *(row_of(e) for e in company[1:] if e != gone)])
    assert (code, said["absences_ignored"]) == (1, False)
    assert works_here(company[0])
    assert not works_here(gone)


def test_a_login_is_one_however_its_accents_are_written(company, run):
    jose = EmployeeFactory(login="jos\u00e9", name="Jos\u00e9", email="jose@lumens.example", job_function=company[0].job_function)
    code, said = run([row_of(jose, login="jose\u0301", name="Jose\u0301"), *(row_of(e) for e in company)])
    assert code == 0
    assert not any(said[name] for name in ("joiners", "leavers", "changes"))
    assert works_here(jose)


def test_a_last_day_in_the_year_9999_is_none_and_no_day_of_another_age_is_taken(company, run):
    code, said = run([row_of(company[0], end_on="9999-12-31"), *(row_of(e) for e in company[1:])])
    assert (code, said["scheduled"]) == (0, [])
    for column, day in (("start_on", "0001-01-01"), ("end_on", "9999-12-30"), ("start_on", "9999-12-31")):
        code, said = run([row_of(company[0], **{column: day}), *(row_of(e) for e in company[1:])])
        assert code == 1
        assert [refused["field"] for refused in said["refused"]] == [column]


def test_a_function_in_another_case_is_the_same_function_and_moves_nobody(company, run):
    kept = grant(company[0], "requests.work")
    function, department = company[0].job_function, company[0].department
    row = row_of(company[0], job_function=function.code.upper(), department=department.code.upper())
    code, said = run([row, *(row_of(e) for e in company[1:]), *map(row_of, approvers())], "--create-missing")
    assert code == 0
    assert not any(said[name] for name in ("movers", "changes"))
    assert {g.state for g in AccessGrant.objects.filter(pk__in=[g.pk for g in kept])} == {"approved"}


def approvers():
    return Employee.objects.filter(login__startswith="approver")


@pytest.fixture
def counted(company):
    """Somebody in Customer Service, as every screen shows it; the others stay as they are."""
    clerk = company[0]
    clerk.job_function = JobFunctionFactory(code="order-clerk", name="Order clerk")
    clerk.department = DepartmentFactory(code="care", name="Customer Service")
    clerk.save()

    def rows(**written):
        return [row_of(clerk, **written), *(row_of(e) for e in company[1:])]

    return rows


def test_functions_and_departments_are_known_by_the_names_that_screens_show(counted, run):
    for flags in ([], ["--create-missing"]):
        code, said = run(counted(job_function="ORDER Clerk", department=" customer  service "), *flags)
        assert (code, said["refused"], said["changes"], said["movers"]) == (0, [], [], [])
    assert Department.objects.filter(name__iexact="customer service").count() == 1


def test_a_name_that_is_nearly_one_is_refused_with_what_may_be_meant(counted, run):
    code, said = run(counted(department="Costumer Service"))
    assert code == 1
    assert said["refused"][0]["problem"] == (
        "“Costumer Service” is no department here (near: “Customer Service” (care)); --create-missing makes new ones"
    )


def test_two_of_one_name_are_told_apart_by_code(counted, run):
    DepartmentFactory(code="care-2", name="Customer service")
    code, said = run(counted(department="Customer Service"))
    assert (code, said["refused"][0]["field"]) == (1, "department")
    assert "write the code: care, care-2" in said["refused"][0]["problem"]


@pytest.mark.parametrize("other", [{"department": "Was renamed"}, {"job_function": "(none)"}, {"manager_login": "gone-long-ago"}])
def test_whose_last_day_has_passed_leaves_whatever_else_their_row_names(counted, run, company, other):
    grant(company[0], "requests.work")
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    code, said = run([*counted(end_on=yesterday, **other), *map(row_of, approvers())])
    assert (code, said["refused"], [one["login"] for one in said["leavers"]]) == (0, [], [company[0].login])
    assert (said["grants_ended"], said["managers_who_left"]) == (1, [])
    assert not works_here(company[0])


@pytest.mark.parametrize(
    ("other", "field"),
    [({"email": "not an address"}, "email"), ({"worker_type": "robot"}, "worker_type"), ({"name": ""}, "name"),
     ({"job_function": ""}, "job_function"), ({"name": "4111 1111 1111 1111"}, "name")],
)  # fmt: skip
def test_whose_last_day_has_passed_leaves_though_something_else_in_their_row_is_refused(company, run, other, field):
    """HR said that they left: a slip in another cell keeps nobody's access."""
    grant(company[0], "requests.work")
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [row_of(company[0], end_on=yesterday, **other), *map(row_of, [*company[1:], *approvers()])]
    code, said = run(rows)
    assert (code, [(row["line"], row["field"]) for row in said["refused"]]) == (1, [(2, field)])
    assert (said["leavers"], said["grants_ended"]) == ([{"login": "p00", "why": f"last day was {yesterday}"}], 1)
    assert not works_here(company[0])
    assert run(rows)[1]["leavers"] == []


def test_a_row_whose_cells_slipped_ends_nobodys_employment(company, run):
    """A comma in a name that nobody quoted, a cell that was put in: the first day stands where the last one should."""
    first, second, third, *others = company
    row = row_of(first).removesuffix(",")
    slipped = [row.replace(first.name, "Example, Ann"), row_of(second, name=f"Ann,{second.name}").removesuffix(",")]
    for e in (first, second, third):
        assert e.starts_on < timezone.localdate()
    wrong = row_of(third, email="not an address", end_on=third.starts_on.isoformat())
    code, said = run([*slipped, wrong, *map(row_of, others)])
    assert (code, said["leavers"], [row["line"] for row in said["refused"]]) == (1, [], [2, 3, 4])


def test_whom_a_refused_row_ends_is_in_no_circle_of_managers(company, run):
    stays, gone = company[:2]
    Employee.objects.filter(pk=gone.pk).update(manager=stays)
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [row_of(stays, manager_login=gone.login, name="New Name"), row_of(gone, email="not an address", end_on=yesterday)]
    code, said = run([*rows, *map(row_of, company[2:])])
    assert (code, [row["line"] for row in said["refused"]], [one["login"] for one in said["leavers"]]) == (1, [3], [gone.login])
    assert Employee.objects.get(pk=stays.pk).name == "New Name"


def test_of_two_rows_for_one_person_neither_ends_anything_and_a_last_day_that_is_wrong_does_not_either(company, run):
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    gone = {"end_on": yesterday, "email": "not an address"}
    rows = [
        row_of(company[0], **gone),
        row_of(company[0]),
        row_of(company[1], end_on="2019-01-01"),
        row_of(company[2], end_on="?"),
    ]
    code, said = run([*rows, *map(row_of, company[3:])])
    assert (code, said["leavers"], len(said["refused"])) == (1, [], 4)


class TestALastDayThatWeHearOfLate:
    """HR's last day is what it is; access ends when we hear of it, and that is another day."""

    @pytest.fixture
    def administrator(self):
        administrator = EmployeeFactory(login="approver-ines")
        grant(administrator, "access.administer")
        return administrator

    @pytest.fixture
    def hr_says(self, company, run, administrator):
        """A roster in which everybody is as they were, save p00."""

        def hr_says(**changed):
            return run([row_of(company[0], **changed), *map(row_of, [*company[1:], *approvers()])])[1]

        return hr_says

    @pytest.fixture
    def told_late(self, company, hr_says):
        """Nobody told us for eight days that p00 had left."""
        grant(company[0], "requests.work")
        last_day = timezone.localdate() - timedelta(days=8)
        hr_says(end_on=last_day.isoformat())
        company[0].refresh_from_db()
        return last_day

    def seen_by(self, administrator, client, page):
        said = sign_in(client, administrator).get(page).content.decode()
        return " ".join(re.sub(r"<[^>]*>", " ", said).split())

    def test_it_is_kept_and_access_ends_and_is_measured_from_when_we_heard(self, company, told_late):
        leaver, heard = company[0], EmploymentEvent.objects.get(employee=company[0], kind="left")
        assert (leaver.ends_on, timezone.localdate(leaver.left_at)) == (told_late, timezone.localdate())
        assert AccessGrant.objects.get(employee=leaver).revoked_at == leaver.left_at
        assert heard.known_at == heard.effective_at == heard.clock_starts_at
        assert timezone.localdate(heard.clock_starts_at) == timezone.localdate()

    def test_pages_say_both_days(self, company, told_late, administrator, client):
        last_day, today = date_format(told_late, "j M Y"), date_format(timezone.localdate(), "j M Y")
        assert f"{last_day} access ended {today}" in self.seen_by(administrator, client, "/admin/access/people/?state=left")
        page = self.seen_by(administrator, client, f"/admin/access/people/{company[0].pk}/")
        assert f"Last day {last_day} Access ended {today}" in page

    def test_who_had_a_last_day_was_gone_after_it_whoever_says_so_once_more(self, company, hr_says, administrator, client):
        tomorrow = timezone.localdate() + timedelta(days=1)
        hr_says(end_on=tomorrow.isoformat())
        with time_machine.travel(timezone.now() + timedelta(days=5)):
            end_employment(company[0].pk, by=None, reason="once more", now=timezone.now(), source="test")
            page = self.seen_by(administrator, client, f"/admin/access/people/{company[0].pk}/")
        assert f"Last day {date_format(tomorrow, 'j M Y')}" in page
        assert "Access ended" not in page

    @pytest.mark.parametrize(("days_after", "comes_back"), [(0, False), (1, True), (5, True)])
    def test_whoever_starts_again_after_it_comes_back_though_we_heard_of_it_later(
        self, company, told_late, hr_says, days_after, comes_back
    ):
        said = hr_says(start_on=(told_late + timedelta(days=days_after)).isoformat(), end_on="")
        assert [back["login"] for back in said["returners"]] == (["p00"] if comes_back else [])
        assert [row["problem"].split(";")[0] for row in said["refused"]] == ([] if comes_back else [f"left on {told_late}"])
        assert works_here(company[0]) == comes_back
        assert not AccessGrant.objects.active().filter(employee=company[0]).exists()

    def test_a_mistake_of_hr_leaves_no_last_day_once_it_is_restored(self, company, told_late, administrator, client):
        leaver = company[0]
        told = EmploymentEvent.objects.get(employee=leaver, kind="left")
        sign_in(client, administrator).post(f"/admin/access/events/{told.pk}/restore/", {"reason": "another Ana"})
        leaver.refresh_from_db()
        assert (leaver.ends_on, leaver.left_at, AccessGrant.objects.active().filter(employee=leaver).count()) == (None, None, 1)


def test_the_address_of_a_leaver_whose_row_is_refused_may_go_on(company, run):
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [row_of(company[0], end_on=yesterday, worker_type="robot"), row_of(company[1], email=company[0].email)]
    code, said = run([*rows, *map(row_of, company[2:])])
    assert (code, [row["field"] for row in said["refused"]]) == (1, ["worker_type"])
    assert Employee.objects.get(pk=company[1].pk).email == company[0].email


def test_whom_the_row_of_a_leaver_names_as_their_manager_is_in_no_circle_with_them(company, run):
    """Else the row of the one who stays is refused: what they move from would stay theirs."""
    stays, gone = company[:2]
    yesterday = (timezone.localdate() - timedelta(days=1)).isoformat()
    rows = [row_of(stays, manager_login=gone.login), row_of(gone, manager_login=stays.login, end_on=yesterday)]
    code, said = run([*rows, *map(row_of, company[2:])])
    assert (code, said["refused"], [one["login"] for one in said["leavers"]]) == (0, [], [gone.login])


@pytest.mark.parametrize("flags", [[], ["--create-missing"]])
def test_a_code_that_is_another_ones_name_is_neither(counted, run, flags):
    JobFunctionFactory(code="buyer", name="Purchasing")
    JobFunctionFactory(code="b2", name="Buyer")
    code, said = run(counted(job_function="Buyer"), *flags)
    refused = said["refused"][0]
    assert (code, refused["line"], refused["field"], said["movers"]) == (1, 2, "job_function", [])
    assert refused["problem"] == "“Buyer” is the code of “Purchasing” (buyer) and the name of b2; write “Purchasing” or b2"
    for written in ("Purchasing", "b2"):
        assert run(counted(job_function=written), *flags)[0] == 0


def test_a_code_that_is_its_own_name_is_known_by_it_though_another_is_called_so_too(counted, run):
    for code in ("buyer", "b2"):
        JobFunctionFactory(code=code, name="Buyer")
    code, said = run(counted(job_function="Buyer"))
    assert (code, [one["to"] for one in said["movers"]]) == (0, ["buyer"])


def test_what_is_near_is_looked_for_once_for_a_name_and_for_so_many_names_only(counted, run, company, monkeypatch):
    asked = []
    monkeypatch.setattr(roster_codes, "get_close_matches", lambda word, *rest, **more: asked.append(word) or [])
    monkeypatch.setattr(roster_codes, "MOST_GUESSED", 2)
    names = ["Costumer Service", "costumer  service", "Care desk", "Care disk"]
    rows = [row_of(one, department=name) for one, name in zip(company, names, strict=False)]
    code, said = run([*rows, *(row_of(e) for e in company[len(names) :])])
    assert (code, len(said["refused"])) == (1, len(names))
    assert asked == ["costumer service", "care desk"]


@pytest.mark.parametrize("written", ["customer-service", "Customer_Service", "CustomerService", "Customer  - Service"])
def test_no_second_department_is_made_beside_one_that_reads_the_same(counted, run, written):
    before = Department.objects.count()
    code, said = run(counted(department=written), "--create-missing")
    assert (code, Department.objects.count()) == (1, before)
    assert "reads like “Customer Service” (care); write that" in said["refused"][0]["problem"]


def test_a_new_name_is_made_under_a_code_that_follows_from_it_and_found_again(counted, run, company):
    written = [row_of(company[1], department="Night Desk"), row_of(company[2], department="night desk")]
    others = [row_of(e) for e in company if e not in company[1:3]]
    code, said = run([*others, *written], "--create-missing")
    assert (code, said["refused"]) == (0, [])
    assert list(Department.objects.filter(name__iexact="night desk").values_list("code", flat=True)) == ["night-desk"]
    code, said = run([*others, *written])
    assert (code, said["changes"]) == (0, [])


@pytest.mark.parametrize("written", ["R&D", "Sales (EU)", "Müller's team", "IT/Ops"])
def test_what_was_made_of_a_name_is_found_by_that_name_ever_after(counted, run, written):
    assert run(counted(department=written), "--create-missing")[0] == 0
    assert Department.objects.filter(name=written).count() == 1
    code, said = run(counted(department=written))
    assert (code, said["refused"], said["changes"]) == (0, [], [])


def test_two_new_names_of_one_code_are_not_made_one(counted, run, company):
    rows = [row_of(company[1], department="C++ desk"), row_of(company[2], department="C# desk")]
    code, said = run([*(row_of(e) for e in company if e not in company[1:3]), *rows], "--create-missing")
    assert (code, [one["field"] for one in said["refused"]]) == (1, ["department"])
    assert Department.objects.filter(name__startswith="C").exclude(name="Customer Service").count() == 1


def test_a_name_from_which_no_code_follows_is_refused_with_what_to_write(counted, run):
    code, said = run(counted(job_function="Lamps " * 12), "--create-missing")
    assert code == 1
    assert "no code follows from" in said["refused"][0]["problem"]
    assert "such as “lamps-lamps-" in said["refused"][0]["problem"]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda text: text.replace(",", ";").encode(), "semicolons"),
        (lambda text: text.replace(",", "\t").encode(), "tabs"),
        (lambda text: text.encode("utf-16-le"), "UTF-8"),
        (lambda text: text.encode("utf-16"), "UTF-16"),
        (lambda text: b"", "nobody"),
    ],
    ids=["semicolons", "tabs", "utf-16-le", "utf-16", "empty"],
)
def test_a_file_of_another_kind_is_refused_with_what_to_do(company, run, spoil, word):
    code, said = run([], raw=spoil("\n".join([HEADER, *(row_of(e) for e in company)])))
    assert code == 2
    assert word in said["error"]
    assert all(works_here(e) for e in company)


@pytest.mark.django_db(transaction=True)
def test_a_roster_that_comes_while_another_is_imported_changes_nothing(company, run):
    with holder() as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [_ROSTER])
        code, said = run([row_of(e) for e in company[1:]])
    assert code == 2
    assert "Another roster is being imported" in said["error"]
    assert works_here(company[0])
    assert run([row_of(e) for e in company[1:]])[0] == 0
    assert not works_here(company[0])


@pytest.mark.django_db(transaction=True)
def test_a_roster_that_waits_for_somebody_who_waits_for_it_is_applied_once_they_are_done(company, run):
    """A deadlock: the database undoes one of the two. HR's export comes once a day, and must not be that one's end."""
    if not is_superuser():
        pytest.skip("only the server's owner decides which of two that wait for each other is undone")
    first, last = sorted(company, key=lambda e: e.pk)[:: len(company) - 1]

    def someone_else():
        with holder() as other:
            other.execute("SET LOCAL deadlock_timeout = '60s'")  # so that it is the roster that is undone
            other.execute("SELECT FROM privacy_employee WHERE id = %s FOR UPDATE", [last.pk])
            assert processes.until(lambda: "Lock" in waits_of_others().values(), 10)
            other.execute("SELECT FROM privacy_employee WHERE id = %s FOR UPDATE", [first.pk])
        return "done"

    rows = [row_of(e, name="New Name") for e in company[:-1]]
    (code, said), other = together(lambda: run(rows), someone_else)
    assert (code, [one["login"] for one in said["leavers"]], other) == (0, ["p19"], "done")
    assert (works_here(company[-1]), Employee.objects.get(pk=first.pk).name) == (False, "New Name")
    assert EmploymentEvent.objects.filter(employee=company[-1], kind="left").count() == 1


def test_a_dry_run_refuses_whoever_may_not_let_a_mass_change_through(company, run):
    rows = [row_of(e) for e in company[:10]]
    code, said = run(rows, "--dry-run", "--allow-mass-change", "--by", "p00")
    assert code == 2
    assert "no grant in force" in said["error"]


class TestAManagerWhoLeft:
    def test_who_leaves_by_this_roster_is_nobodys_new_manager_by_this_one_or_the_next(self, company, run):
        boss, ana = company[:2]
        rows = [
            row_of(boss, end_on=(timezone.localdate() - timedelta(days=1)).isoformat()),
            row_of(ana, manager_login="P00"),
            *(row_of(one) for one in company[2:]),
        ]
        for _ in range(2):
            code, said = run(rows)
            assert code == 0
            assert said["changes"] == [], "the plan says what is done, and that is nothing"
            assert said["managers_who_left"] == [{"line": 3, "login": "p01", "manager": "P00"}]
            ana.refresh_from_db()
            assert ana.manager is None

    def test_nor_is_who_left_before_and_the_plan_says_that_there_is_none_then(self, company, run):
        carl, ana = company[:2]
        gone = EmployeeFactory(login="gone", left_at=timezone.now() - timedelta(days=9))
        Employee.objects.filter(pk=ana.pk).update(manager=carl)
        rows = [row_of(one) for one in company if one != ana] + [row_of(ana, manager_login=gone.login)]
        _, said = run(rows)
        assert [one["fields"] for one in said["changes"]] == [{"manager": ["p00", ""]}]
        ana.refresh_from_db()
        assert ana.manager is None

    def test_a_newcomer_gets_none_either(self, company, run):
        EmployeeFactory(login="gone", left_at=timezone.now() - timedelta(days=9))
        _, said = run(
            [*(row_of(one) for one in company), row_of(company[0], login="zoe", email="z@x.example", manager_login="gone")]
        )
        assert [one["login"] for one in said["joiners"]] == ["zoe"]
        assert Employee.objects.get(login="zoe").manager is None

    def test_whoever_has_one_keeps_them_until_hr_names_another(self, company, run):
        boss, ana = company[:2]
        Employee.objects.filter(pk=ana.pk).update(manager=boss)
        ana.refresh_from_db()
        rows = [
            row_of(boss, end_on=(timezone.localdate() - timedelta(days=1)).isoformat()),
            *(row_of(one) for one in company[2:]),
        ]
        for _ in range(2):
            _, said = run([*rows, row_of(ana)])
            assert said["changes"] == said["managers_who_left"] == []
        ana.refresh_from_db()
        assert ana.manager == boss

    def test_whoever_comes_back_by_this_roster_manages_people_again(self, company, run):
        ana = company[0]
        EmployeeFactory(login="boss", left_at=timezone.now() - timedelta(days=9), job_function=ana.job_function)
        back = row_of(Employee.objects.get(login="boss"), start_on=timezone.localdate().isoformat(), end_on="")
        _, said = run([back, row_of(ana, manager_login="boss"), *(row_of(one) for one in company[1:])])
        assert said["managers_who_left"] == []
        ana.refresh_from_db()
        assert ana.manager.login == "boss"
