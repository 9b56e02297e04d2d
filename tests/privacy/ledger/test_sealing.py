"""Whoever owns the database can change everything in it; that they did is found, and the first bad entry is named."""

import json
import resource
import signal
import socket
import time
from hashlib import sha256
from threading import Thread

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from privacy.ledger.actions import act, seal_ledger
from privacy.ledger.errors import AnchorDisagrees, BadAnchor
from privacy.ledger.gateways import FileAnchor, anchor_at, read_anchor
from privacy.ledger.queries import root_of
from privacy.mailroom.actions import keep_message
from privacy.models import Department, Seal, SealedPart
from tests.databases import is_superuser
from tests.factories import warm
from tests.factories.access import grant, sign_in
from tests.factories.mailroom import mail
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)
ENTRIES = "privacy_departmentledgerevent"


@pytest.fixture
def anchor(tmp_path):
    return tmp_path / "elsewhere" / "anchor.jsonl"


def write(*names):
    """One act for each name: a department is founded and then renamed."""
    for name in names:
        with act("found_department", by=None, reason="growth"):
            Department.objects.create(code=name, name=name)
        with act("rename_department", by=None, reason="taste"):
            Department.objects.filter(code=name).update(name=name.title())


def seal(anchor):
    return seal_ledger(clock=timezone.now, anchor=FileAnchor(anchor))


def as_owner(*statements):
    """What somebody can do who owns the server: no trigger, no right stands in the way."""
    if not is_superuser():
        pytest.skip("needs a superuser of the server: it is the owner's tampering that is found")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        try:
            for statement in statements:
                cursor.execute(statement)
        finally:
            cursor.execute("SET session_replication_role = origin")


def run(capsys, command, *arguments):
    """Exit code and JSON of a command."""
    code = 0
    try:
        call_command(command, *arguments, "--json")
    except SystemExit as left:
        code = left.code
    return code, json.loads(capsys.readouterr().out)


def verify(capsys, anchor, *options):
    code, told = run(capsys, "verify_ledger", "--anchor", str(anchor), *options)
    return code, [finding["says"] for finding in told["findings"]], told


def keys():
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pgh_id FROM {ENTRIES} ORDER BY pgh_id")
        return [key for (key,) in cursor.fetchall()]


def test_what_was_sealed_is_found_as_it_was(capsys, anchor):
    write("it", "law")
    code, told = run(capsys, "seal_ledger", "--anchor", str(anchor))
    assert code == 0
    assert told["seals"] == [1]
    write("care")
    assert run(capsys, "seal_ledger", "--anchor", str(anchor))[1]["seals"] == [2]
    assert run(capsys, "seal_ledger", "--anchor", str(anchor))[1]["seals"] == [], "nothing was written since"
    code, found, told = verify(capsys, anchor)
    assert (code, found) == (0, [])
    assert (told["seals"], told["anchored"], told["not_sealed_yet"]) == (2, 2, 0)
    assert told["entries"] >= len(keys()) == 6
    write("shop")
    assert verify(capsys, anchor)[2]["not_sealed_yet"] == 2


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (f"UPDATE {ENTRIES} SET name = 'Evil' WHERE pgh_id = %(second)s", f"entry %(second)s of {ENTRIES} was changed"),
        (f"UPDATE {ENTRIES} SET pgh_created_at = now() WHERE pgh_id = %(second)s", f"entry %(second)s of {ENTRIES} was changed"),
        (f"DELETE FROM {ENTRIES} WHERE pgh_id = %(second)s", f"entry %(second)s of {ENTRIES} was deleted"),
        (f"DELETE FROM {ENTRIES}", f"entry %(first)s of {ENTRIES} was deleted"),
        (
            f"UPDATE {ENTRIES} SET pgh_id = -pgh_id WHERE pgh_id = %(second)s",
            f"entry %(second)s of {ENTRIES} was deleted",
        ),
        (
            "UPDATE pghistory_context SET metadata = jsonb_set(metadata, '{by_login}', '\"somebody.else\"') WHERE id ="
            f" (SELECT pgh_context_id FROM {ENTRIES} WHERE pgh_id = %(second)s)",
            f"entry %(second)s of {ENTRIES} was changed",
        ),
        ("UPDATE privacy_seal SET sealed_at = sealed_at - interval '1 day' WHERE number = 1", "seal 1 was changed"),
        ("UPDATE privacy_sealedpart SET root = sha256('x') WHERE seal_id = 1", "seal 1 was changed"),
        ("DELETE FROM privacy_sealedpart WHERE seal_id = 1", "seal 1 was changed"),
        ("DELETE FROM privacy_seal WHERE number = 1", "seal 1 is gone"),
    ],
)
def test_the_first_entry_that_is_not_as_it_was_is_named(capsys, anchor, statement, says):
    write("it", "law")
    seal(anchor)
    write("care")
    seal(anchor)
    known = dict(zip(("first", "second"), keys(), strict=False))
    as_owner(statement % known if "%(" in statement else statement)
    code, found, _told = verify(capsys, anchor, "--sealed-only")
    assert code == 1
    assert found[0] == says % known


