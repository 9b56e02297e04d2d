"""What every command of the house does alike (INTERFACES.md, "Commands"). A command that is not in the table fails."""

import io
import json
import re
import subprocess
import sys
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest
from django.conf import settings as house
from django.core.management import call_command, execute_from_command_line, get_commands, load_command_class
from django.db import connection
from django.utils import timezone

from customers.doors.commands import HouseCommand
from privacy.access import actions
from privacy.access.actions.scim_clients import digest_of
from privacy.models import ScimClient, SystemKind
from tests.factories.access import grant
from tests.factories.agreements import DataSharingAgreementFactory, ThirdPartyFactory
from tests.factories.customers import PaymentMethodFactory
from tests.factories.mailboxes import running_mailbox
from tests.factories.mailroom import mail
from tests.factories.optouts import OptOutFactory
from tests.factories.processes import environment_here
from tests.factories.systems import SystemFactory, held
from tests.factories.workforce import EmployeeFactory
from tests.privacy.access.test_roster import HEADER as ROSTER
from tests.privacy.access.test_roster import row_of

ROOT = Path(__file__).resolve().parents[2]
OURS = ("privacy", "customers", "lumens_admin")
COMMANDS = sorted(name for name, app in get_commands().items() if str(app).split(".")[0] in OURS)
CUSTOMERS = "member_id,name,email,phone,line1,line2,city,region,postal_code,country,source,collected_at"
ROW = "M1,Ann,ann@example.com,,1 Oak St,,Reno,NV,89501,US,customer,2026-03-02"
CHANGE_NOTHING = {"demo_code", "verify_evidence", "verify_ledger"}


# --- work for each of them: its arguments, where there is something to do --------------------------------------------


def _elsewhere(code="away"):
    """A system that nobody answers for."""
    return SystemFactory(kind=SystemKind.POSTGRESQL, code=code, address="postgresql://u:p@127.0.0.1:1/x")


def _leaver(tmp_path):
    person = EmployeeFactory()
    held(person, _elsewhere(), "readers")
    actions.end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="test")
    return []


def _system(tmp_path):
    _elsewhere()
    return ["away"]


def _ana(tmp_path):
    grant(EmployeeFactory(login="ana"), "requests.work")
    return ["ana", "--reason", "left"]


def _customers(tmp_path):
    file = tmp_path / "customers.csv"
    file.write_text(f"{CUSTOMERS}\n{ROW}\n")
    return [file]


def _roster(tmp_path):
    ana = EmployeeFactory(login="ana")
    file = tmp_path / "roster.csv"
    file.write_text(f"{ROSTER}\n{row_of(ana)}\n{row_of(ana, login='ben', email='ben@lumens.example')}\n")
    return [file]


def _message(tmp_path):
    (tmp_path / "one.eml").write_bytes(mail(subject="unsubscribe"))
    return [tmp_path / "one.eml"]


def _mailing(tmp_path):
    OptOutFactory(email="ann@example.com")
    (tmp_path / "in.csv").write_text("email\nann@example.com\nben@example.com\n")
    return [tmp_path / "in.csv", tmp_path / "out.csv", "--purpose", "newsletter", "--channel", "email"]


def _party(tmp_path):
    DataSharingAgreementFactory(third_party=ThirdPartyFactory(code="mailer"), purposes=["suppression"])
    OptOutFactory()
    return ["mailer", "--output", tmp_path / "box"]


def _entries(tmp_path):
    EmployeeFactory()
    return ["--anchor", tmp_path / "anchor.jsonl"]


WORK = {
    "check_promises": lambda tmp_path: ["E2-revoked"],
    "create_scim_client": lambda tmp_path: ["Okta"],
    "create_security_administrator": lambda tmp_path: ["root", "root@lumens.example"],
    "fetch_mail": lambda tmp_path: [],
    "import_customers": _customers,
    "import_roster": _roster,
    "load_demo": lambda tmp_path: ["--customers", "5"],
    "push_removals": _leaver,
    "receive_mail": _message,
    "reconcile_access": _system,
    "revoke_access": _ana,
    "rotate_field_keys": lambda tmp_path: PaymentMethodFactory() and [],
    "scrub_list": _mailing,
    "seal_ledger": _entries,
    "send_suppression": _party,
}


