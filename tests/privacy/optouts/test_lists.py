"""Mailing lists without those who opted out; lists of hashes for those who send on our behalf."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pghistory.models import Context

from privacy.ledger.actions import act
from privacy.ledger.errors import NoLongerAllowed
from privacy.models import OptOut, SuppressionDelivery
from privacy.optouts.actions import confirm_withdrawal, opt_out, record_receipt, send_suppression
from privacy.optouts.errors import HoldsAnothersList, MayNotFollow
from privacy.optouts.policies import Subject
from privacy.optouts.queries import parties_not_told
from privacy.promises.queries import standings
from tests.factories.access import grant, sign_in
from tests.factories.agreements import DataSharingAgreementFactory, ThirdPartyFactory
from tests.factories.customers import CustomerFactory
from tests.factories.optouts import OptOutFactory
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


def run(*arguments):
    out, code = io.StringIO(), 0
    try:
        call_command(*[str(argument) for argument in arguments], "--json", stdout=out)
    except SystemExit as stop:
        code = stop.code
    return json.loads(out.getvalue()), code


def scrub(tmp_path, content, *more, purpose="newsletter", channel="email"):
    (tmp_path / "in.csv").write_bytes(content)
    result, code = run("scrub_list", tmp_path / "in.csv", tmp_path / "out.csv", "--purpose", purpose, "--channel", channel, *more)
    target = tmp_path / "out.csv"
    return result, code, target.read_bytes() if target.exists() else None


def sha(address):
    return hashlib.sha256(address.encode()).hexdigest()


# --- scrub_list -----------------------------------------------------------------------------------------------------------


def test_who_opted_out_is_taken_out_and_every_other_byte_stays(tmp_path):
    OptOutFactory(email="bob@example.com")
    rows = (
        b"\xef\xbb\xbfname,Email,note\r\n"
        b'"Ann ""the lamp"" A",ANN@example.com,"two\r\nlines, one cell"\r\n'
        b'Bob," BOB@Example.com ",x\r\n'
        b"\xe9t\xe9,carl@example.com,=1+1\r\n"
        b"Dora,dora@example.com,no line end"
    )
    result, code, out = scrub(tmp_path, rows)
    assert (result["rows_in"], result["rows_out"], result["suppressed"], result["invalid"], code) == (4, 3, 1, 0, 0)
    assert out == rows.replace(b'Bob," BOB@Example.com ",x\r\n', b"")


def test_other_purposes_other_channels_and_withdrawn_choices_stay_in(tmp_path):
    OptOutFactory(email="a@example.com", purpose="surveys")
    OptOutFactory(email="b@example.com", channel="post")
    now = timezone.now()
    OptOutFactory(
        email="c@example.com",
        received_at=now - timedelta(days=3),
        withdrawal_asked_at=now - timedelta(days=2),
        withdrawn_at=now - timedelta(days=1),
    )
    OptOutFactory(email="d@example.com", channel="all", purpose="newsletter")
    result, _, out = scrub(tmp_path, b"email\na@example.com\nb@example.com\nc@example.com\nd@example.com\n")
    assert result["suppressed"] == 1
    assert b"d@" not in out


def test_a_customer_who_opted_out_by_an_older_address_is_taken_out_too(tmp_path):
    customer = CustomerFactory(email="new@example.com", email_key="new@example.com")
    OptOutFactory(email="old@example.com", customer=customer)
    result, _, _ = scrub(tmp_path, b"email\nnew@example.com\nold@example.com\n")
    assert result["suppressed"] == 2


def test_addresses_that_cannot_be_used_are_named_by_line_and_kept_out(tmp_path):
    result, code, out = scrub(tmp_path, b"id;mail\n1;ann@example.com\n2;nonsense\n3\n", "--column", "mail")
    assert code == 1
    assert [row["line"] for row in result["invalid_rows"]] == [3, 4]
    assert out == b"id;mail\n1;ann@example.com\n"


def test_nobody_hides_behind_a_stray_quotation_mark(tmp_path):
    OptOutFactory(email="bob@example.com")
    rows = b'email,note\nann@example.com,5" lamp\nbob@example.com,6" lamp\ncarl@example.com,"7"" lamp"\n'
    result, code, out = scrub(tmp_path, rows)
    assert (result["rows_in"], result["suppressed"], code) == (3, 1, 0)
    assert out == rows.replace(b'bob@example.com,6" lamp\n', b"")


def test_nobody_hides_in_a_row_with_two_kinds_of_line_break(tmp_path):
    OptOutFactory(email="bob@example.com")
    _, code, out = scrub(tmp_path, b"email,note\nann@example.com,x\rbob@example.com,y\n")
    assert code == 1
    assert out == b"email,note\n"


@pytest.mark.parametrize("rest", [b"bob@example.com,y\n", b"x" * 3_000_000])
def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line(tmp_path, rest):
    result, code, out = scrub(tmp_path, b'email,note\nann@example.com,x\ncarl@example.com,"open\n' + rest)
    assert code == 2
    assert "in.csv:3" in result["error"]
    assert out is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"name\nAnn\n",
        b"email\rann@example.com\r",
        b"email,Email\na@b.co,c@d.co\n",
        "email\nä@b.co\n".encode("utf-16"),
    ],
)
def test_a_list_that_cannot_be_used_leaves_nothing_behind(tmp_path, content):
    result, code, out = scrub(tmp_path, content)
    assert code == 2
    assert "in.csv:1" in result["error"]
    assert out is None
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_an_unknown_purpose_is_bad_input(tmp_path):
    assert scrub(tmp_path, b"email\n", purpose="everything")[1] == 2


# --- send_suppression -------------------------------------------------------------------------------------------------------


@pytest.fixture
def mailer():
    party = ThirdPartyFactory(code="mailer")
    DataSharingAgreementFactory(third_party=party, purposes=["suppression"])
    return party


def deliver(tmp_path, *more):
    manifest, code = run("send_suppression", "mailer", "--output", tmp_path / "box", *more)
    assert code == 0, manifest
    content = (tmp_path / "box" / manifest["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == manifest["sha256"]
    assert json.loads((tmp_path / "box" / "manifest.json").read_bytes()) == manifest
    rows = list(csv.DictReader(io.StringIO(content.decode())))
    assert len(rows) == manifest["rows"]
    return manifest, {(row["action"], row["sha256"]): row["item"] for row in rows}


def test_a_delivery_holds_what_changed_since_the_last_and_items_keep_their_numbers(tmp_path, mailer):
    ann = OptOutFactory(email="Ann@example.com")
    OptOutFactory(email="bob@example.com", purpose="special_offers")
    OptOutFactory(email="carl@example.com", purpose="marketer_sharing")  # says nothing about mailings
    OptOutFactory(email="dora@example.com", channel="post")
    first, rows = deliver(tmp_path)
    assert set(rows) == {("add", sha("ann@example.com")), ("add", sha("bob@example.com"))}
    assert (first["sequence"], first["previous_sha256"], first["purpose"]) == (1, "", "only to stop sending on our behalf")

    now = timezone.now()
    OptOut.objects.filter(pk=ann.pk).update(withdrawal_asked_at=now - timedelta(hours=1))
    confirm_withdrawal(ann.pk, now=now)
    OptOutFactory(email="eve@example.com")
    second, changed = deliver(tmp_path)
    assert set(changed) == {("remove", sha("ann@example.com")), ("add", sha("eve@example.com"))}
    assert changed["remove", sha("ann@example.com")] == rows["add", sha("ann@example.com")]
    assert second["previous_sha256"] == first["sha256"]

    third, nothing = deliver(tmp_path)
    assert (third["rows"], nothing) == (0, {})
    _, full = deliver(tmp_path, "--full")
    assert set(full) == {("add", sha("bob@example.com")), ("add", sha("eve@example.com"))}
    assert full["add", sha("bob@example.com")] == rows["add", sha("bob@example.com")]


def test_what_is_owed_survives_an_erasure(tmp_path, mailer):
    OptOutFactory(email="ann@example.com")
    OptOut.objects.update(address=None, masked="")
    _, rows = deliver(tmp_path)
    assert set(rows) == {("add", sha("ann@example.com"))}


def test_nothing_goes_to_a_party_without_an_agreement_in_force(tmp_path):
    party = ThirdPartyFactory(code="mailer")
    DataSharingAgreementFactory(third_party=party, purposes=["mailings"])
    OptOutFactory()
    result, code = run("send_suppression", "mailer", "--output", tmp_path / "box")
    assert code == 2
    assert "agreement" in result["error"]
    assert not (tmp_path / "box").exists()
    assert not SuppressionDelivery.objects.exists()
    assert run("send_suppression", "nobody", "--output", tmp_path)[1] == 2


def test_nothing_goes_to_a_party_with_an_overdue_receipt(tmp_path, mailer):
    deliver(tmp_path)
    SuppressionDelivery.objects.update(deadline=timezone.now() - timedelta(hours=1))
    result, code = run("send_suppression", "mailer", "--output", tmp_path / "box")
    assert code == 2
    assert "overdue" in result["error"]
    record_receipt(SuppressionDelivery.objects.get().pk, state="applied", by=None, now=timezone.now())
    deliver(tmp_path)


@pytest.mark.parametrize("state", ["sent", "delivered", "acknowledged"])
def test_a_party_that_has_a_list_and_never_applied_it_gets_no_more_and_breaks_the_promise(client, tmp_path, mailer, state):
    deliver(tmp_path)
    one, now = SuppressionDelivery.objects.get(), timezone.now()
    if state != "sent":
        record_receipt(one.pk, state=state, by=None, now=now)
    assert stand(now).standing == "kept"
    assert stand(one.deadline - timedelta(days=1)).standing == "at_risk"
    late = stand(one.deadline + timedelta(seconds=1))
    assert (late.standing, [row.url for row in late.figure.broken]) == ("broken", [reverse("optouts:deliveries")])
    SuppressionDelivery.objects.update(deadline=now - timedelta(hours=1))
    result, code = run("send_suppression", "mailer", "--output", tmp_path / "box")
    assert (code, "overdue" in result["error"]) == (2, True)
    assert 'class="is-bad"' in deliveries_page(client)
    record_receipt(one.pk, state="applied", by=None, now=now)
    assert stand(now).standing == "kept"
    assert 'class="is-bad"' not in deliveries_page(client)
    deliver(tmp_path)


def stand(now):
    (one,) = standings(now=now, only=["G-suppression"])
    return one


def deliveries_page(client):
    colleague = EmployeeFactory()
    grant(colleague, "suppression.send")
    return sign_in(client, colleague).get(reverse("optouts:deliveries")).content.decode()


def test_a_party_to_whom_nobody_sends_a_list_breaks_the_promise_after_ten_days(client, tmp_path, mailer):
    now = timezone.now()
    assert stand(now).standing == "not_measured"
    OptOutFactory(received_at=now - timedelta(days=7), suppressed_at=now - timedelta(days=7))
    OptOutFactory(purpose="surveys", received_at=now - timedelta(days=90), suppressed_at=now - timedelta(days=90))
    assert stand(now).standing == "not_measured"
    assert stand(now + timedelta(days=2)).standing == "at_risk"
    late = stand(now + timedelta(days=4))
    (row,) = late.figure.broken
    assert (late.standing, late.figure.value, row.url) == ("broken", 1, reverse("optouts:deliveries"))
    assert mailer.name in row.label
    assert f"send_suppression {mailer.code} --output DIR" in deliveries_page(client)
    manifest, _ = deliver(tmp_path)
    record_receipt(SuppressionDelivery.objects.get(sequence=manifest["sequence"]).pk, state="applied", by=None, now=now)
    assert stand(now + timedelta(days=400)).standing == "kept"
    assert "Not told yet" not in deliveries_page(client)
    OptOutFactory(received_at=now, suppressed_at=now)
    assert stand(now + timedelta(days=11)).standing == "broken"


def test_a_party_is_owed_nothing_before_its_agreement_holds_nor_after_it_ends_and_who_opted_in_again_is_owed_to_nobody():
    now = timezone.now()
    today = timezone.localdate(now)
    for held in (
        {"starts_on": today - timedelta(days=9)},
        {"ends_on": today - timedelta(days=1)},
        {"purposes": ["mailings"]},
    ):
        DataSharingAgreementFactory(third_party=ThirdPartyFactory(), **{"purposes": ["suppression"], **held})
    OptOutFactory(received_at=now - timedelta(days=90), suppressed_at=now - timedelta(days=90))
    assert not parties_not_told(since=now - timedelta(days=10), now=now)
    (begun_lately,) = parties_not_told(since=now - timedelta(days=8), now=now)
    assert timezone.localdate(begun_lately.since) == today - timedelta(days=9)
    OptOut.objects.update(withdrawal_asked_at=now - timedelta(days=2), withdrawn_at=now - timedelta(days=1))
    assert not parties_not_told(since=now - timedelta(days=8), now=now)


@pytest.mark.parametrize("output", ["", " "])
def test_a_list_for_a_directory_that_was_never_named_lies_about_nowhere(tmp_path, mailer, monkeypatch, output):
    OptOutFactory()
    monkeypatch.chdir(tmp_path)
    result, code = run("send_suppression", "mailer", "--output", output)
    assert (code, result["error"]) == (2, "--output names no directory.")
    assert list(tmp_path.iterdir()) == []
    assert not SuppressionDelivery.objects.exists()


def test_a_delivery_that_cannot_be_written_is_not_recorded_either(tmp_path, mailer, monkeypatch):
    from privacy.optouts.actions import deliveries

    OptOutFactory()

    def full_disk(*arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(deliveries, "_write_whole", full_disk)
    _, code = run("send_suppression", "mailer", "--output", tmp_path / "box")
    assert code == 2
    assert not SuppressionDelivery.objects.exists()
    assert list((tmp_path / "box").iterdir()) == []
    monkeypatch.undo()
    manifest, _ = deliver(tmp_path)
    assert manifest["sequence"] == 1


def test_a_customer_who_said_it_on_the_phone_is_on_the_list_for_those_who_write_for_us(tmp_path, mailer):
    CustomerFactory(email="ann@example.com", email_key="ann@example.com", phone="+18774454486")
    now = timezone.now()
    for channel in ("all", "phone"):
        opt_out(Subject.of_phone("877-445-4486"), channel=channel, purpose="all", source="web", received_at=now, now=now)
    _, rows = deliver(tmp_path)
    assert set(rows) == {("add", sha("ann@example.com"))}


def test_a_receipt_goes_forward_only(tmp_path, mailer):
    deliver(tmp_path)
    one = SuppressionDelivery.objects.get()
    record_receipt(one.pk, state="applied", by=None, now=timezone.now())
    with pytest.raises(MayNotFollow, match="applied cannot become delivered"):
        record_receipt(one.pk, state="delivered", by=None, now=timezone.now())


def test_closing_a_million_items_does_not_look_at_every_opt_out_for_each(tmp_path, mailer):
    """A list beyond the database's working memory is joined, not walked through once an item."""
    with CaptureQueriesContext(connection) as asked:
        deliver(tmp_path)
    (closing,) = [query["sql"] for query in asked if "UPDATE privacy_suppressionitem" in query["sql"]]
    closing = closing[closing.index("UPDATE") :]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {closing}")
        assert "SubPlan" not in "\n".join(line for (line,) in cursor.fetchall())


