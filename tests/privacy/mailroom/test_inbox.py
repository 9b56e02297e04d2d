"""The page about received mail, where there are millions of messages."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from privacy.ledger.actions import act
from privacy.mailroom import queries
from privacy.mailroom.actions import keep_message
from privacy.models import Message
from tests.factories.access import grant, sign_in
from tests.factories.mailroom import mail
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client):
    ana = EmployeeFactory()
    grant(ana, "requests.work")
    return sign_in(client, ana)


def in_words(page):
    return " ".join(page.get(reverse("mailroom:inbox")).text.split("<main")[1].split())


def test_whoever_opens_the_mail_of_years_does_not_wait_for_all_of_it_to_be_counted(page, monkeypatch):
    with act("much_mail", by=None), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO privacy_message (raw, raw_size, raw_sha256, door, received_at, from_masked, notes, outcome, reason,"
            " sorted_at, settled_at) SELECT 'x', 1, sha256(i::text::bytea), 'file', now() - i * interval '1 minute', '', '{}',"
            " CASE WHEN mod(i, 100) = 0 THEN 'quarantined' ELSE 'automatic' END, '', now(), CASE WHEN i > 2000 THEN now() END"
            " FROM generate_series(1, 20000) AS i"
        )
        cursor.execute("ANALYZE privacy_message")
    keep_message(mail(), door="imap", received_at=timezone.now())
    monkeypatch.setattr(queries, "COUNTED_EXACTLY", 1_000)
    with CaptureQueriesContext(connection) as asked:
        words = in_words(page)
    for said in ("All about 20,000", "Automatic, not answered more than 1,000", "Quarantined: could not be read 200"):
        assert said in words
    for said in ("20 messages could not be read", "1 message waits to be sorted"):
        assert said in words, "exactly"
    with connection.cursor() as cursor:
        for statement in [query["sql"] for query in asked if 'FROM "privacy_message"' in query["sql"]]:
            cursor.execute(f"EXPLAIN {statement}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
            assert not ("Seq Scan on privacy_message" in plan and "Limit" not in plan), plan


def test_a_chosen_outcome_that_no_message_has_is_named_with_a_nought(page):
    assert not Message.objects.exists()
    chips = page.get(reverse("mailroom:inbox"), {"outcome": "duplicate"}).text
    assert re.search(r"All\s+0\s*</a>", chips)
    assert re.search(r"Duplicate\s+0\s*</a>", chips)
    assert "Automatic" not in chips
