"""Packs of evidence: what is in one, that any change of it shows, that only those who may have one get one."""

import hashlib
import io
import json
import subprocess
import zipfile
from base64 import urlsafe_b64encode
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lumens_admin.secrets_file import ensure_secrets, signing_key
from privacy.access import actions, errors, policies, queries
from privacy.access.gateways import signing
from privacy.models import (
    AccessGrant,
    ChangeState,
    Decision,
    Entitlement,
    EvidencePack,
    HandTask,
    Proof,
    RecordedRead,
    Review,
    ReviewItem,
    Step,
    System,
    SystemChange,
    SystemKind,
)
from tests.factories.access import GrantFactory, grant, sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def elsewhere(code: str, kind: str) -> Entitlement:
    """Something that another system gives."""
    address = {"postgresql": "postgresql://admin@db.example/shop", "scim": "https://app.example/scim/v2"}.get(kind, "")
    system = System.objects.create(code=code, name=code.title(), kind=kind, address=address)
    return Entitlement.objects.create(
        system=system, code=f"{code}.read", name=f"read {code}", sensitive=False, external_name="readers"
    )


def prove(change: SystemChange, *, seconds: float, answer: str = '{"members": []}', holds: bool = True) -> None:
    """The system answered, so many seconds after the access had to be gone."""
    at = max(change.known_at, change.effective_at) + timedelta(seconds=seconds)
    sha256 = hashlib.sha256(answer.encode()).hexdigest()
    Proof.objects.create(change=change, at=at, attempt=1, step=Step.READ_BACK, holds=holds, answer=answer, answer_sha256=sha256)
    SystemChange.objects.filter(pk=change.pk).update(state=ChangeState.PROVEN, pushed_at=at, proven_at=at, attempts=1)


@pytest.fixture
def administrator():
    ines = EmployeeFactory(login="ines", name="Ines Romero")
    grant(ines, "access.administer")
    return ines


@pytest.fixture
def auditor():
    dana = EmployeeFactory(login="dana", name="Dana Fox")
    grant(dana, "promises.read", "ledger.read")
    return dana


@pytest.fixture
def leaver(administrator):
    """Leo had access here, in a database and in a system worked by hand; he left, and all of it is proven gone."""
    leo = EmployeeFactory(login="leo", name="Leo Vance")
    grant(leo, "requests.work", "reveal.contact")
    for thing in (elsewhere("warehouse", "postgresql"), elsewhere("badges", "by_hand")):
        GrantFactory(employee=leo, entitlement=thing, approved_by=administrator)
    from privacy.access.actions.outbox import settle_everything

    settle_everything(now=NOW())
    for change in SystemChange.objects.all():
        prove(change, seconds=0)
    actions.end_employment(leo.pk, by=None, reason="resigned", now=NOW(), source="roster")
    event = leo.employment_events.get(kind="left")
    for change in SystemChange.objects.removals().filter(event=event):
        prove(change, seconds=12)
        if change.system.kind == SystemKind.BY_HAND:
            HandTask.objects.create(
                change=change,
                done_by=administrator,
                done_at=NOW(),
                evidence=b"%PDF-1.7 the badge is off",
                evidence_name="bad ge/../é.pdf",
                evidence_type="application/pdf",
                evidence_sha256=hashlib.sha256(b"%PDF-1.7 the badge is off").hexdigest(),
            )
    return SimpleNamespace(person=leo, event=event)


@pytest.fixture
def pack(leaver, administrator):
    return actions.make_leaver_pack(leaver.event.pk, by=administrator, now=NOW() + timedelta(seconds=20))


def files_of(pack: EvidencePack) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bytes(pack.file))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def data_of(pack: EvidencePack) -> dict:
    return json.loads(files_of(pack)["evidence.json"])


def verify(tmp_path, raw: bytes, *arguments: str) -> tuple[int, dict]:
    """What `verify_evidence FILE --json` says, and how it exits."""
    file, out = tmp_path / "pack.zip", io.StringIO()
    file.write_bytes(raw)
    try:
        call_command("verify_evidence", str(file), "--json", *arguments, stdout=out)
        code = 0
    except SystemExit as exit_:
        code = exit_.code
    return code, json.loads(out.getvalue())