def test_the_second_of_two_large_lists_takes_no_longer_because_the_database_has_not_counted_the_first(tmp_path, mailer):
    with act("many_opt_outs", by=None), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_optout (subject_kind, subject_key, owed_sha256, masked, channel, purpose, source, received_at,"
            " suppressed_at) SELECT 'email', sha256(i::text::bytea), sha256(i::text::bytea), '', 'email', 'all', 'import', now(),"
            " now() FROM generate_series(1, 30000) AS i"
        )
    assert deliver(tmp_path)[0]["additions"] == 30_000
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', '8s', true)")  # by nested loops it takes more than a minute
    assert deliver(tmp_path)[0]["rows"] == 0


def test_of_two_deliveries_into_one_directory_each_keeps_its_manifest(tmp_path, mailer, capsys):
    OptOutFactory()
    first, _ = deliver(tmp_path)
    second, _ = deliver(tmp_path, "--full")
    for manifest in (first, second):
        beside = (tmp_path / "box" / manifest["file"]).with_suffix(".manifest.json")
        assert json.loads(beside.read_bytes()) == manifest
    assert json.loads((tmp_path / "box" / "manifest.json").read_bytes()) == second
    call_command("send_suppression", "mailer", "--output", str(tmp_path / "box"), "--full")
    assert f"all {second['rows']} that stand; 0 added, 0 removed since the last one" in capsys.readouterr().out
    assert second["rows"] > 0


