"""Tasks by hand: done with evidence, verified by a second person, sent back with a reason."""

import base64
import hashlib
import quopri
import re
import threading
import time
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions, errors
from privacy.access.policies.systems import EVIDENCE_BYTES_AT_MOST, type_of_evidence
from privacy.models import AccessGrant, ChangeState, Employee, GrantState, HandTask, Notice, Proof, RecordedRead, SystemChange
from tests.factories.access import GrantFactory, grant, sign_in
from tests.factories.processes import holder
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.together import together
from tests.factories.workforce import ContractorFactory, EmployeeFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now
PDF = b"%PDF-1.7 the account is gone"
MAIL = b"From: desk@cards.example\r\nTo: iris@lumens.example\r\nSubject: Removed\r\n\r\nThe account is removed.\r\n"


@pytest.fixture
def owner():
    return EmployeeFactory(login="iris", name="Iris Vogel")


@pytest.fixture
def administrator():
    person = EmployeeFactory(login="ines", name="Inés Romero")
    grant(person, "access.administer")
    return person


@pytest.fixture
def portal(owner):
    return SystemFactory(code="portal", name="Card processor's portal", owner=owner)


@pytest.fixture
def change(portal):
    """The removal of something that Leo had in the portal."""
    leo = EmployeeFactory(login="leo", name="Leo Vance")
    held = GrantFactory(employee=leo, entitlement=OutsideEntitlementFactory(system=portal, external_name="Refund operator"))
    actions.settle_everything(now=NOW())
    SystemChange.objects.update(state="proven", pushed_at=NOW(), proven_at=NOW())
    actions.revoke_grant(held.pk, by=None, reason="left", now=NOW())
    return SystemChange.objects.get(wanted="removed")


def do_it(change, by, evidence=PDF, **values):
    return actions.do_task(change.pk, evidence=evidence, note="taken off the list", by=by, now=NOW(), **values)


def upload(client, change, content=PDF, name="proof.pdf"):
    form = {"evidence": SimpleUploadedFile(name, content), "note": "taken off the list"}
    return client.post(reverse("access:do_task", args=[change.pk]), form)


def shown(client, change):
    """The page of the change, as it stands in a browser."""
    return client.get(reverse("access:change", args=[change.pk])).content.decode()


def press(client, change, button, *, page="", **typed):
    """Press a button of that page (as it is now, unless given): its form with all that is hidden in it."""
    name = {"Verified": "verify_task", "Send it back": "send_back_task"}[button]
    form = (page or shown(client, change)).split(f'action="{reverse(f"access:{name}", args=[change.pk])}"')[1].split("</form>")[0]
    hidden = dict(re.findall(r'<input\s+type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', form))
    return client.post(reverse(f"access:{name}", args=[change.pk]), {**hidden, **typed}, follow=True).content.decode()


# --- done, verified ---------------------------------------------------------------------------------------------------


def test_done_by_its_owner_and_verified_by_a_second_person_it_is_proven_gone(change, owner, administrator):
    task = do_it(change, owner)
    change.refresh_from_db()
    assert (change.state, task.done_by) == (ChangeState.PUSHED, owner)
    assert change.pushed_at is not None
    assert AccessGrant.objects.get(pk=change.grant_id).state == GrantState.REVOKING
    actions.verify_task(change.pk, by=administrator, now=NOW())
    change.refresh_from_db()
    assert change.state == ChangeState.PROVEN
    assert AccessGrant.objects.get(pk=change.grant_id).state == GrantState.REVOKED
    assert list(Proof.objects.filter(change=change).order_by("pk").values_list("step", "holds")) == [
        ("by_hand", True),
        ("verified", True),
    ]
    assert hashlib.sha256(PDF).hexdigest() in Proof.objects.filter(change=change).first().answer


def test_nobody_verifies_what_they_did(change, administrator):
    do_it(change, administrator)
    with pytest.raises(errors.NotASecondPerson):
        actions.verify_task(change.pk, by=administrator, now=NOW())
    with pytest.raises(IntegrityError), transaction.atomic():
        HandTask.objects.update(verified_by=administrator, verified_at=NOW())


def test_nobody_does_or_verifies_the_removal_of_their_own_access(change, administrator, portal):
    leo = change.employee
    grant(leo, "access.administer")
    portal.owner = leo
    portal.save()
    with pytest.raises(errors.NotYourTask):
        do_it(change, leo)
    do_it(change, administrator)
    with pytest.raises(errors.NotASecondPerson):
        actions.verify_task(change.pk, by=leo, now=NOW())


