"""Whoever sets this house up wrongly is told which setting it is and what to write; nothing is served meanwhile."""

import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from lumens_admin import dotenv, environment
from lumens_admin.database import BASE_DIR
from lumens_admin.serve import preparation
from tests.factories.workforce import EmployeeFactory

STARTS = """
from lumens_admin.serve import CannotServe, preparation
try:
    preparation._load_django()
except CannotServe as refusal:
    print(refusal)
"""


@pytest.mark.parametrize("said", ["abc", "-1", "0", "1.5", "1e3", "٣", "100000", "5 minutes"])
def test_a_number_that_is_none_or_makes_no_sense_is_refused_by_its_name(said, monkeypatch):
    monkeypatch.setenv("SESSION_IDLE_MINUTES", said)
    with pytest.raises(ImproperlyConfigured, match=f"SESSION_IDLE_MINUTES={said}: choose a number from 1 to 1,440"):
        environment.number("SESSION_IDLE_MINUTES", default=15, lowest=1, highest=1_440)


@pytest.mark.parametrize(("said", "meant"), [("", 15), (" 20 ", 20), ("1", 1)])
def test_a_number_within_its_bounds_is_taken_and_nothing_means_the_default(said, meant, monkeypatch):
    monkeypatch.setenv("SESSION_IDLE_MINUTES", said)
    assert environment.number("SESSION_IDLE_MINUTES", default=15, lowest=1, highest=1_440) == meant


def test_maybe_is_neither_yes_nor_no(monkeypatch):
    for said, meant in (("true", True), ("Yes", True), ("1", True), ("off", False), ("FALSE", False), ("", True)):
        monkeypatch.setenv("BEHIND_PROXY", said)
        assert environment.flag("BEHIND_PROXY", default=True) is meant
    monkeypatch.setenv("BEHIND_PROXY", "maybe")
    with pytest.raises(ImproperlyConfigured, match="BEHIND_PROXY=maybe: write true or false"):
        environment.flag("BEHIND_PROXY", default=False)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("LOCKOUT_TRIES", "0"),
        ("PASSWORD_MIN_LENGTH", "x"),
        ("OIDC_ISSUER", "login.example"),
        ("EMAIL_URL", "smtp://ann:se-cret@x:99999999"),
        ("EMAIL_URL", "carrier-pigeon://x"),
    ],
)
def test_who_starts_with_nonsense_gets_one_line_and_no_traceback(name, said):
    command = [sys.executable, "-c", STARTS]
    done = subprocess.run(command, cwd=BASE_DIR, env={**os.environ, name: said}, capture_output=True, text=True, check=True)
    assert name in done.stdout
    assert done.stdout.count("\n") == 1
    assert "se-cret" not in done.stdout + done.stderr


def test_what_a_command_failed_of_is_said_by_its_sentence_and_not_by_the_mark_under_the_sql():
    said = (
        'Traceback (most recent call last):\n  File "x.py", line 1, in <module>\n'
        "django.db.utils.ProgrammingError: permission denied for schema public\nLINE 1: CREATE TABLE\n                     ^"
    )
    sentence = preparation._what_failed(said)
    assert "permission denied for schema public" in sentence
    assert "DATABASE_OWNER_URL" in sentence
    assert preparation._what_failed("") == "it did not say why"


@pytest.mark.django_db
def test_logins_that_are_nobodys_in_this_database_are_not_offered(monkeypatch):
    monkeypatch.setattr("django.db.connections.close_all", lambda: None)
    EmployeeFactory(login="ines.romero")
    assert preparation.any_works_here(["Password", "ines.romero"])
    assert not preparation.any_works_here(["Password", "dana.fox"])


def test_a_command_prints_the_port_at_which_this_house_was_served_last(monkeypatch, tmp_path):
    monkeypatch.setattr(environment, "LAST_PORT", tmp_path / "last-port")
    assert environment.last_port() == "8000"
    (tmp_path / "last-port").write_text("8181\n")
    assert environment.last_port() == "8181"


@pytest.mark.parametrize("content", ["OIDC_NAME=Jürgen".encode("latin-1"), "DEBUG=true".encode("utf-16")])
def test_a_dotenv_that_is_no_text_is_refused_in_one_line(content, monkeypatch, tmp_path, capsys):
    (tmp_path / ".env").write_bytes(content)
    monkeypatch.setattr(dotenv, "FILE", tmp_path / ".env")
    with pytest.raises(SystemExit) as stopped:
        dotenv.read_dotenv()
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{tmp_path}/.env: byte ")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("FIELD_KEYS", "abc"),
        ("DATABASE_OWNER_URL", "junk"),
        ("LEDGER_ANCHOR", "ftp://me:secret@x/y"),
        ("SESSION_IDLE_MINUTES", "x"),
    ],
)
def test_a_command_says_in_one_line_which_setting_cannot_be_read_and_ends_with_2(name, said):
    """1 would say to cron that something was done and something found (INTERFACES.md)."""
    environment = {**os.environ, name: said, "DJANGO_SETTINGS_MODULE": "lumens_admin.settings"}
    done = subprocess.run(
        [sys.executable, "manage.py", "rotate_field_keys"], cwd=BASE_DIR, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert name in line
    assert "secret" not in line