@pytest.mark.parametrize("taken", ["manifest.json", "suppression-mailer-000001.csv"])
def test_a_delivery_whose_files_cannot_take_their_names_leaves_neither_of_them(tmp_path, mailer, taken):
    OptOutFactory()
    box = tmp_path / "box"
    (box / taken).mkdir(parents=True)
    result, code = run("send_suppression", "mailer", "--output", box)
    assert (code, "box" in result["error"]) == (2, True)
    assert [path.name for path in box.iterdir()] == [taken]
    assert not SuppressionDelivery.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_parties_lists_made_at_once_in_one_directory_one_is_made_and_whole(tmp_path):
    OptOutFactory.create_batch(20)
    parties = [ThirdPartyFactory(), ThirdPartyFactory()]
    for party in parties:
        DataSharingAgreementFactory(third_party=party, purposes=["suppression"])
    results = together(*[lambda one=one: send_suppression(one, directory=tmp_path, now=timezone.now()) for one in parties])
    (manifest,) = [one for one in results if isinstance(one, dict)]
    (refused,) = [one for one in results if not isinstance(one, dict)]
    assert isinstance(refused, HoldsAnothersList)
    assert hashlib.sha256((tmp_path / manifest["file"]).read_bytes()).hexdigest() == manifest["sha256"]
    assert json.loads((tmp_path / "manifest.json").read_bytes()) == manifest
    assert len(list(tmp_path.iterdir())) == 3
    assert SuppressionDelivery.objects.get().third_party.code == manifest["third_party"]


