"""Inputs that are larger, or otherwise built, than any person sends: answered soon, read in one way, kept out of the logs."""

import logging
import sys
import time

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from lumens_admin.logs import OneLineFormatter, without_traceback_of_refusals
from lumens_admin.serve import children
from privacy.models import Entitlement
from tests.factories.access import grant, sign_in
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
LONG = {
    "letters": "a" * 100_000,
    "brackets": "[" * 100_000,
    "stars": "*a **" * 20_000,
    "links": "[a](b" * 20_000,
    "at signs": "@." * 50_000,
    "digits": "4111 1111 1111 1111 " * 5_000,
}
SECONDS = 1  # of this process; the database has a bound of its own


@pytest.fixture
def omni(client):
    person = EmployeeFactory(login="omni")
    grant(person, *Entitlement.objects.filter(system__code="back-office").values_list("code", flat=True))
    return sign_in(client, person)


@pytest.mark.parametrize("text", LONG.values(), ids=LONG)
def test_a_hundred_thousand_characters_in_any_field_are_answered_within_a_second(omni, text):
    forms = {
        "account_login": ("login", "password"),
        "account_reset_password": ("email",),
        "desk:search": ("asked",),
        "optouts:record": ("who", "evidence"),
        "tickets:new": ("name", "email", "phone", "text", "post"),
        "access:ask": ("reason",),
        "access:reveal": ("subject", "pk", "category", "reason"),
        "programme:publish": ("title", "code", "text"),
        "statement:post": ("title", "summary", "text"),
        "agreements:add_party": ("name", "code", "contact_email", "website", "notes"),
        "access:add_person": ("login", "name", "email"),
    }
    stranger = Client()
    stranger.get("/statement/")  # what is loaded once is loaded before
    slow = {}
    for name, fields in forms.items():
        began_at = time.process_time()
        answer = (stranger if name.startswith("account") else omni).post(reverse(name), dict.fromkeys(fields, text))
        seconds = time.process_time() - began_at
        if seconds > SECONDS or answer.status_code >= 500:
            slow[name] = (round(seconds, 1), answer.status_code)
    assert not slow


@pytest.mark.parametrize(("over", "read"), [(0, True), (1, False)])
def test_a_form_of_a_byte_more_than_its_limit_is_not_read(omni, settings, over, read):
    begins = "who=nobody&channel=email&evidence="
    body = begins + "a" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE - len(begins) + over)
    answer = omni.post(reverse("optouts:record"), body, content_type="application/x-www-form-urlencoded")
    assert (b"nobody" in answer.content) == read
    assert answer.status_code == (422 if read else 413)


def test_control_characters_of_a_request_reach_no_terminal_and_forge_no_line():
    record = logging.LogRecord("x", logging.WARNING, "", 0, "%s", ("a\x1b[2J\r\n2026 ERROR forged\x9b\u2028b",), None)
    line = OneLineFormatter("{levelname} {message}", style="{").format(record)
    assert line == "WARNING a\\x1b[2J\\x0d\\x0a2026 ERROR forged\\x9b\\x2028b"


def test_a_line_of_the_log_says_the_instant_in_utc_whatever_the_zone_of_the_house():
    record = logging.LogRecord("x", logging.WARNING, "", 0, "late", (), None)
    record.created, record.msecs = 1_793_520_000.25, 250.0  # 2026-11-01 08:00:00 UTC, in the night of the change of clocks
    assert OneLineFormatter("{asctime} {message}", style="{").format(record) == "2026-11-01T08:00:00.250Z late"


def test_what_an_exception_says_forges_no_line_and_steers_no_terminal():
    try:
        raise ValueError("\x1b[31mred\x1b]0;title\x07\n2026-11-27 00:00:00,000 ERROR lumens FORGED\r2026 ERROR\u2028x")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "it failed", (), sys.exc_info())
    formatter = OneLineFormatter("{asctime} {levelname} {message}", style="{")
    logging.Formatter().format(record)  # another handler's formatter was here before
    first, *others = formatter.format(record).split("\n")
    assert first.endswith("ERROR it failed")
    assert "  Traceback (most recent call last):" in others
    assert "  2026-11-27 00:00:00,000 ERROR lumens FORGED\\x0d2026 ERROR\\x2028x" in others
    assert all(line.startswith("  ") and line.isprintable() for line in others)


@pytest.mark.parametrize(
    "address",
    ["/opt-out/t0ken-of-somebody", "/opt-out/again/t0ken-of-somebody", "/accounts/password/reset/key/12-t0ken-of-somebody/"],
)
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "options", "delete"])
@pytest.mark.django_db
def test_no_token_of_an_address_is_in_the_log_whatever_is_refused(address, method, caplog):
    stranger = Client(enforce_csrf_checks=True)
    getattr(stranger, method)(address)
    getattr(stranger, method)(f"{address}/and/more")
    formatter = OneLineFormatter("{levelname} {name} {message}", style="{")
    assert not [line for line in map(formatter.format, caplog.records) if "t0ken" in line]


def test_a_path_with_control_characters_is_one_line_of_the_log(client, caplog):
    client.get("/nowhere/%1b%5b2J%0d%0aERROR%20forged")
    formatter = OneLineFormatter("{levelname} {message}", style="{")
    lines = [formatter.format(record) for record in caplog.records]
    assert any("nowhere" in line for line in lines)
    assert not [line for line in lines if "\x1b" in line or "\n" in line or "\r" in line]


def test_what_somebody_was_refused_is_one_line_of_the_log_and_a_fault_of_ours_has_its_traceback():
    for status, lines in ((403, 1), (404, 1), (500, 4), (None, 4)):
        try:
            raise PermissionDenied
        except PermissionDenied:
            record = logging.LogRecord("django.request", logging.WARNING, __file__, 1, "Forbidden: /x", None, sys.exc_info())
        if status is not None:
            record.status_code = status
        assert without_traceback_of_refusals(record)
        assert len(OneLineFormatter("{message}", style="{").format(record).splitlines()) >= lines
        assert (record.exc_info is None) == (lines == 1)


def test_a_long_log_is_turned_over_while_the_server_writes_on(monkeypatch, tmp_path):
    monkeypatch.setattr(children, "LOG_DIR", tmp_path)
    monkeypatch.setattr(children, "LARGEST_LOG_BYTES", 100)
    with (tmp_path / "web.log").open("ab", buffering=0) as writing:
        writing.write(b"old\n" * 50)
        children._turn_over()
        writing.write(b"new\n")
        children._turn_over()  # short enough, and the worker has none
    assert (tmp_path / "web.log").read_bytes() == b"new\n"
    assert (tmp_path / "web.log.1").read_bytes() == b"old\n" * 50
