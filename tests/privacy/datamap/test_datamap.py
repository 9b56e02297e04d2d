"""The data map: no column without a place, and what it says is shown and measured."""

import base64
import re
from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import connection, models
from django.test import Client
from django.urls import reverse

from customers.classification import Category, classification_of, classified, holds, plain
from customers.models import Customer, SurveyEntry
from privacy.datamap import policies, queries
from privacy.datamap.promises import PROMISES
from privacy.ledger.models import ReadKind
from privacy.models import Letter, LetterKind, RecordedRead
from privacy.optouts.actions import write_letter
from tests.factories.access import sign_in
from tests.factories.customers import (
    COLLECTED_AT,
    AddressFactory,
    ContestEntryFactory,
    CustomerFactory,
    PaymentMethodFactory,
    ReferralFactory,
    SiteVisitFactory,
    SurveyEntryFactory,
)
from tests.factories.workforce import EmployeeFactory

MEASURES = {promise.id: promise.measure for promise in PROMISES}


def measured(promise_id, now=COLLECTED_AT + timedelta(days=1)):
    return MEASURES[promise_id](now)


def unguarded(constraint, table="customers_customer"):
    """A table without one of its refusals, as a careless migration would leave it; the test's transaction brings it back."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {constraint}")


def test_every_column_of_the_house_has_its_place():
    assert not [found for found in run_checks() if str(found.id).startswith("datamap.")]
    assert len(policies.tables()) >= 14


def test_a_column_that_nobody_classified_stops_the_program(monkeypatch):
    declared = dict(classification_of(Customer))
    del declared["phone"]
    monkeypatch.setitem(__import__("customers.classification").classification._DECLARED, "customers.customer", declared)
    found = [error for error in run_checks() if error.id == "datamap.E001"]
    assert [error.msg for error in found] == ["customers.Customer.phone is not classified."]
    assert measured("A1-order").value == 1


def test_a_rule_of_keeping_that_nobody_wrote_down_stops_the_program(monkeypatch):
    declared = {**classification_of(Customer), "phone": holds(Category.CONTACT, keep="forever")}
    monkeypatch.setitem(__import__("customers.classification").classification._DECLARED, "customers.customer", declared)
    assert [error.id for error in run_checks() if str(error.id).startswith("datamap.")] == ["datamap.E002"]


def test_sensitive_financial_data_in_clear_stops_the_program(monkeypatch):
    declared = {**classification_of(Customer), "phone": holds(Category.FINANCIAL)}
    monkeypatch.setitem(__import__("customers.classification").classification._DECLARED, "customers.customer", declared)
    assert [error.id for error in run_checks() if str(error.id).startswith("datamap.")] == ["datamap.E003"]


def test_a_declaration_of_a_column_that_is_not_there_is_refused():
    class Lamp(models.Model):
        class Meta:
            app_label = "customers"
            managed = False

        def __str__(self):
            return "lamp"

    Lamp._meta.apps.all_models["customers"].pop("lamp")
    Lamp._meta.apps.clear_cache()
    with pytest.raises(ValueError, match="shade"):
        classified(id=plain(), shade=plain())(Lamp)


def test_the_public_list_is_the_statements_own_words():
    assert set(queries.public_categories()) >= {"contact information", "financial information", "log files", "referred friends"}


@pytest.mark.django_db
def test_any_employee_reads_the_map_and_nobody_else():
    page = sign_in(Client(), EmployeeFactory()).get("/admin/data-map/")
    assert page.status_code == 200
    for words in (
        "Contact information",
        "Financial information",
        "encrypted",
        "Retention schedule",
        "395 days from the visit",
        "7 years from the order",
        "3 years from the answer",
    ):
        assert words in page.content.decode()
    assert Client().get("/admin/data-map/").status_code == 302


@pytest.mark.django_db
def test_an_honest_house_keeps_every_promise_of_the_map():
    CustomerFactory()
    AddressFactory()
    PaymentMethodFactory()
    SurveyEntryFactory()
    ContestEntryFactory()
    ReferralFactory()
    SiteVisitFactory()
    for promise_id, measure in MEASURES.items():
        if measure is not None:
            figure = measured(promise_id)
            assert (figure.value, list(figure.broken)) == (0, []), promise_id


@pytest.mark.django_db
@pytest.mark.parametrize("promise_id", ["A2a-logs", "C-referral", "H-voluntary", "H-winners", "H-anonymous"])
def test_nothing_to_measure_is_not_a_kept_promise(promise_id):
    assert measured(promise_id).value is None


@pytest.mark.django_db
def test_a_card_number_that_slipped_past_the_constraint_is_found_and_so_is_the_missing_constraint():
    customer = CustomerFactory()
    unguarded("no_customer_holds_a_card_number")
    Customer.objects.filter(pk=customer.pk).update(name="Ana 4111 1111 1111 1111")
    figure = measured("A1-transaction")
    assert figure.value == 2
    assert f"/admin/customers/customer/{customer.pk}/change/" in [row.url for row in figure.broken]


@pytest.mark.django_db
def test_an_identifier_of_ours_that_happens_to_look_like_a_card_number_is_none():
    letter = write_letter(LetterKind.CONFIRMATION, to_address="ann@mail.example", subject="s", body="b", now=COLLECTED_AT)
    Letter.objects.filter(pk=letter.pk).update(own_message_id="<a4111111-1111-1111-1aaa-bbbbbbbbbbbb@lumens.example>")
    assert measured("A1-transaction").value == 0
    Letter.objects.filter(pk=letter.pk).update(last_error="550 refused 4111-1111-1111-1111")
    assert measured("A1-transaction").value == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("promise_id", "column"), [("A1-sources", "source"), ("B-uses", "purpose")])
def test_a_record_without_source_or_purpose_breaks_its_promise(promise_id, column):
    customer = CustomerFactory()
    unguarded(f"every_customer_has_a_{column}")
    Customer.objects.filter(pk=customer.pk).update(**{column: ""})
    assert measured(promise_id).value == 1


@pytest.mark.django_db
def test_a_visit_kept_too_long_breaks_its_promise():
    visit = SiteVisitFactory()
    assert measured("A2a-logs", COLLECTED_AT + timedelta(days=394)).value == 0
    figure = measured("A2a-logs", COLLECTED_AT + timedelta(days=396))
    assert figure.value == 1
    assert figure.broken[0].url.endswith(f"/sitevisit/{visit.pk}/change/")


@pytest.mark.django_db
def test_an_export_of_who_opened_what_breaks_its_promise():
    RecordedRead.objects.create(at=COLLECTED_AT, by=EmployeeFactory(), kind=ReadKind.EXPORT, subject="customers.emailopen list")
    assert measured("A2c-beacons").value == 1


@pytest.mark.django_db
def test_a_friend_who_waits_for_removal_is_at_risk_then_overdue():
    ReferralFactory(removal_asked_at=COLLECTED_AT)
    assert not measured("C-referral", COLLECTED_AT + timedelta(days=5)).at_risk
    assert len(measured("C-referral", COLLECTED_AT + timedelta(days=12)).at_risk) == 1
    assert measured("C-referral", COLLECTED_AT + timedelta(days=16)).value == 1


@pytest.mark.django_db
def test_a_second_invitation_breaks_its_promise():
    unguarded("a_friend_is_referred_once", "customers_referral")
    ReferralFactory(friend_email="ben@mail.example")
    ReferralFactory(friend_email="ben@mail.example")
    assert measured("C-referral").value == 1


@pytest.mark.django_db
def test_an_entry_before_its_consent_breaks_its_promise():
    SurveyEntryFactory(consented_at=COLLECTED_AT + timedelta(hours=1))
    assert measured("H-voluntary").value == 1


@pytest.mark.django_db
def test_contest_entries_go_ninety_days_after_the_award():
    entry = ContestEntryFactory()
    entry.contest.awarded_on = entry.contest.closes_on
    entry.contest.save()
    awarded = COLLECTED_AT.replace(year=2026, month=5, day=31)
    assert measured("H-winners", awarded + timedelta(days=80)).value == 0
    assert len(measured("H-winners", awarded + timedelta(days=86)).at_risk) == 1
    assert measured("H-winners", awarded + timedelta(days=92)).value == 1


@pytest.mark.django_db
def test_an_anonymous_entry_with_a_link_breaks_its_promise():
    entry = SurveyEntryFactory()
    unguarded("an_anonymous_survey_entry_links_to_nobody", "customers_surveyentry")
    SurveyEntry.objects.filter(pk=entry.pk).update(customer=CustomerFactory())
    assert measured("H-anonymous").value == 1


@pytest.mark.django_db
def test_a_value_in_clear_in_an_encrypted_column_breaks_its_promise_and_a_retired_key_puts_it_at_risk(settings):
    payment = PaymentMethodFactory()
    settings.FIELD_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode(), *settings.FIELD_KEYS]
    figure = measured("E3-encryption")
    assert figure.value == 0
    assert len(figure.at_risk) == 3, "two of the payment method, and the mark of the keys"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE customers_paymentmethod SET expiry = '09/2031'::bytea WHERE id = %s", [payment.pk])
    assert measured("E3-encryption").value == 1


@pytest.mark.django_db
def test_whoever_only_reads_the_map_is_shown_no_way_that_ends_at_a_refusal(client):
    """The auditor, say: what is held is for every colleague to read, the rows and the settings are not."""
    page = sign_in(client, EmployeeFactory()).get(reverse("datamap:overview")).text.split("<main")[1]
    assert "Canonical e-mail address" in page
    assert not re.findall(r'href="(/[^"]*)"', page)