# --- at once --------------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_lists_made_at_once_follow_one_another_and_leave_out_nobody_who_opts_out_meanwhile(tmp_path):
    party, now = ThirdPartyFactory(), timezone.now()
    DataSharingAgreementFactory(third_party=party, purposes=["suppression"])
    for n in range(20):
        OptOutFactory(email=f"early{n}@example.com")

    def opts_out():
        for n in range(20):
            opt_out(
                Subject.of_email(f"late{n}@example.com"), channel="email", purpose="all", source="web", received_at=now, now=now
            )

    together(
        lambda: send_suppression(party, directory=tmp_path / "1", now=now),
        opts_out,
        lambda: send_suppression(party, directory=tmp_path / "2", now=now),
    )
    send_suppression(party, directory=tmp_path / "3", now=now)
    sent = list(SuppressionDelivery.objects.order_by("sequence"))
    assert [one.sequence for one in sent] == [1, 2, 3]
    assert [one.previous_sha256 for one in sent] == ["", sent[0].file_sha256, sent[1].file_sha256]
    told = [line for file in tmp_path.glob("*/*.csv") for line in file.read_text().splitlines()[1:]]
    assert len(told) == len({line.split(",")[2] for line in told}) == 40


def test_a_colleague_without_a_grant_sends_no_list(tmp_path):
    party = ThirdPartyFactory()
    DataSharingAgreementFactory(third_party=party, purposes=["suppression"])
    with pytest.raises(NoLongerAllowed):
        send_suppression(party, directory=tmp_path / "x", now=timezone.now(), by=EmployeeFactory())
    assert not SuppressionDelivery.objects.exists()
    assert not (tmp_path / "x").exists()