# --- what is in it ---------------------------------------------------------------------------------------------------


def test_a_pack_holds_the_event_the_grants_each_answer_and_the_evidence_of_hands(pack, leaver):
    files, data = files_of(pack), data_of(pack)
    assert list(files)[:5] == ["index.html", "evidence.json", "manifest.json", "manifest.sig", "public_key.pem"]
    assert data["person"]["name"] == "Leo Vance"
    assert data["event"]["said"] == "left"
    held = {"requests.work", "reveal.contact", "warehouse.read", "badges.read"}
    assert {one["entitlement"] for one in data["grants_before"]} == held
    assert all(one["ended_by_this"] for one in data["grants_before"])
    removals = {one["system_code"]: one for one in data["removals"]}
    assert removals["warehouse"]["proofs"][0]["answer"] == '{"members": []}'
    assert removals["warehouse"]["proofs"][0]["answer_matches_sha256"]
    assert removals["warehouse"]["seconds_to_proven"] == 12
    attached = removals["badges"]["task"]["file"]
    assert attached.startswith("files/task-")
    assert files[attached] == b"%PDF-1.7 the badge is off"
    assert {row["system"]: row["verdict"] for row in data["timings"]}["Warehouse"] == "in time"
    assert data["sessions"]["raised"]
    assert data["exceptions"] == []


def test_the_ledgers_rows_are_named_and_are_this_persons_only(pack, leaver):
    ledger = data_of(pack)["ledger"]
    assert {row["table"] for row in ledger["rows"]} >= {"employment event", "grant", "removal", "proof", "person"}
    assert {act["verb"] for act in ledger["acts"]} >= {"record_left", "end_employments"}
    grants = {one["id"] for one in data_of(pack)["grants_before"]}
    assert {row["of"] for row in ledger["rows"] if row["table"] == "grant"} <= grants
    assert {row["of"] for row in ledger["rows"] if row["table"] == "person"} == {leaver.person.pk}


def test_of_a_feed_that_ended_many_people_a_pack_holds_one(administrator):
    ana, bob = EmployeeFactory(name="Ana Silva"), EmployeeFactory(name="Bob Unrelated")
    for one in (ana, bob):
        grant(one, "requests.work")
    from privacy.access.actions.employment import end_employments

    end_employments([ana.pk, bob.pk], by=None, reason="left", now=NOW(), source="roster")
    made = actions.make_leaver_pack(ana.employment_events.get().pk, by=administrator, now=NOW())
    assert b"Ana Silva" in bytes(made.file)
    assert b"Bob Unrelated" not in bytes(made.file)
    assert bob.login not in json.dumps(data_of(made))


def test_a_movers_pack_says_what_was_kept_and_what_went(administrator):
    ana = EmployeeFactory(name="Ana Silva")
    grant(ana, "requests.work", "optouts.manage")
    buyer = JobFunctionFactory(code="buyer", name="Buyer")
    actions.justify(buyer, ana.grants.get(entitlement__code="optouts.manage").entitlement, by=administrator)
    actions.change_function(ana.pk, to=buyer, by=None, now=NOW(), source="roster")
    made = actions.make_leaver_pack(ana.employment_events.get().pk, by=administrator, now=NOW())
    became = {one["entitlement"]: one["became"] for one in data_of(made)["grants_before"]}
    assert became["requests.work"] == "ended by this"
    assert became["optouts.manage"].startswith("still held")


def test_what_is_late_or_outstanding_is_an_exception_in_words(leaver, administrator):
    change = SystemChange.objects.removals().get(event=leaver.event, system__code="warehouse")
    SystemChange.objects.filter(pk=change.pk).update(state=ChangeState.FAILED, proven_at=None, attempts=9)
    Proof.objects.filter(change=change).update(answer="somebody changed this")
    made = actions.make_leaver_pack(leaver.event.pk, by=administrator, now=NOW() + timedelta(hours=1))
    said = " ".join(data_of(made)["exceptions"])
    assert "Not proven gone from Warehouse" in said
    assert "past its bound" in said
    assert "does not match its hash" in said
    assert "did not go as usual" in files_of(made)["index.html"].decode()