def test_an_entry_slipped_in_between_is_named(capsys, anchor):
    write("it", "law")
    first, second, *_ = keys()
    as_owner(f"DELETE FROM {ENTRIES} WHERE pgh_id = {second}")  # a key that was drawn and never used
    seal(anchor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE attrelid = %s::regclass"
                       " AND attnum > 0 AND attname <> 'pgh_id'", [ENTRIES])  # fmt: skip
        columns = cursor.fetchone()[0]
    as_owner(f"INSERT INTO {ENTRIES} (pgh_id, {columns}) SELECT {second}, {columns} FROM {ENTRIES} WHERE pgh_id = {first}")
    code, found, _told = verify(capsys, anchor, "--sealed-only")
    assert (code, found[0]) == (1, f"entry {second} of {ENTRIES} was added afterwards")


def test_leaves_that_were_made_to_agree_do_not_help(capsys, anchor):
    """The owner changes an entry and the names that the seal keeps of it; the root still tells."""
    write("it")
    seal(anchor)
    first = keys()[0]
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil' WHERE pgh_id = {first}")
    part = SealedPart.objects.get(table=ENTRIES)
    from privacy.ledger.queries import columns_of, leaves, pack_leaves

    now = leaves(ENTRIES, columns_of([ENTRIES])[ENTRIES], after=0, to=part.to_id, most=100)
    as_owner(f"UPDATE privacy_sealedpart SET leaves = '\\x{pack_leaves(now).hex()}' WHERE id = {part.pk}")
    code, found, _told = verify(capsys, anchor, "--sealed-only")
    assert (code, found[0]) == (1, f"entries {part.after_id + 1} to {part.to_id} of {ENTRIES} are not those that were sealed")


def test_a_whole_chain_made_anew_is_found_by_the_anchor(capsys, anchor, tmp_path):
    write("it", "law")
    seal(anchor)
    write("care")
    seal(anchor)
    as_owner(f"UPDATE {ENTRIES} SET name = 'Evil'", "DELETE FROM privacy_sealedpart", "DELETE FROM privacy_seal")
    seal(tmp_path / "theirs.jsonl")
    write("shop")
    seal(tmp_path / "theirs.jsonl")
    assert verify(capsys, tmp_path / "theirs.jsonl", "--sealed-only")[0] == 0, "their own anchor suits them"
    code, found, _told = verify(capsys, anchor, "--sealed-only")
    assert code == 1
    assert found[0] == "seal 1 is not the one that the anchor knows: the chain was rewritten from there on"
    with pytest.raises(AnchorDisagrees, match="rewritten"):
        seal(anchor)