def test_the_ledger_says_who_made_a_list_at_the_terminal(tmp_path, mailer):
    sender, stranger = EmployeeFactory(login="sam"), EmployeeFactory(login="pat")
    grant(sender, "suppression.send")
    for nobody in (stranger.login, "no.such.login"):
        result, code = run("send_suppression", "mailer", "--output", tmp_path / "box", "--by", nobody)
        assert (code, nobody in result["error"]) == (2, True)
    assert not SuppressionDelivery.objects.exists()
    deliver(tmp_path, "--by", "Sam")
    told = Context.objects.get(metadata__verb="send_suppression", metadata__by=sender.pk)
    assert told.metadata["third_party"] == mailer.pk


@pytest.mark.parametrize("theirs", ['{"third_party": "printer", "sequence": 1}', "[]", "not JSON"])
def test_a_list_never_takes_the_place_of_another_partys(tmp_path, mailer, theirs):
    OptOutFactory()
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "manifest.json").write_text(theirs)
    result, code = run("send_suppression", "mailer", "--output", tmp_path / "box")
    assert code == 2
    assert "manifest.json is there already" in result["error"]
    assert [path.name for path in (tmp_path / "box").iterdir()] == ["manifest.json"]
    assert (tmp_path / "box" / "manifest.json").read_text() == theirs
    assert not SuppressionDelivery.objects.exists()


def test_the_next_list_of_a_party_follows_their_last_in_the_same_directory(tmp_path, mailer):
    OptOutFactory()
    first, _ = deliver(tmp_path)
    OptOutFactory()
    second, _ = deliver(tmp_path)
    assert (second["sequence"], second["previous_sha256"]) == (2, first["sha256"])


def test_a_receipt_that_is_said_twice_keeps_its_first_instant(tmp_path, mailer):
    deliver(tmp_path)
    one, now = SuppressionDelivery.objects.get(), timezone.now()
    record_receipt(one.pk, state="applied", by=None, now=now)
    record_receipt(one.pk, state="applied", by=None, now=now + timedelta(days=3))
    one.refresh_from_db()
    assert one.receipt_at == now