def test_somebody_it_was_not_given_to_does_nothing(change):
    with pytest.raises(errors.NotYourTask):
        do_it(change, EmployeeFactory())


def test_a_task_is_done_once(change, owner, administrator):
    do_it(change, owner)
    with pytest.raises(errors.TaskIsDone):
        do_it(change, administrator)


def test_what_nobody_did_is_not_verified(change, administrator):
    with pytest.raises(errors.TaskIsNotDone):
        actions.verify_task(change.pk, by=administrator, now=NOW())


def test_a_task_that_is_over_is_neither_done_nor_verified_again(change, owner, administrator):
    do_it(change, owner)
    actions.verify_task(change.pk, by=administrator, now=NOW())
    for verb in (lambda: do_it(change, owner), lambda: actions.verify_task(change.pk, by=administrator, now=NOW())):
        with pytest.raises(errors.NothingToTry):
            verb()


def test_a_second_person_who_does_not_believe_it_sends_it_back(change, owner, administrator):
    do_it(change, owner)
    with pytest.raises(errors.ReasonNeeded):
        actions.send_back_task(change.pk, reason=" ", by=administrator, now=NOW())
    actions.send_back_task(change.pk, reason="the picture shows another account", by=administrator, now=NOW())
    change.refresh_from_db()
    assert change.state == ChangeState.FAILED
    assert "another account" in change.failure
    assert change.pushed_at is None
    assert [proof.holds for proof in Proof.objects.filter(change=change).order_by("pk")] == [True, False]
    again = do_it(change, owner, evidence=MAIL)
    assert again.evidence_name.endswith(".eml")
    actions.verify_task(change.pk, by=administrator, now=NOW())
    change.refresh_from_db()
    assert change.state == ChangeState.PROVEN


def test_what_was_done_anew_while_somebody_looked_is_not_verified_unseen(change, owner, administrator):
    walt = EmployeeFactory(login="walt")
    grant(walt, "access.administer")
    do_it(change, owner)
    client = sign_in(Client(), administrator)
    looking = shown(client, change)
    actions.send_back_task(change.pk, reason="another account", by=walt, now=NOW())
    do_it(change, owner, evidence=PDF + b" and now really")
    for button, typed in (("Verified", {}), ("Send it back", {"reason": "blurred"})):
        assert "another file by now" in press(client, change, button, page=looking, **typed)
    assert client.post(reverse("access:verify_task", args=[change.pk])).status_code == 302  # a form without it verifies nothing
    change.refresh_from_db()
    assert change.state == ChangeState.PUSHED
    press(client, change, "Verified")
    change.refresh_from_db()
    assert change.state == ChangeState.PROVEN


def test_whoever_did_it_first_may_verify_what_somebody_else_did_after_it_was_sent_back(change, owner, administrator):
    do_it(change, owner)
    actions.send_back_task(change.pk, reason="blurred", by=administrator, now=NOW())
    do_it(change, administrator, evidence=MAIL)
    with pytest.raises(errors.NotASecondPerson):
        actions.verify_task(change.pk, by=administrator, now=NOW())
    assert actions.verify_task(change.pk, by=owner, now=NOW()).verified_by == owner


# --- evidence ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, "pdf"),
        (b"\x89PNG\r\n\x1a\n....", "png"),
        (b"\xff\xd8\xff\xe0....", "jpg"),
        (MAIL, "eml"),
        ("Konto gelöscht\n".encode(), "txt"),
    ],
)
def test_evidence_is_told_by_its_content(content, kind):
    assert type_of_evidence(content)[1] == kind


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 an archive",
        b"MZ\x90\x00 a program",
        b"\x00\x01\x02",
        b"   \n",
        b"GIF89a\x01\x00",
        b"caf\xe9",
        b"\x1b]0;title\x07",
        b"\x7fELF\x02\x01\x01\x00",
        b"#!/bin/sh\n\x00",
        b"\xff\xfeK\x00o\x00n\x00t\x00o\x00",
        b"Rar!\x1a\x07\x01\x00",
        b"\x1f\x8b\x08\x00",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    ],
)
def test_what_is_no_evidence_is_refused_whatever_it_is_called(change, owner, content):
    assert type_of_evidence(content) is None
    with pytest.raises(errors.UnknownEvidence):
        do_it(change, owner, evidence=content)