def test_a_customers_data_is_never_in_a_pack(leaver, administrator):
    mary = CustomerFactory(name="Mary Unmistakable", email="mary.unmistakable@example.com")
    RecordedRead.objects.create(at=NOW() + timedelta(seconds=5), by=leaver.person, kind="search", subject="Mary Unmistakable")
    made = actions.make_leaver_pack(leaver.event.pk, by=administrator, now=NOW() + timedelta(seconds=20))
    assert b"nmistakable" not in bytes(made.file)
    assert data_of(made)["afterwards"]["recorded_looks"] == 1
    assert mary.pk


def test_the_readable_file_needs_nothing_from_elsewhere_and_runs_nothing(leaver, administrator):
    change = SystemChange.objects.removals().filter(event=leaver.event).first()
    hostile = "</pre><script>alert(1)</script><img src=https://evil.example/x>"
    sha256 = hashlib.sha256(hostile.encode()).hexdigest()
    Proof.objects.create(change=change, at=NOW(), attempt=2, step=Step.PROBE, holds=True, answer=hostile, answer_sha256=sha256)
    made = actions.make_leaver_pack(leaver.event.pk, by=administrator, now=NOW() + timedelta(seconds=20))
    page = files_of(made)["index.html"].decode()
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert "src=" not in page.replace("img src=", "")
    assert "default-src &#x27;none&#x27;" in page or "default-src 'none'" in page


def test_the_same_evidence_at_the_same_instant_is_the_same_pack(leaver, administrator):
    at = NOW() + timedelta(seconds=20)
    evidence = [queries.leaver_evidence(leaver.event, now=at).data for _ in range(2)]
    assert evidence[0] == evidence[1]
    files = {"index.html": b"x", "files/b.txt": b"b", "files/a.txt": b"a"}
    assert policies.zip_of(files) == policies.zip_of(dict(reversed(files.items())))


def test_each_pack_names_the_one_before_it(pack, leaver, administrator):
    second = actions.make_leaver_pack(leaver.event.pk, by=administrator, now=NOW() + timedelta(seconds=30))
    assert json.loads(files_of(pack)["manifest.json"])["previous_pack_sha256"] is None
    assert json.loads(files_of(second)["manifest.json"])["previous_pack_sha256"] == pack.sha256


def test_a_reviews_pack_holds_each_item_with_its_answers_and_waits_until_the_review_is_complete(administrator, tmp_path):
    bob, (held,) = EmployeeFactory(name="Bob Stone"), grant(EmployeeFactory(name="Ana Silva"), "requests.work")
    review = Review.objects.create(
        name="Third quarter", scope="all", state="running", fallback=bob, due_at=NOW(), prepared_by=bob, prepared_at=NOW(),
        launched_by=administrator, launched_at=NOW(),
    )  # fmt: skip
    item = ReviewItem.objects.create(
        review=review, grant=held, employee=held.employee, entitlement=held.entitlement, sensitive=False, state="kept"
    )
    Decision.objects.create(
        item=item, reviewer=bob, role="owner", employee=held.employee, approved_by=held.approved_by,
        seconded_by=held.seconded_by, asked_at=NOW(), answer="keep", answered_at=NOW(),
        reason="still answers <customers>",
    )  # fmt: skip
    with pytest.raises(errors.ReviewIsOpen):
        actions.make_review_pack(review.pk, by=administrator, now=NOW())
    Review.objects.filter(pk=review.pk).update(state="complete", closed_at=NOW(), completed_at=NOW())
    made = actions.make_review_pack(review.pk, by=administrator, now=NOW())
    data, page = data_of(made), files_of(made)["index.html"].decode()
    assert (data["review"]["name"], data["items"][0]["person"]["name"]) == ("Third quarter", "Ana Silva")
    assert data["items"][0]["decisions"][0]["reason"] == "still answers <customers>"
    assert "still answers &lt;customers&gt;" in page
    assert "1 grant looked at: 1 kept" in page
    assert verify(tmp_path, bytes(made.file))[0] == 0