def test_a_deleted_end_and_an_older_copy_are_found_by_the_anchor(capsys, anchor):
    write("it")
    seal(anchor)
    old = keys()
    write("law")
    seal(anchor)
    as_owner(
        f"DELETE FROM {ENTRIES} WHERE pgh_id > {old[-1]}",
        "DELETE FROM privacy_department WHERE code = 'law'",
        "DELETE FROM privacy_sealedpart WHERE seal_id = 2",
        "DELETE FROM privacy_seal WHERE number = 2",
    )
    code, found, _told = verify(capsys, anchor)
    assert code == 1
    assert found[0].startswith("the anchor knows seal 2 of ")
    assert "an older copy was restored, or the newest seals were deleted" in found[0]
    before = anchor.read_text()
    code, told = run(capsys, "seal_ledger", "--anchor", str(anchor))
    assert code == 1
    assert "older copy" in told["error"]
    assert (Seal.objects.count(), anchor.read_text()) == (1, before), "nothing is sealed over it"


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        ("UPDATE privacy_department SET name = 'Evil' WHERE code = 'it'", "is not what its last entry says"),
        ("DELETE FROM privacy_department WHERE code = 'it'", "is gone without an entry"),
        ("INSERT INTO privacy_department (code, name) VALUES ('evil', 'Evil')", "has no entry"),
        (f"DELETE FROM {ENTRIES} WHERE code = 'it'", "has no entry"),
    ],
)
def test_a_row_that_was_changed_past_the_ledger_is_named_before_the_next_seal_too(capsys, anchor, statement, says):
    write("law")
    seal(anchor)
    write("it")
    as_owner(statement)
    assert verify(capsys, anchor, "--sealed-only")[0] == 0
    code, found, told = verify(capsys, anchor)
    assert code == 1
    assert [finding["table"] for finding in told["findings"]] == ["privacy_department"]
    assert found[0].endswith(says)


@pytest.mark.parametrize("key", [-5, 0, 9 * 10**18])
def test_an_entry_with_a_number_that_was_never_given_out_is_named_as_slipped_in(capsys, anchor, key):
    write("law")
    seal(anchor)
    as_owner(
        f"INSERT INTO {ENTRIES} (pgh_id, pgh_created_at, pgh_label, pgh_obj_id, id, code, name)"
        f" SELECT {key}, now(), 'update', pgh_obj_id, id, code, name FROM {ENTRIES} ORDER BY pgh_id LIMIT 1"
    )
    for _ in range(2):
        code, found, told = verify(capsys, anchor, "--sealed-only")
        assert code == 1
        assert found[0] == f"entry {key} of {ENTRIES} has a number that was never given out: it was slipped in"
        assert told["findings"][0]["entry"] == key
        write(f"it{_}")
        seal(anchor)  # which puts no seal on it either


def test_who_is_still_writing_is_waited_for_and_never_left_out(capsys, anchor):
    """The first key is drawn before the seal and committed after it; a later one is committed before."""
    write("it")
    given = connection.get_connection_params()
    parameters = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**parameters) as other:
        other.execute("UPDATE privacy_department SET name = 'Slow' WHERE code = 'it'")
        write("law")
        code, told = run(capsys, "seal_ledger", "--anchor", str(anchor), "--wait", "0.3")
        assert code == 1
        assert ENTRIES in told["busy"]
        assert not SealedPart.objects.filter(table=ENTRIES).exists()
        other.commit()
    assert run(capsys, "seal_ledger", "--anchor", str(anchor))[0] == 0
    assert SealedPart.objects.get(table=ENTRIES).entries == len(keys()) == 5
    assert verify(capsys, anchor)[0] == 0


def test_two_who_seal_at_once_make_one_chain(capsys, anchor):
    write(*(f"d{n}" for n in range(8)))
    faults = []

    def one():
        try:
            for _ in range(6):
                seal(anchor)
                write(f"x{time.perf_counter_ns()}"[:20])
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    seal(anchor)
    assert verify(capsys, anchor)[:2] == (0, [])
    assert sum(SealedPart.objects.filter(table=ENTRIES).values_list("entries", flat=True)) == len(keys())