def test_a_page_that_calls_itself_a_picture_is_kept_as_text_and_never_shown(change, owner, administrator):
    client = sign_in(Client(), owner)
    upload(client, change, content=b"<script>alert(1)</script>", name="picture.png")
    task = HandTask.objects.get(change=change)
    assert (task.evidence_type, task.evidence_name.rsplit(".")[-1]) == ("text/plain", "txt")
    answer = sign_in(Client(), administrator).post(reverse("access:evidence_file", args=[change.pk]))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


@pytest.mark.parametrize(
    "content",
    [
        EICAR,
        EICAR + b" \r\n",
        PDF + b"\n" + EICAR,
        MAIL.replace(b"Subject", b"MIME-Version: 1.0\r\nContent-Transfer-Encoding: base64\r\nSubject", 1).split(b"\r\n\r\n")[0]
        + b"\r\n\r\n"
        + base64.b64encode(EICAR),
        *(MAIL + b"\r\n" + base64.encodebytes(b"P" * before + EICAR + b"after") for before in range(57, 60)),
        MAIL + b"\r\n" + quopri.encodestring(EICAR.replace(b"$", b"\xff$")).replace(b"=FF$", b"=24"),
    ],
    ids=["alone", "with an end of line", "in a PDF", "attached to a mail"]
    + [f"in the middle of an attachment, {places} places on" for places in range(3)]
    + ["attached in the other encoding"],
)
def test_what_a_virus_scanner_would_stop_is_kept_nowhere(change, owner, content):
    answer = upload(sign_in(Client(), owner), change, content=content)
    assert answer.status_code == 400
    assert "virus scanner" in answer.content.decode()
    assert not HandTask.objects.filter(evidence__isnull=False).exists()


HEADER = b"From: a@b.example\nSubject: x\n"
HOSTILE_MAIL = {
    "messages in messages": HEADER + b"Content-Type: message/rfc822\n\n" * 3000,
    "parts in parts": HEADER
    + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (level, level) for level in range(3000)),
    "open comments": HEADER + b"Content-Type: " + b"(" * 5000 + b"\n\nx",
    "a million parameters": HEADER + b"Content-Type: text/plain" + b"; a=b" * 1_000_000 + b"\n\nx",
    "encoded words": HEADER + b"Content-Type: " + b"=?utf-8?q?a?= " * 300_000 + b"\n\nx",
}


@pytest.mark.parametrize("content", HOSTILE_MAIL.values(), ids=HOSTILE_MAIL)
def test_hostile_mail_is_kept_as_evidence_without_being_taken_apart(change, owner, content):
    client = sign_in(Client(), owner)
    began = time.process_time()  # what it cost, however busy the machine is: these are megabytes
    assert upload(client, change, content=content).status_code == 302
    assert time.process_time() - began < 3
    assert HandTask.objects.get(change=change).evidence_type == "message/rfc822"


@pytest.mark.parametrize(
    "name",
    [
        '../../etc/passwd"\r\nX-Evil: 1.pdf',
        "C:\\fakepath\\proof.pdf",
        "\u202efdp.exe",
        'a";filename="evil.html',
        "n" * 300 + ".pdf",
        ".pdf",
        "con.pdf",
    ],
)
def test_nothing_of_a_files_own_name_is_kept(change, owner, administrator, name):
    client = sign_in(Client(), owner)
    upload(client, change, name=name)
    name = HandTask.objects.get(change=change).evidence_name
    assert re.fullmatch(rf"evidence-{change.pk}-\d{{8}}-\d{{6}}\.pdf", name)
    answer = sign_in(Client(), administrator).post(reverse("access:evidence_file", args=[change.pk]))
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'


def test_a_file_that_is_too_large_is_refused_before_it_is_read(change, owner):
    client = sign_in(Client(), owner)
    whole = PDF + b" " * (EVIDENCE_BYTES_AT_MOST - len(PDF))
    for too_much in (whole + b" ", whole + b" " * 100_000):  # by one byte, and by more than a form around it
        answer = upload(client, change, content=too_much)
        assert answer.status_code == 413
        assert "larger than 10 MB" in answer.content.decode()
    assert not HandTask.objects.filter(done_at__isnull=False).exists()
    with pytest.raises(errors.EvidenceTooLarge):
        do_it(change, owner, evidence=whole + b" ")
    upload(client, change, content=whole)
    assert HandTask.objects.get(change=change).evidence == whole