# --- verifying it ----------------------------------------------------------------------------------------------------


def test_a_good_pack_is_good_by_this_installations_key_by_a_file_and_by_a_fingerprint(pack, tmp_path):
    raw, pem = bytes(pack.file), tmp_path / "public.pem"
    pem.write_bytes(signing.public_pem())
    for arguments in ((), ("--key", str(pem)), ("--fingerprint", signing.fingerprint(signing.public_pem()))):
        code, said = verify(tmp_path, raw, *arguments)
        assert (code, said["good"], said["faults"]) == (0, True, [])
    assert said["made_by"]["login"] == "ines"
    assert hashlib.sha256(raw).hexdigest() == pack.sha256


@pytest.fixture(scope="module")
def small():
    """A small pack, made without a database, for changing its bytes one by one."""
    files = {
        "index.html": b"<p>Leo left.</p>",
        "evidence.json": b'{"event": 1}',
        "files/task-1-badge.pdf": b"%PDF-1.7",
        "public_key.pem": signing.public_pem(),
    }
    manifest = policies.manifest_of(files, {"title": "Leo left"})
    files |= {"manifest.json": manifest, "manifest.sig": signing.sign(manifest)}
    return files, policies.zip_of(files)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_byte_can_be_changed(small, place, flip):
    raw = bytearray(small[1])
    raw[int(place * len(raw))] ^= flip
    try:
        checked = policies.check_pack(bytes(raw), trusted_pem=signing.public_pem())
    except errors.BadPack:
        return
    assert checked.faults


@pytest.mark.parametrize("name", ["index.html", "evidence.json", "files/task-1-badge.pdf", "public_key.pem"])
def test_a_changed_file_is_named(small, name, tmp_path):
    files, raw = small
    at = raw.index(files[name])
    changed = bytearray(raw)
    changed[at + 3] ^= 0x20
    code, said = verify(tmp_path, bytes(changed))
    assert code == 1
    assert any(name in fault for fault in said["faults"])


def test_what_was_dropped_added_or_renamed_is_named(small, tmp_path):
    files, _ = small
    dropped = {name: content for name, content in files.items() if name != "files/task-1-badge.pdf"}
    assert "files/task-1-badge.pdf is missing." in verify(tmp_path, policies.zip_of(dropped))[1]["faults"]
    assert "files/more.txt was added." in verify(tmp_path, policies.zip_of({**files, "files/more.txt": b""}))[1]["faults"]
    renamed = {**dropped, "files/task-2-badge.pdf": files["files/task-1-badge.pdf"]}
    code, said = verify(tmp_path, policies.zip_of(renamed))
    assert code == 1
    assert said["faults"] == ["files/task-1-badge.pdf is missing.", "files/task-2-badge.pdf was added."]
    for name in ("manifest.json", "manifest.sig", "public_key.pem"):
        without = {one: content for one, content in files.items() if one != name}
        code, said = verify(tmp_path, policies.zip_of(without))
        assert code == 1
        assert f"{name} is missing." in said["faults"]


def test_a_manifest_of_another_pack_does_not_fit(small, pack, tmp_path):
    files, _ = small
    other = files_of(pack)
    swapped = {**files, "manifest.json": other["manifest.json"], "manifest.sig": other["manifest.sig"]}
    code, said = verify(tmp_path, policies.zip_of(swapped))
    assert code == 1
    assert "evidence.json was changed." in said["faults"]
    unsigned = {**files, "manifest.json": other["manifest.json"]}
    assert any("signature does not match" in fault for fault in verify(tmp_path, policies.zip_of(unsigned))[1]["faults"])


