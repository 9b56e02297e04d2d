"""The data map: no column without a place, and what it says is shown and measured."""

import base64
import re
from datetime import date, timedelta

import pytest
from django.core.checks import run_checks
from django.db import connection, models
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.classification import Category, classification_of, classified, holds, plain
from customers.models import Customer, Order, PaymentMethod, SiteVisit, SurveyEntry
from privacy.datamap import policies, queries
from privacy.datamap.promises import PROMISES, SHOWN
from privacy.ledger.models import ReadKind
from privacy.models import Employee, Letter, LetterKind, RecordedRead
from privacy.optouts.actions import write_letter
from privacy.promises.queries import by_id
from tests.factories.access import sign_in
from tests.factories.customers import (
    COLLECTED_AT,
    AddressFactory,
    ContestEntryFactory,
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentMethodFactory,
    ReferralFactory,
    SiteVisitFactory,
    SurveyEntryFactory,
)
from tests.factories.workforce import EmployeeFactory

MEASURES = {promise.id: promise.measure for promise in (*PROMISES, by_id("C-referral"))}


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


def test_a_table_that_does_not_say_since_when_it_is_kept_stops_the_program(monkeypatch):
    monkeypatch.setitem(policies.RETENTION, "survey", policies.Keeping(3 * 365, "the answer", "trends over three years"))
    found = [error.msg for error in run_checks() if error.id == "datamap.E004"]
    assert found == ["customers.SurveyEntry: nothing says since when its rows are kept under the rule 'survey'."]


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
def test_a_colleague_who_is_called_like_a_card_number_is_found():
    Employee.objects.filter(pk=EmployeeFactory().pk).update(name="4111 1111 1111 1111")
    assert measured("A1-transaction").value == 1


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
def test_of_many_entries_before_their_consent_all_are_counted_and_the_first_are_named():
    early = COLLECTED_AT + timedelta(hours=1)
    SurveyEntryFactory.create_batch(30, consented_at=early)
    ContestEntryFactory.create_batch(22, consented_at=early)
    figure = measured("H-voluntary")
    assert (figure.value, len(figure.broken)) == (52, 2 * SHOWN)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("promise_id", "constraint", "wrong"),
    [
        ("A1-sources", "every_customer_has_a_source", {"source": ""}),
        ("B-uses", "every_customer_has_a_purpose", {"purpose": ""}),
        ("A1-transaction", "no_customer_holds_a_card_number", {"name": "Ana 4111 1111 1111 1111"}),
    ],
)
def test_of_many_records_that_break_a_promise_all_are_counted_and_the_first_are_named(promise_id, constraint, wrong):
    CustomerFactory.create_batch(25)
    unguarded(constraint)
    Customer.objects.update(**wrong)
    figure = measured(promise_id)
    missing = [row for row in figure.broken if "is missing" in row.label]
    assert (figure.value, len(figure.broken)) == (25 + len(missing), SHOWN + len(missing))


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
def test_a_key_that_encrypts_for_more_than_two_years_breaks_its_promise_and_is_said_a_month_before():
    today = timezone.now()
    figure = measured("E3-encryption", today + timedelta(days=699))
    assert (figure.value, figure.at_risk) == (0, [])
    assert "The key in use is 69" in figure.detail
    figure = measured("E3-encryption", today + timedelta(days=705))
    assert (figure.value, len(figure.at_risk)) == (0, 1)
    figure = measured("E3-encryption", today + timedelta(days=731))
    assert (figure.value, len(figure.broken)) == (1, 1)
    assert "is to be rotated by" in figure.broken[0].label


@pytest.mark.django_db
def test_the_age_of_a_key_that_nothing_was_encrypted_with_yet_is_not_measured_and_not_called_good(settings):
    settings.FIELD_KEYS = [base64.urlsafe_b64encode(b"n" * 32).decode(), *settings.FIELD_KEYS]
    assert "is not measured" in measured("E3-encryption", timezone.now()).detail


@pytest.mark.django_db
def test_sensitive_columns_in_clear_are_those_of_the_decision_and_any_other_breaks_the_promise(monkeypatch):
    clear = {f"{model._meta.label_lower}.{name}" for model in policies.tables() for name in policies.in_clear(model)}
    assert clear == set(policies.IN_CLEAR_BY_DECISION), "a decision names what is in clear, and nothing else"
    figure = measured("E3-encryption", timezone.now())
    assert figure.value == 0
    assert figure.detail.startswith(f"{len(clear)} sensitive columns are in clear by decision")
    monkeypatch.delitem(policies.IN_CLEAR_BY_DECISION, "customers.address.city")
    figure = measured("E3-encryption", timezone.now())
    assert (figure.value, figure.broken[0].label) == (1, "customers.address.city is in clear")
    monkeypatch.setattr(policies, "ENCRYPTED_AT_REST", frozenset({Category.LOGS}))
    assert measured("E3-encryption", timezone.now()).value == 5, "no decision lets these through"