# --- what is asked of each -------------------------------------------------------------------------------------------


def run(name, *arguments):
    """Exit code, and what was printed on standard output and standard error."""
    out, complained, code = io.StringIO(), io.StringIO(), 0
    try:
        call_command(name, *[str(argument) for argument in arguments], stdout=out, stderr=complained)
    except SystemExit as stop:
        code = stop.code
    return code, out.getvalue(), complained.getvalue()


def everything(tmp_path):
    """A digest of every table, the jobs included, and of every file below the directories that commands may write to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}', md5(string_agg(t::text, '' ORDER BY t::text)) FROM {table} t" for table in tables
            )
        )
        found = dict(cursor.fetchall())
    files = [file for place in (tmp_path, house.VAR_DIR / "demo-logins.txt") for file in (place, *place.rglob("*"))]
    return found | {str(file): file.read_bytes() for file in files if file.is_file()}


def parser_of(name):
    return load_command_class(get_commands()[name], name).create_parser("manage.py", name)


def test_every_command_is_in_the_table():
    assert sorted({*WORK, *CHANGE_NOTHING}) == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_one_of_the_house_and_knows_the_common_options(name):
    assert isinstance(load_command_class(get_commands()[name], name), HouseCommand)
    options = {option for action in parser_of(name)._actions for option in action.option_strings}
    assert "--json" in options
    assert ("--dry-run" in options) == (name not in CHANGE_NOTHING)


@pytest.mark.slow(20)
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", sorted(WORK))
def test_a_dry_run_changes_no_row_and_no_file_and_the_real_run_does(name, tmp_path, settings):
    settings.VAR_DIR = tmp_path / "var"
    with running_mailbox(mail(subject="unsubscribe")) as mailbox:
        settings.MAILBOX_URL = mailbox.url
        arguments = WORK[name](tmp_path)
        if name == "rotate_field_keys":
            settings.FIELD_KEYS = [urlsafe_b64encode(b"k" * 32).decode(), *settings.FIELD_KEYS]
        before = everything(tmp_path)
        code, said, complained = run(name, *arguments, "--dry-run", "--json")
        assert code in (0, 1), said
        json.loads(said)  # one object, and nothing else
        assert complained == ""
        assert everything(tmp_path) == before
        assert not any(mailbox.flags.values())
        if name == "load_demo":
            return  # it takes ten seconds, and the first start of test_make_run sees its work

        code, said, complained = run(name, *arguments, "--json")
        assert code in (0, 1), said
        json.loads(said)
        assert complained == ""
        assert everything(tmp_path) != before


@pytest.mark.parametrize("name", COMMANDS)
def test_what_cannot_be_understood_is_one_object_with_an_error_and_exit_2(name, monkeypatch, capsys):
    typed = ["manage.py", name, "--json", "--no-such-option"]
    monkeypatch.setattr(sys, "argv", typed)
    with pytest.raises(SystemExit) as stop:
        execute_from_command_line(typed)
    said, complained = capsys.readouterr()
    assert (stop.value.code, complained) == (2, "")
    assert "--no-such-option" in json.loads(said)["error"] or "required" in json.loads(said)["error"]


def test_so_it_is_at_the_terminal():
    command = [sys.executable, str(ROOT / "manage.py"), "push_removals", "--json", "--no-such-option"]
    done = subprocess.run(command, cwd=ROOT, env=environment_here(), capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "--no-such-option" in json.loads(done.stdout)["error"]


FULL = ("/dev/full", "No space left on device")
SHUT = ("&-", "Bad file descriptor")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("as_json", ["", "--json"])
@pytest.mark.parametrize(("output", "why"), [FULL, SHUT], ids=["a full disk", "a closed output"])
def test_what_cannot_be_written_to_the_output_is_not_lost(output, why, as_json):
    typed = f"exec {sys.executable} {ROOT / 'manage.py'} create_scim_client Okta {as_json} >{output}"
    done = subprocess.run(
        typed, shell=True, cwd=ROOT, env=environment_here(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert f"This could not be written ({why}):" in done.stderr
    assert "Traceback" not in done.stderr
    token = re.search(r"lumens-scim-[\w-]+", done.stderr)[0]
    assert ScimClient.objects.get().token_digest == digest_of(token)


def test_a_cell_or_a_name_of_a_file_steers_no_terminal(db, tmp_path, capsys):
    steers = "\x1b]0;title\x07\x9b31m\u202ereversed\xa0"
    roster, mailing = tmp_path / "roster.csv", tmp_path / "list.csv"
    good = ",Ann,ann@example.com,employee,clerk,sales,,2026-01-05,"
    roster.write_text(f"{ROSTER}\nann{good}\n{steers}{good}\n")
    mailing.write_text(f"{steers},{steers}\na,b\n")
    typed = {
        "import_roster": ["--dry-run", str(roster)],
        "scrub_list": [str(mailing), str(tmp_path / "out.csv"), "--purpose", "newsletter", "--channel", "email"],
    }
    for command, arguments in typed.items():
        for options in ([], ["--json"]):
            with pytest.raises(SystemExit):
                call_command(command, *arguments, *options)
            said, complained = capsys.readouterr()
            assert "reversed" in said + complained
            assert [one for one in "\x1b\x07\x9b\u202e" if one in said + complained] == []


BAD = {
    "check_promises": ["E9-nothing"],
    "create_scim_client": [" "],
    "create_security_administrator": ["two words", "a@b.example"],
    "demo_code": ["nobody"],
    "fetch_mail": [],  # MAILBOX_URL is not set
    "import_customers": ["no such file"],
    "import_roster": ["no such file"],
    "load_demo": ["--customers", "-1"],
    "receive_mail": ["no such file"],
    "reconcile_access": ["nowhere"],
    "revoke_access": ["nobody", "--reason", "left"],
    "scrub_list": ["no such file", "out.csv", "--purpose", "newsletter", "--channel", "email"],
    "seal_ledger": ["--anchor", "ftp://somewhere"],
    "send_suppression": ["nobody", "--output", "."],
    "verify_evidence": ["no such file"],
    "verify_ledger": ["--anchor", "no such file"],
}
ASK_FOR_NOTHING = {"push_removals", "rotate_field_keys"}


def test_bad_input_is_tried_with_every_command_that_takes_any():
    assert sorted({*BAD, *ASK_FOR_NOTHING}) == COMMANDS


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(BAD))
def test_bad_input_is_one_object_with_an_error_and_exit_2(name, tmp_path, settings):
    settings.MAILBOX_URL = ""
    before = everything(tmp_path)
    for more in ([], ["--dry-run"] if name not in CHANGE_NOTHING else []):
        code, said, complained = run(name, *BAD[name], *more, "--json")
        assert (code, complained) == (2, "")
        assert set(json.loads(said)) == {"error"}
        code, said, complained = run(name, *BAD[name], *more)
        assert (code, said) == (2, "")
        assert complained.startswith("Nothing was changed.")
    assert everything(tmp_path) == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "lines", "more", "bad"),
    [
        ("import_customers", [CUSTOMERS, ROW, ROW.replace("ann@example.com", "nowhere")], [], 3),
        ("import_roster", [ROSTER, "ann,Ann,a@b.example,nobody,x,y,,2020-01-01,"], [], 2),
        ("scrub_list", ["email", "ann@example.com", "nowhere"], ["out.csv", "--purpose", "newsletter", "--channel", "email"], 3),
        ("verify_ledger", ['{"kind": "something else"}'], [], 1),
    ],
)
def test_an_error_names_file_and_line(name, lines, more, bad, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("in").write_text("\n".join(lines) + "\n")
    code, said, complained = run(name, *(["--anchor"] if name == "verify_ledger" else []), "in", *more)
    assert code in (1, 2)
    assert re.search(rf"\bin(:|, line ){bad}: ", said + complained), said + complained
