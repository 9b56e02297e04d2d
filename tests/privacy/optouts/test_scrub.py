"""Lists to telephone, lists that nobody expected, and two who write one list at once."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from customers.encryption import keyed_digest
from privacy.models import OptOut
from tests.factories.customers import CustomerFactory
from tests.factories.optouts import OptOutFactory
from tests.factories.processes import environment_here

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.django_db


def scrub(tmp_path, content, *more, purpose="newsletter", channel="phone"):
    (tmp_path / "in.csv").write_bytes(content)
    out, code = io.StringIO(), 0
    arguments = [str(tmp_path / "in.csv"), str(tmp_path / "out.csv"), "--purpose", purpose, "--channel", channel, *more, "--json"]
    try:
        call_command("scrub_list", *arguments, stdout=out)
    except SystemExit as stop:
        code = stop.code
    target = tmp_path / "out.csv"
    return json.loads(out.getvalue()), code, target.read_bytes() if target.exists() else None


def refuses_calls(number, *, channel="phone", **more):
    key = keyed_digest(number, purpose="phone")
    return OptOutFactory(
        subject_kind="phone", subject_key=key, address=number, masked="•••", owed_sha256=None, channel=channel, **more
    )


@pytest.mark.parametrize("heading", ["phone", "Telephone", "Mobile Phone", "phone_number"])
@pytest.mark.parametrize("channel", ["phone", "sms"])
def test_who_wants_no_calls_is_taken_out_of_a_list_to_telephone_however_the_number_is_written(tmp_path, heading, channel):
    refuses_calls("+18774454486", channel="all")
    refuses_calls("+14155550100", channel="post")
    rows = (
        f"name,{heading},email\nAnn,(877) 445-4486,ann@example.com\nBob,+1 415 555 0100,bob@example.com\nEve,none,e@example.com\n"
    )
    result, code, out = scrub(tmp_path, rows.encode(), channel=channel)
    assert (result["rows_in"], result["rows_out"], result["suppressed"], result["invalid"], code) == (3, 1, 1, 1, 1)
    assert out == f"name,{heading},email\nBob,+1 415 555 0100,bob@example.com\n".encode()


def test_a_pipe_or_a_directory_in_place_of_the_list_is_refused_and_stays_what_it_was(tmp_path):
    os.mkfifo(tmp_path / "out.csv")
    (tmp_path / "in.csv").write_bytes(b"phone\n415-555-0100\n")
    arguments = ["--purpose", "newsletter", "--channel", "phone", "--json"]
    for target in (tmp_path / "out.csv", tmp_path):
        out = io.StringIO()
        with pytest.raises(SystemExit, match="2"):
            call_command("scrub_list", str(tmp_path / "in.csv"), str(target), *arguments, stdout=out)
        assert "no ordinary file" in json.loads(out.getvalue())["error"]
    assert (tmp_path / "out.csv").is_fifo()


def test_a_customer_who_declined_by_mail_is_not_telephoned_either(tmp_path):
    customer = CustomerFactory(email="ann@example.com", email_key="ann@example.com", phone="+18774454486")
    OptOutFactory(email="ann@example.com", customer=customer, channel="all")
    result, _, out = scrub(tmp_path, b"phone\n877-445-4486\n415-555-0100\n")
    assert result["suppressed"] == 1
    assert out == b"phone\n415-555-0100\n"


def test_whose_record_came_after_the_wish_or_who_shares_the_address_is_not_telephoned_either(tmp_path):
    OptOutFactory(email="ann@example.com", channel="all")  # nobody had that address then
    for number in ("+18774454486", "+18774454487"):
        CustomerFactory(email="Ann@example.com", email_key="ann@example.com", phone=number)
    OptOutFactory(email="bob@example.com", channel="email")
    CustomerFactory(email="bob@example.com", email_key="bob@example.com", phone="+14155550100")
    result, _, out = scrub(tmp_path, b"phone\n877-445-4486\n877-445-4487\n415-555-0100\n")
    assert (result["suppressed"], out) == (2, b"phone\n415-555-0100\n")


def test_who_said_on_the_telephone_that_nothing_more_shall_come_gets_no_mail_though_their_record_came_later(tmp_path):
    refuses_calls("+18774454486", channel="all")
    refuses_calls("+14155550100", channel="phone")
    CustomerFactory(email="ann@example.com", email_key="ann@example.com", phone="+18774454486")
    CustomerFactory(email="bob@example.com", email_key="bob@example.com", phone="+14155550100")
    result, _, out = scrub(tmp_path, b"email\nann@example.com\nbob@example.com\n", channel="email")
    assert (result["suppressed"], out) == (1, b"email\nbob@example.com\n")


def test_a_list_can_be_given_links_by_which_each_person_unsubscribes_with_one_click(tmp_path, client, settings):
    settings.PUBLIC_URL = "https://lumens.example"
    _, code, out = scrub(
        tmp_path, b'name,email\r\n"Ann, of Ohio",Ann@example.com\r\nBob,bob@example.com', "--links", channel="email"
    )
    assert code == 0
    heading, ann, bob = out.split(b"\r\n")
    assert heading == b"name,email,unsubscribe_url"
    assert ann.startswith(b'"Ann, of Ohio",Ann@example.com,https://lumens.example/opt-out/')
    assert bob.startswith(b"Bob,bob@example.com,https://lumens.example/opt-out/")
    link = ann.rpartition(b",")[2].decode().removeprefix("https://lumens.example")
    assert client.post(link, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert OptOut.objects.get().address == "ann@example.com"
    result, code, _ = scrub(tmp_path, b"phone\n877-445-4486\n", "--links", channel="phone")
    assert (code, "for an e-mail address" in result["error"]) == (2, True)


def test_no_link_stands_under_another_heading_and_none_twice(tmp_path):
    rows = b'email,name,city\nann@example.com,Ann\nbob@example.com,"Bob, of Ohio",Dayton\n'
    result, code, out = scrub(tmp_path, rows, "--links", channel="email")
    assert (code, result["rows_out"], [row["line"] for row in result["invalid_rows"]]) == (1, 1, [2])
    result, code, _ = scrub(tmp_path, out, "--links", channel="email")
    assert (code, "has a column unsubscribe_url already" in result["error"]) == (2, True)


def test_a_number_that_was_erased_stays_suppressed(tmp_path):
    refuses_calls("+18774454486")
    OptOut.objects.update(address=None)
    assert scrub(tmp_path, b"phone\n877-445-4486\n")[0]["suppressed"] == 1


def test_a_list_to_telephone_that_names_people_by_address_is_read_by_address(tmp_path):
    OptOutFactory(email="bob@example.com", channel="phone")
    result, _, out = scrub(tmp_path, b"id,e-mail\n1,ann@example.com\n2,bob@example.com\n")
    assert (result["suppressed"], out) == (1, b"id,e-mail\n1,ann@example.com\n")
    result, _, _ = scrub(tmp_path, b"phone,email\n1,ann@example.com\n2,bob@example.com\n", "--column", "email")
    assert (result["suppressed"], result["invalid"]) == (1, 0)


def test_of_many_rows_that_cannot_be_used_all_are_counted_and_the_first_are_named(tmp_path):
    result, code, out = scrub(tmp_path, b"email\n" + b"nonsense\n" * 2_500, channel="email")
    assert (result["rows_in"], result["invalid"], code, out) == (2_500, 2_500, 1, b"email\n")
    assert [row["line"] for row in result["invalid_rows"]] == list(range(2, 1_002))


@pytest.mark.parametrize(
    ("content", "where"),
    [
        (b"email\nann@example.com\n" + b"\x00" * 3_000_000, "in.csv:3"),
        (b"email," + b"x" * 3_000_000 + b"\nann@example.com\n", "in.csv:1"),
        ("email\nann@example.com\n".encode("utf-16-le"), "in.csv:1"),
        (b"name\nAnn\n", "in.csv:1"),
    ],
)
def test_a_row_that_never_ends_and_text_that_is_none_are_named_by_line(tmp_path, content, where):
    result, code, out = scrub(tmp_path, content, channel="email")
    assert code == 2
    assert where in result["error"]
    assert out is None
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


_HOLD = """
import fcntl, sys
part = open(sys.argv[1], "ab")
fcntl.flock(part, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def test_of_two_who_write_one_list_at_once_the_second_is_refused_and_a_killed_one_holds_up_nobody(tmp_path):
    part = tmp_path / ".out.csv.part"
    other = subprocess.Popen([sys.executable, "-c", _HOLD, str(part)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout.readline() == b"held\n"
    result, code, out = scrub(tmp_path, b"email\nann@example.com\n", channel="email")
    assert (code, out) == (2, None)
    assert "another scrub_list" in result["error"]
    other.kill()
    other.communicate()
    part.write_bytes(b"half of another list\n")
    _, code, out = scrub(tmp_path, b"email\nann@example.com\n", channel="email")
    assert (code, out) == (0, b"email\nann@example.com\n")
    assert not Path(part).exists()


@pytest.mark.django_db(transaction=True)
def test_a_list_that_finds_no_room_is_refused_by_its_name_and_leaves_nothing_behind(tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text("email\n" + "".join(f"person{number}@example.com\n" for number in range(20_000)))
    typed = f"ulimit -f 64; exec {sys.executable} {ROOT / 'manage.py'} scrub_list {source} {target}"
    done = subprocess.run(
        f"{typed} --purpose newsletter --channel email --json",
        shell=True, cwd=ROOT, env=environment_here(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, json.loads(done.stdout)) == (2, {"error": f"{target}: File too large."})
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


@pytest.mark.parametrize("headings", ["email,e-mail", "email address,E_Mail", "Mail,email,name", "phone,mobile"])
def test_a_list_with_several_columns_of_addresses_says_so_and_asks_which_one_is_written_to(tmp_path, headings):
    channel = "phone" if "phone" in headings else "email"
    result, code, out = scrub(tmp_path, f"{headings}\nann@example.com,bob@example.com\n".encode(), channel=channel)
    assert (code, out) == (2, None)
    for heading in headings.split(","):
        assert heading == "name" or repr(heading.lower()) in result["error"]
    assert "--column" in result["error"]


@pytest.mark.parametrize("second", ["E_Mail", "Secondary E-Mail", "email2", "home email address", "emailaddress"])
def test_who_opted_out_by_the_address_of_another_column_is_not_written_to_either(tmp_path, second):
    OptOutFactory(email="bob@example.com", channel="email", purpose="all")
    rows = b"ann@example.com,Bob@example.com\nann@example.com,eve@example.com; bob@example.com\neve@example.com,yes\n"
    rows += b'dora@example.com,\n"fay@example.com","""B"" <bob@example.com>"\n'
    result, code, out = scrub(tmp_path, f"email,{second}\n".encode() + rows, "--column", "email", channel="email")
    assert (result["rows_out"], result["suppressed"], code) == (2, 3, 0)
    assert out == f"email,{second}\neve@example.com,yes\ndora@example.com,\n".encode()


def test_who_wants_no_calls_to_a_second_number_is_not_called_at_the_first(tmp_path):
    refuses_calls("+18774454486")
    rows = b"phone,mobile\n415-555-0100,(877) 445-4486\n415-555-0101,\n"
    result, _, out = scrub(tmp_path, rows, "--column", "phone")
    assert (result["suppressed"], out) == (1, b"phone,mobile\n415-555-0101,\n")


def test_a_number_without_its_area_code_is_not_called(tmp_path):
    result, code, out = scrub(tmp_path, b"phone\n555-0100\n415-555-0100\n")
    assert (code, out) == (1, b"phone\n415-555-0100\n")
    assert "area code" in result["invalid_rows"][0]["why"]