def test_a_pack_signed_anew_with_another_key_is_refused_and_says_whose_it_is(small, tmp_path):
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    pem = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    forged = {
        "index.html": b"<p>Nobody left.</p>",
        "evidence.json": b"{}",
        "public_key.pem": pem,
    }
    manifest = policies.manifest_of(forged, {"title": "Nobody left"})
    raw = policies.zip_of({**forged, "manifest.json": manifest, "manifest.sig": KEY.sign(manifest)})
    code, said = verify(tmp_path, raw)
    assert code == 1
    assert any(signing.fingerprint(pem) in fault for fault in said["faults"])
    assert said["title"] is None  # nothing that it says of itself is believed
    code, said = verify(tmp_path, raw, "--fingerprint", signing.fingerprint(signing.public_pem()))
    assert (code, said["good"]) == (1, False)
    # Whoever trusts that key finds it good.
    assert verify(tmp_path, raw, "--fingerprint", signing.fingerprint(pem).upper())[0] == 0
    # The right signature beside a replaced key is noticed too.
    replaced = policies.zip_of({**small[0], "public_key.pem": pem})
    assert "public_key.pem was changed." in verify(tmp_path, replaced)[1]["faults"]


def test_a_zip_packed_again_by_another_program_is_told_apart(small, tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in small[0].items():
            archive.writestr(name, content)
    code, said = verify(tmp_path, buffer.getvalue())
    assert code == 1
    assert said["faults"] == [
        "The files are as they were signed, but the zip around them was written or changed by something else."
    ]
    assert verify(tmp_path, small[1] + b"tail")[0] in (1, 2)
    assert verify(tmp_path, b"head" + small[1])[0] in (1, 2)


def _zip(*entries: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not a zip at all",
        _zip(("readme.txt", b"a zip, but no evidence")),
        _zip(("index.html", b"0" * 50_000_000), method=zipfile.ZIP_DEFLATED),
        _zip(("../../etc/passwd", b"root")),
        _zip(("/etc/passwd", b"root")),
        _zip(("files/..\\..\\x", b"root")),
        _zip(("a/../b", b"root")),
    ],
    ids=["empty", "text", "other zip", "bomb", "parent", "absolute", "backslash", "dots"],
)
def test_what_is_no_pack_is_refused_without_unfolding_it(raw, tmp_path):
    code, said = verify(tmp_path, raw)
    assert code == 2
    assert "not an evidence pack" in said["error"]


