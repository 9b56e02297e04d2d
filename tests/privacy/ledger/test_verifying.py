"""Every night the ledger is read again, and who answers for access is told of what is not as it was sealed."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
import time_machine
from django.core import mail
from django.db import DatabaseError, connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from privacy.access.actions import warn_of_ledger
from privacy.access.jobs import verify_nightly
from privacy.ledger.actions import seal_ledger, verify_ledger
from privacy.ledger.gateways import FileAnchor
from privacy.ledger.jobs import seal_hourly
from privacy.ledger.queries import unread_since, unsealed_since, verified_tonight
from privacy.models import Notice, Seal, Verification
from privacy.workforce.jobs import send_notice
from tests.factories.access import grant, sign_in
from tests.factories.processes import running_worker
from tests.factories.systems import wait_until
from tests.factories.workforce import EmployeeFactory
from tests.privacy.ledger.test_sealing import ENTRIES, as_owner, seal, write

pytestmark = pytest.mark.django_db(transaction=True)
SAYS = {"/": "The ledger was not sealed for hours", "/admin/ledger/": "The oldest entry without a seal"}


@pytest.fixture
def anchor(tmp_path, settings):
    settings.LEDGER_ANCHOR = str(tmp_path / "anchor.jsonl")
    return Path(settings.LEDGER_ANCHOR)


@pytest.fixture
def administrator():
    person = EmployeeFactory(login="root", email="root@lumens.example")
    grant(person, "access.administer", "ledger.read")
    return person


@pytest.fixture
def clerk():
    person = EmployeeFactory(login="clerk", email="clerk@lumens.example")
    grant(person, "requests.work")
    return person


def founding(code):
    """The key of the first of the two entries about a department: its row is as the second says."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(pgh_id) FROM {ENTRIES} WHERE code = %s", [code])
        return cursor.fetchone()[0]


def verify_after(*, nights):
    with time_machine.travel(timezone.now() + timedelta(days=nights)):
        verify_nightly()


def test_the_worker_asks_every_hour_and_each_night_it_is_read_once(anchor):
    assert ("access.verify_ledger", "5 * * * *") in {
        (one.task.name, one.cron) for one in app.periodic_registry.periodic_tasks.values()
    }
    write("it")
    seal(anchor)
    verify_nightly()
    verify_nightly()
    one = Verification.objects.get()
    assert (one.found, one.findings, one.anchored) == (0, [], 1)
    assert one.seals == Seal.objects.count() == 1
    assert one.entries == Seal.objects.get().entries
    assert verified_tonight(now=timezone.now())
    assert not verified_tonight(now=timezone.now() + timedelta(days=1))


def test_an_edit_is_written_down_shown_and_mailed_to_the_security_administrators_once(client, anchor, administrator, clerk):
    write("it", "law")
    seal(anchor)
    bad = founding("law")
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil' WHERE pgh_id = {bad}")
    says = f"entry {bad} of {ENTRIES} was changed"
    verify_nightly()
    found = Verification.objects.get()
    assert (found.found, found.findings) == (1, [says])

    notice = Notice.objects.get(subject="The ledger is not what was sealed")
    assert notice.employee == administrator
    send_notice(**ProcrastinateJob.objects.get(task_name="workforce.send_notice").args)
    (letter,) = mail.outbox
    assert letter.to == ["root@lumens.example"]
    assert says.capitalize() in letter.body
    assert "/admin/ledger/" in letter.body

    verify_after(nights=1)
    assert Verification.objects.count() == 2
    assert Notice.objects.count() == 1, "told once"

    sign_in(client, administrator)
    assert says.capitalize() in client.get("/").content.decode()
    page = client.get("/admin/ledger/").content.decode()
    assert says.capitalize() in page
    assert "1 not as sealed" in page
    sign_in(client, clerk)
    assert says.capitalize() not in client.get("/").content.decode()


def test_another_finding_is_told_too_and_one_that_is_mended_is_shown_no_more(client, anchor, administrator):
    write("it", "law")
    seal(anchor)
    first, second = founding("it"), founding("law")
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil' WHERE pgh_id = {first}")
    verify_nightly()
    as_owner(f"UPDATE {ENTRIES} SET name = 'Worse' WHERE pgh_id = {second}")
    verify_after(nights=1)
    told = [notice.body.split(".")[0] for notice in Notice.objects.order_by("pk")]
    assert told == [f"Entry {first} of {ENTRIES} was changed", f"Entry {second} of {ENTRIES} was changed"]
    as_owner(f"UPDATE {ENTRIES} SET name = code WHERE pgh_id IN ({first}, {second})")
    verify_after(nights=2)
    assert Verification.objects.latest().findings == []
    sign_in(client, administrator)
    assert "not what was sealed" not in client.get("/").content.decode()
    assert "all as sealed" in " ".join(client.get("/admin/ledger/").content.decode().split())


def test_where_the_seals_cannot_be_asked_for_the_page_says_that_they_were_not_compared(client, settings, administrator):
    settings.LEDGER_ANCHOR = "syslog://127.0.0.1:9"
    write("it")
    verify_nightly()
    sign_in(client, administrator)
    page = client.get("/admin/ledger/").content.decode()
    assert "all as sealed" in " ".join(page.split())
    assert "no seal outside was compared" in page