@pytest.mark.slow(25)
def test_a_killed_seal_is_made_by_the_next(capsys, anchor):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_closure (day, name) SELECT date '1700-01-01' + n, 'day ' || n FROM generate_series(1, 60000) n"
        )
    command = ["seal_ledger", "--anchor", str(anchor)]
    killed = 0
    for turn in range(3):
        process = warm.command(*command)
        until = time.monotonic() + 30
        while time.monotonic() < until and process.poll() is None and not _sealing():
            time.sleep(0.02)
        time.sleep(0.1 * turn)
        process.kill()
        killed += process.wait(30) != 0
    assert killed, "none was killed in the middle"
    finished = warm.command(*command)
    assert finished.wait() == 0, finished.said()
    assert sum(SealedPart.objects.filter(table="privacy_closureledgerevent").values_list("entries", flat=True)) == 60_000
    assert verify(capsys, anchor)[:2] == (0, [])


def _sealing():
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = 7022018)")
        return cursor.fetchone()[0]


def test_what_the_anchor_could_not_take_is_written_by_the_next_run(capsys, anchor):
    write("it")
    seal(anchor)
    write("law")
    size = anchor.stat().st_size
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    was = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, before[1]))  # as a disk with room for ten more bytes
    try:
        done = seal(anchor)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, was)
    assert done.seals == [2]
    assert "No space left" in done.unwritten
    assert [one.number for one in read_anchor(anchor)] == [1], "no half line stays"
    assert seal(anchor).anchored == 2
    assert [one.number for one in read_anchor(anchor)] == [1, 2]


@pytest.mark.parametrize("kept", [1, 40, -2])
def test_the_line_that_a_power_cut_tore_is_written_again_below_it(capsys, anchor, kept):
    """As on a file to which lines can only be added: nothing is taken back."""
    write("it")
    seal(anchor)
    write("law")
    seal(anchor)
    whole = anchor.read_text()
    first, second = whole.splitlines(keepends=True)
    anchor.write_text(first + second[:kept])
    assert run(capsys, "verify_ledger", "--anchor", str(anchor))[0] == 2, "it is not all there"
    write("sales")
    assert seal(anchor).anchored == 3
    assert anchor.read_text().startswith(f"{first}{second[:kept]}\n{second}")
    assert verify(capsys, anchor)[0] == 0


def test_a_last_line_that_lacks_its_end_alone_is_written_on(capsys, anchor):
    write("it")
    seal(anchor)
    line = anchor.read_text()
    anchor.write_text(line.rstrip("\n"))
    assert verify(capsys, anchor)[0] == 0
    write("law")
    assert seal(anchor).anchored == 2
    assert anchor.read_text().startswith(line)
    assert verify(capsys, anchor)[0] == 0


def test_a_torn_line_of_another_ledger_is_not_built_upon(capsys, anchor):
    write("it")
    seal(anchor)
    whole = anchor.read_text()
    other = '{"kind": "lumens-seal-1", "seal": 9, "digest": "00'
    anchor.write_text(whole + other)
    write("law")
    done = seal(anchor)
    assert (done.anchored, "none of this ledger's" in done.unwritten) == (0, True)
    assert anchor.read_text() == whole + other


def test_a_torn_line_that_was_written_again_is_let_pass_and_any_other_is_named(capsys, anchor):
    write("it")
    seal(anchor)
    line = anchor.read_text()
    anchor.write_text(line[:40] + "\n" + line)
    assert verify(capsys, anchor)[0] == 0
    anchor.write_text(line + "no seal\n")
    code, told = run(capsys, "verify_ledger", "--anchor", str(anchor))
    assert (code, told["error"]) == (2, f"{anchor}, line 2: names no seal.")


def test_the_place_that_is_configured_is_understood_however_it_is_written(capsys, anchor, settings):
    write("it")
    seal(anchor)
    settings.LEDGER_ANCHOR = anchor.as_uri()
    assert run(capsys, "verify_ledger")[0] == 0
    settings.LEDGER_ANCHOR = "syslog://127.0.0.1:9"
    code, told = run(capsys, "verify_ledger")
    assert code == 2
    assert "--anchor FILE" in told["error"]