def test_overlapping_entries_and_two_of_one_name_are_no_pack(small, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        twice = _zip(("index.html", b"one"), ("index.html", b"two"))
    assert verify(tmp_path, twice)[0] == 2
    # A directory that promises more than the file holds: what quoted-overlap bombs do.
    raw = bytearray(small[1])
    place = raw.rindex(b"PK\x01\x02")
    raw[place + 20 : place + 28] = (2**31).to_bytes(4, "little") * 2
    assert verify(tmp_path, bytes(raw))[0] == 2


def test_a_bad_key_or_fingerprint_is_bad_input(small, tmp_path):
    pem = tmp_path / "public.pem"
    pem.write_text("-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----\n")
    assert verify(tmp_path, small[1], "--key", str(pem))[0] == 2
    assert verify(tmp_path, small[1], "--key", str(tmp_path / "none.pem"))[0] == 2
    assert verify(tmp_path, small[1], "--fingerprint", "zz")[0] == 2
    with pytest.raises(SystemExit) as exit_:
        call_command("verify_evidence", str(tmp_path / "no such file"))
    assert exit_.value.code == 2


def test_an_outsider_checks_a_pack_with_openssl_alone(pack, tmp_path):
    (tmp_path / "pack.zip").write_bytes(bytes(pack.file))
    script = """
        set -e; unzip -q pack.zip
        openssl pkey -pubin -in public_key.pem -outform DER | sha256sum
        openssl pkeyutl -verify -pubin -inkey public_key.pem -rawin -in manifest.json -sigfile manifest.sig
        jq -r '.files[] | "\\(.sha256)  \\(.name)"' manifest.json | sha256sum -c --quiet
    """
    for tool in ("openssl", "unzip", "jq", "sha256sum"):
        if subprocess.run(["which", tool], capture_output=True).returncode:
            pytest.skip(f"{tool} is not here")
    ran = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert signing.fingerprint(signing.public_pem()) in ran.stdout
    assert "Signature Verified Successfully" in ran.stdout


# --- who may have it -------------------------------------------------------------------------------------------------


def test_an_administrator_makes_a_pack_and_downloads_it_written_down_first(leaver, administrator, client):
    sign_in(client, administrator)
    answer = client.post(reverse("access:make_leaver_pack", args=[leaver.event.pk]), follow=True)
    assert b"Evidence was made" in answer.content
    made = EvidencePack.objects.get()
    assert not RecordedRead.objects.filter(kind="evidence").exists()
    answer = client.post(reverse("access:download_pack", args=[made.pk]))
    assert answer.content == bytes(made.file)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    read = RecordedRead.objects.get(kind="evidence")
    assert (read.by, read.subject) == (administrator, f"privacy.evidencepack:{made.pk} {made.sha256[:16]}")
    assert client.get(reverse("access:download_pack", args=[made.pk])).status_code == 405


def test_nothing_leaves_when_the_reading_cannot_be_written_down(pack, administrator, client, monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr("privacy.access.actions.evidence.record_read", fails)
    sign_in(client, administrator)
    client.raise_request_exception = False
    answer = client.post(reverse("access:download_pack", args=[pack.pk]))
    assert answer.status_code == 500
    assert b"PK\x03\x04" not in answer.content


def test_an_auditor_gets_evidence_and_somebody_with_half_of_that_does_not(pack, auditor, client):
    sign_in(client, auditor)
    assert client.get(reverse("access:evidence")).status_code == 200
    assert client.post(reverse("access:download_pack", args=[pack.pk])).status_code == 200
    for codes in (["promises.read"], ["ledger.read"], ["requests.work"]):
        other = EmployeeFactory()
        grant(other, *codes)
        stranger = sign_in(Client(), other)
        assert stranger.get(reverse("access:evidence")).status_code == 403
        assert stranger.post(reverse("access:download_pack", args=[pack.pk])).status_code == 403
        with pytest.raises(errors.MayNotHaveEvidence):
            actions.take_pack(pack.pk, by=other, now=NOW())
        with pytest.raises(errors.MayNotHaveEvidence):
            actions.make_leaver_pack(pack.event_id, by=other, now=NOW())


def test_the_page_shows_the_key_that_an_auditor_pins(pack, auditor, client):
    sign_in(client, auditor)
    page = client.get(reverse("access:evidence")).content.decode()
    assert signing.fingerprint(signing.public_pem())[:8] in page.replace(" ", "").replace("<wbr>", "")
    answer = client.get(reverse("access:evidence_key"))
    assert answer.content == signing.public_pem()


def test_no_evidence_of_what_is_no_leaving_or_has_not_happened(administrator):
    ana = EmployeeFactory()
    actions.schedule_leaving(ana.pk, last_day=timezone.localdate() + timedelta(days=5), by=None, now=NOW(), source="roster")
    with pytest.raises(errors.NotYetEvidence):
        actions.make_leaver_pack(ana.employment_events.get().pk, by=administrator, now=NOW())
    with pytest.raises(errors.NoSuchEvidence):
        actions.make_leaver_pack(0, by=administrator, now=NOW())
    with pytest.raises(errors.NoSuchEvidence):
        actions.make_review_pack(0, by=administrator, now=NOW())


def test_somebody_who_stays_after_all_is_no_leaver_on_the_day_that_was_taken_back(administrator, client):
    ana = EmployeeFactory()
    today, now = timezone.localdate(), NOW()
    actions.schedule_leaving(ana.pk, last_day=today + timedelta(days=5), by=None, now=now, source="roster")
    told = ana.employment_events.get()
    actions.schedule_leaving(ana.pk, last_day=None, by=None, now=now + timedelta(hours=1), source="page", reason="stays")
    assert ana.employment_events.first().get_kind_display() == "stays after all"
    later = now + timedelta(days=9)
    with pytest.raises(errors.NoSuchEvidence):
        actions.make_leaver_pack(told.pk, by=None, now=later)
    assert queries.events_without_pack(now=later) == []
    assert queries.event_times(begin=now - timedelta(days=1), end=later, now=later) == ([], None)
    assert queries.measure_timeliness(begin=now - timedelta(days=1), end=later, now=later).count == 0


def test_a_leaving_that_was_moved_counts_on_the_day_it_was_moved_to(administrator):
    ana = EmployeeFactory()
    grant(ana, "requests.work")
    today, now = timezone.localdate(), NOW()
    for days in (5, 3):
        actions.schedule_leaving(ana.pk, last_day=today + timedelta(days=days), by=None, now=now, source="roster")
    moved, first = ana.employment_events.all()
    later = now + timedelta(days=9)
    assert actions.close_leavers(now=later) == 1
    assert AccessGrant.objects.get(employee=ana).ended_by_event == moved
    assert queries.events_without_pack(now=later) == [moved]
    with pytest.raises(errors.NoSuchEvidence):
        actions.make_leaver_pack(first.pk, by=None, now=later)


def test_a_stored_pack_is_encrypted_and_not_in_the_ledger(pack):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT file FROM privacy_evidencepack WHERE id = %s", [pack.pk])
        stored = bytes(cursor.fetchone()[0])
        cursor.execute("SELECT * FROM privacy_evidencepackledgerevent LIMIT 0")
        columns = {column.name for column in cursor.description}
    assert b"Leo Vance" not in stored
    assert stored[:2] != b"PK"
    assert "file" not in columns


# --- the key ---------------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_an_older_file_gets_it_without_losing_anything(tmp_path):
    (tmp_path / "secrets.env").write_text("SECRET_KEY=s\nFIELD_KEYS=f\n# a remark\nINDEX_KEY=i")
    first = ensure_secrets(tmp_path)
    assert (first["SECRET_KEY"], first["FIELD_KEYS"], first["INDEX_KEY"]) == ("s", "f", "i")
    assert len(signing_key(first["EVIDENCE_KEY"], "")) == 32
    assert ensure_secrets(tmp_path) == first
    assert (tmp_path / "secrets.env").read_text().startswith("SECRET_KEY=s\nFIELD_KEYS=f\n# a remark\nINDEX_KEY=i\nEVIDENCE_KEY=")
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("older", [True, False])
def test_processes_that_start_at_once_agree_on_one_key(tmp_path, older):
    if older:
        (tmp_path / "secrets.env").write_text("SECRET_KEY=s\nFIELD_KEYS=f\nINDEX_KEY=i\n")
    with ProcessPoolExecutor(8) as pool:
        found = list(pool.map(ensure_secrets, [tmp_path] * 24))
    assert len({one["EVIDENCE_KEY"] for one in found}) == 1
    assert (tmp_path / "secrets.env").read_text().count("EVIDENCE_KEY=") == 1
    assert not [one for one in tmp_path.iterdir() if one.name not in ("secrets.env", ".secrets.env.lock")]


def test_without_a_key_one_follows_from_secret_key_and_never_tells_it():
    one, other = signing_key("", "secret one"), signing_key("", "secret two")
    assert len(one) == 32
    assert one == signing_key("", "secret one") != other
    assert b"secret" not in one
    assert signing_key(urlsafe_b64encode(b"\xff" * 32).decode(), "x") == b"\xff" * 32
    for wrong in ("short", "!" * 44, urlsafe_b64encode(b"x" * 31).decode()):
        with pytest.raises(ValueError, match="Base64"):
            signing_key(wrong, "x")


def test_after_the_key_changed_an_older_pack_still_holds_by_its_own_keys_fingerprint(pack, tmp_path):
    raw, before = bytes(pack.file), signing.fingerprint(signing.public_pem())
    with override_settings(EVIDENCE_KEY=b"n" * 32):
        code, said = verify(tmp_path, raw)
        assert code == 1
        assert "The signature is of that other key, not of the one you trust." in said["faults"]
        assert verify(tmp_path, raw, "--fingerprint", before)[0] == 0