def ends(on, table):
    """What the plot of the retention ahead says of one table: kept too long, this month, each of the next eleven."""
    (found,) = [one for one in queries.retention_ahead(on=on).tables if one.table == table]
    return found.past, list(found.months)


def in_month(ahead):
    return [1 if place == ahead else 0 for place in range(queries.MONTHS_AHEAD)]


NOTHING_ENDS = [0] * queries.MONTHS_AHEAD


@pytest.mark.django_db
def test_people_see_ahead_in_which_month_a_visit_goes():
    """Thirteen months from 2 March 2026: 1 April 2027."""
    SiteVisitFactory()
    assert ends(date(2026, 4, 30), "visits") == (0, NOTHING_ENDS)
    assert ends(date(2026, 5, 1), "visits") == (0, in_month(11))
    assert ends(date(2027, 3, 31), "visits") == (0, in_month(1))
    assert ends(date(2027, 4, 1), "visits") == (0, in_month(0)), "it ends in the course of that day"
    assert ends(date(2027, 4, 2), "visits") == (1, NOTHING_ENDS)


@pytest.mark.django_db
def test_an_order_stays_as_long_as_its_warranty_and_its_lines_stay_with_it():
    seven_years = COLLECTED_AT.date() + timedelta(days=7 * 365)
    order = OrderFactory()
    OrderLineFactory(order=order)
    OrderFactory(warranty_until=seven_years - timedelta(days=2000))
    assert ends(seven_years, "orders") == (0, [2, *NOTHING_ENDS[1:]])
    assert ends(seven_years + timedelta(days=1), "order lines") == (1, NOTHING_ENDS)
    Order.objects.filter(pk=order.pk).update(warranty_until=seven_years + timedelta(days=40))
    assert ends(seven_years + timedelta(days=1), "orders")[0] == 1
    assert sum(ends(seven_years + timedelta(days=1), "order lines")[1]) == 1
    assert ends(seven_years + timedelta(days=41), "orders")[0] == 2


@pytest.mark.django_db
def test_what_waits_for_an_event_does_not_end_yet():
    """A contest that was not awarded, a card that is still in use."""
    entry = ContestEntryFactory()
    card = PaymentMethodFactory()
    on = date(2026, 6, 15)
    assert ends(on, "contest entries") == ends(on, "payment methods") == (0, NOTHING_ENDS)
    entry.contest.awarded_on = date(2026, 5, 31)
    entry.contest.save()
    PaymentMethod.objects.filter(pk=card.pk).update(replaced_at=COLLECTED_AT)
    assert ends(on, "contest entries") == (0, in_month(2)), "29 August"
    assert ends(date(2026, 8, 30), "contest entries") == (1, NOTHING_ENDS)
    assert ends(date(2026, 12, 1), "payment methods") == (0, in_month(8)), "540 days from 2 March: 24 August 2027"


@pytest.mark.django_db
def test_the_plot_of_the_retention_ahead_says_its_finding_and_agrees_with_the_promise(client):
    now = timezone.now()
    SiteVisitFactory.create_batch(2, collected_at=now - timedelta(days=400))
    SiteVisitFactory(collected_at=now - timedelta(days=100))
    ahead = queries.retention_ahead(on=timezone.localdate(now))
    assert ahead.past == measured("A2a-logs", now).value == 2
    assert sum(count for _, count in ahead.by_month) == 1
    page = sign_in(client, EmployeeFactory()).get(reverse("datamap:overview")).text
    assert "2 rows were kept too long, 1 row reaches its end within a year" in page


@pytest.mark.django_db
def test_the_map_is_shown_even_where_counting_what_ends_takes_too_long(client, monkeypatch):
    monkeypatch.setattr("customers.queries.LONGEST_SEARCH_MS", 1)
    SiteVisit.objects.bulk_create(SiteVisitFactory.build(customer=None) for _ in range(20_000))
    page = sign_in(client, EmployeeFactory()).get(reverse("datamap:overview"))
    assert page.status_code == 200
    assert "Too many rows to count while you wait" in page.text
    assert "Retention schedule" in page.text


@pytest.mark.django_db
def test_whoever_only_reads_the_map_is_shown_no_way_that_ends_at_a_refusal(client):
    """The auditor, say: what is held is for every colleague to read, the rows and the settings are not."""
    page = sign_in(client, EmployeeFactory()).get(reverse("datamap:overview")).text.split("<main")[1]
    assert "Canonical e-mail address" in page
    assert not re.findall(r'href="(/[^"]*)"', page)