def test_a_stranger_with_a_large_file_learns_nothing(change):
    answer = upload(sign_in(Client(), EmployeeFactory()), change, content=PDF + b" " * (EVIDENCE_BYTES_AT_MOST + 100_000))
    assert answer.status_code == 403


def test_evidence_lies_encrypted_and_the_application_writes_none_of_it_to_the_disk(
    change, owner, settings, tmp_path, monkeypatch
):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    seen = []
    monkeypatch.setattr("django.core.files.uploadedfile.TemporaryUploadedFile.__init__", lambda *a, **k: seen.append(a))
    content = PDF + b" " * 4_000_000  # more than Django keeps in memory by itself
    upload(sign_in(Client(), owner), change, content=content)
    assert not seen
    assert HandTask.objects.get(change=change).evidence == content
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT evidence FROM privacy_handtask WHERE change_id = %s", [change.pk])
        assert PDF not in bytes(cursor.fetchone()[0])


def test_a_form_without_its_token_is_refused(change, owner):
    client = sign_in(Client(enforce_csrf_checks=True), owner)
    assert upload(client, change).status_code == 403
    assert not HandTask.objects.filter(done_at__isnull=False).exists()


def test_each_download_of_evidence_is_written_down(change, owner, administrator):
    do_it(change, owner)
    answer = sign_in(Client(), administrator).post(reverse("access:evidence_file", args=[change.pk]))
    assert answer.content == PDF
    read = RecordedRead.objects.get(kind="evidence")
    assert read.by == administrator
    assert hashlib.sha256(PDF).hexdigest()[:16] in read.subject


def test_a_stranger_downloads_nothing(change, owner):
    do_it(change, owner)
    assert sign_in(Client(), EmployeeFactory()).post(reverse("access:evidence_file", args=[change.pk])).status_code == 403
    assert not RecordedRead.objects.filter(kind="evidence").exists()


def test_a_download_is_no_link_that_a_page_can_follow(change, owner, administrator):
    do_it(change, owner)
    assert sign_in(Client(), administrator).get(reverse("access:evidence_file", args=[change.pk])).status_code == 405


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_owner_finds_the_task_and_does_it(change, owner):
    client = sign_in(Client(), owner)
    listed = client.get(reverse("access:tasks")).content.decode()
    assert "Refund operator" in listed
    assert "Leo Vance" in listed
    upload(client, change)
    assert "It waits for a second person" in client.get(reverse("access:change", args=[change.pk])).content.decode()
    assert "Refund operator" not in client.get(reverse("access:tasks")).content.decode()


def test_the_second_person_finds_it_verifies_it_and_it_is_among_the_verified(change, owner, administrator):
    do_it(change, owner)
    client = sign_in(Client(), administrator)
    assert client.get(reverse("access:tasks")).context["to_verify"] == [change]
    press(client, change, "Verified")
    assert client.get(reverse("access:tasks")).context["to_verify"] == []
    assert "Refund operator" in client.get(reverse("access:tasks") + "?whose=done").content.decode()


def test_a_colleague_without_tasks_sees_none_of_other_people(change):
    shown = sign_in(Client(), EmployeeFactory()).get(reverse("access:tasks") + "?whose=all").content.decode()
    assert "Leo Vance" not in shown


def test_whoever_lost_the_access_does_not_find_the_task(change):
    change.system.owner = change.employee
    change.system.save()
    assert "Refund operator" not in sign_in(Client(), change.employee).get(reverse("access:tasks")).content.decode()