@pytest.mark.parametrize(
    ("left", "says"),
    [(None, "holds no seal"), ("", "holds no seal"), ("no seal at all\n", "line 1: names no seal")],
)
def test_an_anchor_that_is_gone_empty_or_spoilt_is_a_finding_and_the_entries_are_read_all_the_same(
    anchor, administrator, left, says
):
    write("it")
    seal(anchor)
    anchor.unlink()
    if left is not None:
        anchor.write_text(left)
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil' WHERE pgh_id = {founding('it')}")
    verify_nightly()
    found = Verification.objects.get()
    assert says in found.findings[0]
    assert "was changed" in found.findings[1]
    assert Notice.objects.count() == found.found == 2


def test_a_setting_that_names_no_anchor_is_a_finding(settings, administrator):
    settings.LEDGER_ANCHOR = "ftp://somewhere/seals"
    write("it")
    verify_nightly()
    assert "is not known" in Verification.objects.get().findings[0]


def test_of_very_many_findings_the_first_are_kept_and_mailed(anchor, administrator):
    write(*[f"d{number}" for number in range(30)])
    seal(anchor)
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil'", "UPDATE privacy_department SET name = 'Worse'")
    found = verify_ledger(str(anchor), clock=timezone.now)
    assert found.found > 20
    assert len(found.findings) == found.found <= 100
    assert warn_of_ledger(now=timezone.now()) == 10
    assert warn_of_ledger(now=timezone.now()) == 0


def test_nobody_changes_what_was_found(anchor):
    write("it")
    verify_nightly()
    for statement in ("UPDATE privacy_verification SET found = 0", "DELETE FROM privacy_verification"):
        with pytest.raises(DatabaseError, match="Cannot update or delete"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_the_worker_reads_it_at_five_past_two(anchor, tmp_path, monkeypatch):
    monkeypatch.setenv("LEDGER_ANCHOR", str(anchor))
    write("it")
    seal(anchor)
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil' WHERE pgh_id = {founding('it')}")
    night = timezone.localtime().replace(hour=2, minute=5, second=0, microsecond=0) + timedelta(days=1)
    with running_worker(tmp_path, at=night - timedelta(seconds=1)):
        wait_until(lambda: Verification.objects.filter(began_at__gte=night, found=1).count() == 1, 60)
    assert Verification.objects.get().ended_at < night + timedelta(minutes=1)


def test_that_nobody_read_it_for_days_is_shown_to_the_security_administrators(client, anchor, administrator, clerk):
    write("it")
    seal(anchor)
    verify_nightly()
    says = "not read again"
    for days, warned in ((1, False), (3, True)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            sign_in(client, administrator)
            assert (says in client.get("/").content.decode()) is warned
            assert (says in client.get("/admin/ledger/").content.decode()) is warned
            sign_in(client, clerk)
            assert says not in client.get("/").content.decode()


def test_somebody_is_told_when_what_was_written_is_not_sealed_for_hours(client, anchor, administrator, clerk):
    def warned(address, hours):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            sign_in(client, administrator)
            return SAYS[address] in client.get(address).content.decode()

    for address in SAYS:
        seal(anchor)  # what migrating wrote, perhaps days ago, too
        assert unsealed_since(now=timezone.now() + timedelta(hours=4)) is None
        write(f"dept-{len(address)}")
        assert not warned(address, 1)
        assert warned(address, 4)
    with time_machine.travel(timezone.now() + timedelta(hours=4)):
        assert SAYS["/"] not in sign_in(client, clerk).get("/").content.decode()


def test_somebody_is_told_of_the_one_table_that_is_not_sealed_for_hours_while_the_others_are(client, anchor, administrator):
    write("slow")
    seal(anchor)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("UPDATE privacy_department SET name = 'Slow' WHERE code = 'slow'")
        write("held-back")
        for hours, warned in ((1, False), (4, True)):
            with time_machine.travel(timezone.now() + timedelta(hours=hours)):
                EmployeeFactory()
                assert seal_ledger(clock=timezone.now, anchor=FileAnchor(anchor), wait_seconds=0.2).busy == [ENTRIES]
                sign_in(client, administrator)
                for address, says in SAYS.items():
                    assert (says in client.get(address).text) is warned, address
    seal(anchor)
    assert unsealed_since(now=timezone.now() + timedelta(hours=3)) is None


def test_the_worker_seals_once_an_hour_and_at_once_what_was_left_undone(settings, anchor):
    settings.LEDGER_ANCHOR = str(anchor)
    for minutes, seals in ((0, 1), (10, 1), (50, 1), (60, 2), (70, 2), (24 * 60, 3)):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            write(f"after-{minutes}")
            seal_hourly()
        assert Seal.objects.count() == seals, minutes


def test_what_was_sealed_and_never_read_again_is_told_too(client, anchor, administrator):
    assert unread_since(now=timezone.now() + timedelta(days=9)) is None  # nothing is sealed
    write("it")
    seal(anchor)
    assert unread_since(now=timezone.now() + timedelta(days=1)) is None
    assert unread_since(now=timezone.now() + timedelta(days=3)) == Seal.objects.get().sealed_at
