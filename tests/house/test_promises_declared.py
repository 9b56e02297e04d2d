"""Every promise of the statement is declared, and quotes a sentence that the statement contains (PROMISES.md)."""

import re

import pytest

from privacy.promises.queries import declared
from privacy.statement.actions import FIRST_VERSION
from privacy.statement.queries import find_quote

# PROMISES.md, one id a row of its table.
IDS = """
A1-order A1-transaction A1-demographic A1-forms A1-interactive A1-mail A1-sources A2a-logs A2b-cookies
A2c-beacons B-uses B-law C-offers C-service C-referral D-intermediaries D-aggregate D-investors D-transition
D-legal D-nda D-revoked E2-revoked D-marketers D-consent E1-individuals E1-outside E1-login E1-password
E1-timeout E2-authorised E3-encryption E3-firewall E5-denied E4-backup E4-restore E4-offsite E4-verify
E4-retention E5-informed E5-briefed E5-departments E5-threats E5-administrator F-links G-not-sold
G-suppression H-voluntary H-winners H-anonymous I-optout J-access J-correct J-channels K-thirty-days K-posted
K-prospective L-contact L-printed
""".split()  # noqa: SIM905
TEXT = FIRST_VERSION.read_text()


@pytest.mark.parametrize("promise_id", IDS)
def test_the_promise_is_declared(promise_id):
    assert promise_id in {promise.id for promise in declared()}


def test_nothing_is_declared_that_the_table_does_not_name():
    assert {promise.id for promise in declared()} <= set(IDS)


@pytest.mark.parametrize("promise", declared(), ids=lambda promise: promise.id)
def test_the_statement_contains_the_quoted_sentence(promise):
    assert find_quote(TEXT, promise.quote, section=promise.section), f"section {promise.section} does not say: {promise.quote}"
    assert len(promise.quote.split()) >= 3
    assert promise.measures
    assert re.fullmatch(r"[A-L](\.\d[abc]?)?", promise.section)


@pytest.mark.parametrize(("promise_id", "words"), [("J-access", "access"), ("E4-verify", "access"), ("J-correct", "edit")])
def test_what_is_measured_is_what_the_quoted_sentence_speaks_of(promise_id, words):
    (promise,) = [promise for promise in declared() if promise.id == promise_id]
    assert words in promise.quote.split()