# --- at once ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_people_who_verify_at_once_prove_it_once(change, owner, administrator):
    other = EmployeeFactory(login="walt")
    grant(other, "access.administer")
    do_it(change, owner)
    barrier, results = threading.Barrier(2), []

    def verify(person):
        barrier.wait()
        try:
            results.append(actions.verify_task(change.pk, by=person, now=NOW()))
        except Exception as error:
            results.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=verify, args=[person]) for person in (administrator, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(type(one).__name__ for one in results) == ["HandTask", "NothingToTry"]
    assert Proof.objects.filter(change=change, step="verified").count() == 1


@pytest.mark.django_db(transaction=True)
def test_verified_and_sent_back_at_once_one_of_the_two_stands(change, owner, administrator):
    walt = EmployeeFactory(login="walt")
    grant(walt, "access.administer")
    do_it(change, owner)
    results = together(
        lambda: actions.verify_task(change.pk, by=administrator, now=NOW()),
        lambda: actions.send_back_task(change.pk, reason="blurred", by=walt, now=NOW()),
    )
    change.refresh_from_db()
    task = HandTask.objects.get(change=change)
    if change.state == ChangeState.PROVEN:
        assert task.verified_by == administrator
        assert isinstance(results[1], errors.NothingToTry)
    else:
        assert (change.state, task.verified_at, task.done_at) == (ChangeState.FAILED, None, None)
        assert isinstance(results[0], errors.TaskIsNotDone)
    assert Proof.objects.filter(change=change, step="verified").count() == 1


def test_by_hand_has_a_day(change):
    assert change.due_at - change.known_at == timedelta(hours=24)


def test_whoever_is_to_do_a_task_is_told_once_with_its_page(change, owner):
    for _ in range(2):
        actions.open_hand_tasks(now=NOW())
    notice = Notice.objects.get(key=f"task {change.pk}")
    assert (notice.employee, notice.link) == (owner, reverse("access:change", args=[change.pk]))
    assert "leo" in notice.body


def test_many_tasks_at_once_are_one_mail(portal, owner):
    for number in range(11):
        held = GrantFactory(entitlement=OutsideEntitlementFactory(system=portal, external_name=f"Role {number}"))
        actions.settle_everything(now=NOW())
        SystemChange.objects.filter(wanted="given").update(state="proven", pushed_at=NOW(), proven_at=NOW())
        actions.revoke_grant(held.pk, by=None, reason="left", now=NOW())
    assert actions.open_hand_tasks(now=NOW()) == 11
    notice = Notice.objects.get(employee=owner)
    assert notice.subject.startswith("11 changes")
    assert notice.link == reverse("access:tasks")


def test_who_takes_over_a_task_is_told_of_it(change, owner):
    heir = EmployeeFactory(login="maud")
    owner.manager = heir
    owner.save()
    actions.open_hand_tasks(now=NOW())
    actions.end_employment(owner.pk, by=None, reason="left", now=NOW(), source="page")
    assert HandTask.objects.get(change=change).assigned_to == heir
    assert Notice.objects.filter(employee=heir, key=f"task {change.pk}").count() == 1


# --- whose a task is --------------------------------------------------------------------------------------------------


def owed(person, portal):
    """The removal of something that this person had in the portal."""
    held = GrantFactory(employee=person, entitlement=OutsideEntitlementFactory(system=portal, external_name="Clerk"))
    actions.settle_everything(now=NOW())
    SystemChange.objects.filter(grant=held).update(state="proven", pushed_at=NOW(), proven_at=NOW())
    actions.revoke_grant(held.pk, by=None, reason="not needed", now=NOW())
    return SystemChange.objects.get(grant=held, wanted="removed")


def told_of(change):
    return {one.employee for one in Notice.objects.filter(key=f"task {change.pk}")}


def test_an_owner_is_not_given_the_removal_of_their_own_access(portal, owner, administrator):
    maud = EmployeeFactory(login="maud")
    Employee.objects.filter(pk=owner.pk).update(manager=maud)
    change = owed(owner, portal)
    actions.open_hand_tasks(now=NOW())
    assert (HandTask.objects.get().assigned_to, told_of(change)) == (maud, {maud})


def test_where_the_next_is_the_one_who_loses_it_the_administrators_are_told_at_once(portal, owner, administrator):
    maud = EmployeeFactory(login="maud")
    Employee.objects.filter(pk=owner.pk).update(manager=maud, ends_on=timezone.localdate() - timedelta(days=1))
    change = owed(maud, portal)
    actions.open_hand_tasks(now=NOW())
    assert (HandTask.objects.get().assigned_to, told_of(change)) == (None, {administrator})


def test_a_task_that_an_earlier_version_gave_to_the_one_who_loses_it_is_given_anew(portal, owner, administrator):
    change = owed(owner, portal)
    HandTask.objects.create(change=change, assigned_to=owner)
    for _ in range(2):
        actions.open_hand_tasks(now=NOW())
    assert (HandTask.objects.get().assigned_to, told_of(change)) == (None, {administrator})


def test_a_leavers_task_about_their_managers_access_is_not_handed_to_that_manager(portal, owner, administrator):
    maud = EmployeeFactory(login="maud")
    Employee.objects.filter(pk=owner.pk).update(manager=maud)
    about_maud, about_leo = owed(maud, portal), owed(EmployeeFactory(login="leo"), portal)
    actions.open_hand_tasks(now=NOW())
    actions.end_employment(owner.pk, by=None, reason="left", now=NOW(), source="page")
    given = dict(HandTask.objects.values_list("change", "assigned_to"))
    assert given == {about_maud.pk: None, about_leo.pk: maud.pk}
    assert told_of(about_maud) == {owner, administrator}
    assert told_of(about_leo) == {owner, maud}
    event = owner.employment_events.get(kind="left")
    actions.restore_after_mistake(event.pk, by=administrator, reason="the wrong line", now=NOW())
    assert set(HandTask.objects.values_list("assigned_to", flat=True)) == {owner.pk}


def test_an_administrator_is_not_told_to_take_away_their_own(portal, owner, administrator):
    other = EmployeeFactory(login="walt")
    grant(other, "access.administer")
    portal.owner = None
    portal.save()
    change = owed(administrator, portal)
    actions.open_hand_tasks(now=NOW())
    assert told_of(change) == {other}


def test_where_the_only_administrator_loses_it_their_manager_does_it(portal, administrator):
    maud = EmployeeFactory(login="maud")
    Employee.objects.filter(pk=administrator.pk).update(manager=maud)
    portal.owner = None
    portal.save()
    change = owed(administrator, portal)
    actions.open_hand_tasks(now=NOW())
    assert (HandTask.objects.get().assigned_to, told_of(change)) == (maud, {maud})
    actions.do_task(change.pk, evidence=b"%PDF-1.7 gone", note="", by=maud, now=NOW())


def test_where_nobody_may_do_it_that_is_told_and_whoever_may_by_and_by_gets_it(portal, owner, administrator):
    portal.owner = None
    portal.save()
    change = owed(administrator, portal)
    for _ in range(2):
        actions.open_hand_tasks(now=NOW())
    assert (HandTask.objects.get().assigned_to, told_of(change)) == (None, set())
    told = Notice.objects.get(key=f"nobody for task {change.pk}")
    assert told.employee == administrator
    assert "Name an owner of the system" in told.body
    assert HandTask.ledger_events.rel.related_model.objects.count() == 1, "nothing is written each minute"
    portal.owner = owner
    portal.save()
    actions.open_hand_tasks(now=NOW())
    assert (HandTask.objects.get().assigned_to, told_of(change)) == (owner, {owner})


def test_where_there_is_no_administrator_who_manages_people_is_told(portal, administrator):
    hanna = EmployeeFactory(login="hanna")
    grant(hanna, "people.manage")
    Employee.objects.filter(pk=administrator.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    portal.owner = None
    portal.save()
    change = owed(EmployeeFactory(login="lea"), portal)
    actions.open_hand_tasks(now=NOW())
    assert {one.employee for one in Notice.objects.filter(key=f"nobody for task {change.pk}")} == {hanna}


@pytest.mark.django_db(transaction=True)
def test_a_leaving_and_the_job_that_gives_tasks_anew_do_not_wait_for_each_other_for_ever(portal):
    """The rows lie in another order than their keys: each of the two would change them in its own."""
    for _ in range(8):
        GrantFactory(entitlement=OutsideEntitlementFactory(system=portal))
    actions.settle_everything(now=NOW())
    actions.open_hand_tasks(now=NOW())
    kit = ContractorFactory(manager=EmployeeFactory(), nda=None)
    keys = list(HandTask.objects.order_by("pk").values_list("pk", flat=True))
    for pk in reversed(keys):
        HandTask.objects.filter(pk=pk).update(assigned_to=kit)

    def leave():
        time.sleep(0.3)  # once the job has come as far as the task in the middle, which somebody works on
        return actions.end_employment(kit.pk, by=None, reason="left", now=NOW(), source="page")

    with holder() as somebody:
        somebody.execute("SELECT 1 FROM privacy_handtask WHERE id = %s FOR NO KEY UPDATE", [keys[4]])

        def finish():
            time.sleep(1.5)
            somebody.rollback()

        given, left, _ = together(lambda: actions.open_hand_tasks(now=NOW()), leave, finish)
    assert (given, left) == (0, [])
    assert not HandTask.objects.filter(assigned_to=kit).exists()