@pytest.mark.parametrize(
    "said",
    [
        *("", "{}", "[]", '{"kind": "lumens-seal-1", "seal": true, "digest": ""}', "\x00" * 50, "{" * 5000),
        *('{"a":' * 100_000, '{"kind": "lumens-seal-1", "seal": 9, "digest": "%s", "sealed_at": "\\u001b[31m x"}' % ("00" * 32)),
    ],
    ids=range(8),
)
def test_what_is_no_anchor_is_refused_in_one_line(capsys, anchor, said):
    anchor.parent.mkdir()
    anchor.write_text(said)
    code, told = run(capsys, "verify_ledger", "--anchor", str(anchor))
    assert code == 2
    assert str(anchor) in told["error"]
    for place in (str(anchor.parent), str(anchor.parent / "nothing")):
        assert run(capsys, "verify_ledger", "--anchor", place)[0] == 2
    assert run(capsys, "seal_ledger", "--anchor", "s3://bucket/anchor")[0] == 2
    assert not Seal.objects.exists()


def test_a_system_log_elsewhere_is_an_anchor_too(capsys, tmp_path):
    write("it")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as log:
        log.bind(("127.0.0.1", 0))
        log.settimeout(5)
        seal_ledger(clock=timezone.now, anchor=anchor_at(f"syslog://127.0.0.1:{log.getsockname()[1]}"))
        received = log.recv(4096).decode().rstrip("\x00")
    kept = tmp_path / "messages"
    kept.write_text(f"Nov 26 03:00:00 host {received}\n")
    assert verify(capsys, kept)[0] == 0
    as_owner("DELETE FROM privacy_sealedpart", "DELETE FROM privacy_seal")
    assert verify(capsys, kept, "--sealed-only")[0] == 1


def test_an_unknown_place_is_no_anchor():
    for place in ("s3://bucket/x", "http://example.com/x", "file://host/x", ""):
        with pytest.raises(BadAnchor):
            anchor_at(place)


def _defined(leaves):
    """RFC 6962, section 2.1, as it is written there: split at the largest power of two below the number of leaves."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else sha256(b"").digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\x01" + _defined(leaves[:split]) + _defined(leaves[split:])).digest()


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=70))
def test_the_root_is_the_one_of_the_definition(leaves):
    assert root_of(leaves) == _defined(leaves)


def test_who_reads_the_ledger_sees_how_far_it_is_sealed_and_whether_the_copy_outside_agrees(client, anchor, settings):
    settings.LEDGER_ANCHOR = str(anchor)
    reader = EmployeeFactory()
    grant(reader, "ledger.read")
    sign_in(client, reader)
    assert "No seal yet" in client.get("/admin/ledger/").content.decode()
    write("it")
    seal(anchor)
    page = client.get("/admin/ledger/").content.decode()
    assert Seal.objects.get().hexadecimal in page
    assert "up to seal 1" in page
    assert "do not agree" not in page
    kept = anchor.read_text()
    anchor.unlink()
    page = client.get("/admin/ledger/").content.decode()
    assert "holds no seal" in page
    assert "not yet" in page
    anchor.write_text(kept)
    as_owner("UPDATE privacy_seal SET digest = sha256('x')")
    assert "do not agree" in client.get("/admin/ledger/").content.decode()


@pytest.mark.parametrize(
    "exchange",
    [
        "UPDATE privacy_message AS m SET raw = o.raw FROM privacy_message AS o WHERE m.id <> o.id",
        "UPDATE privacy_message SET raw = 'forged'",
    ],
)
def test_mail_that_was_exchanged_past_the_ledger_is_named_though_its_entry_is_as_it_was(capsys, anchor, exchange):
    write("it")
    keys = [keep_message(mail(text), door="file", received_at=timezone.now()) for text in ("stop\n", "I love your offers\n")]
    seal(anchor)
    assert verify(capsys, anchor)[0] == 0
    as_owner(exchange)
    code, found, _ = verify(capsys, anchor)
    assert code == 1
    assert [said.split(" does")[0] for said in found] == [f"row {key} of privacy_message" for key in keys]
