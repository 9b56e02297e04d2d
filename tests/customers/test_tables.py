"""What the tables refuse by themselves, whoever writes."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from customers.classification import Purpose
from customers.models import Customer, EmailOpen, SiteVisit
from customers.queries import campaign_report
from tests.factories.customers import (
    COLLECTED_AT,
    AddressFactory,
    ContestEntryFactory,
    ContributionFactory,
    CustomerFactory,
    OrderFactory,
    ReferralFactory,
    SiteVisitFactory,
    SurveyEntryFactory,
)

pytestmark = pytest.mark.django_db


def refused(constraint):
    class Both:
        def __enter__(self):
            self.atomic = transaction.atomic()
            self.raises = pytest.raises(IntegrityError, match=constraint)
            self.raises.__enter__()
            self.atomic.__enter__()

        def __exit__(self, *error):
            self.atomic.__exit__(*error)
            return self.raises.__exit__(*error)

    return Both()


@pytest.mark.parametrize("factory", [CustomerFactory, AddressFactory, OrderFactory, ContributionFactory, SiteVisitFactory])
@pytest.mark.parametrize("column", ["source", "purpose"])
def test_every_record_says_where_it_came_from_and_what_for(factory, column):
    with refused(f"every_{factory._meta.model._meta.model_name}_has_a_{column}"):
        factory(**{column: ""})


def test_two_customers_may_share_an_address_but_not_a_member_id():
    one = CustomerFactory(email="Household@mail.example")
    CustomerFactory(email="household@MAIL.example")
    assert Customer.objects.filter(email_key="household@mail.example").count() == 2
    with refused("one_customer_per_member_id"):
        CustomerFactory(member_id=one.member_id)


def test_a_phone_number_is_e164_or_nothing():
    CustomerFactory(phone="")
    for wrong in ("916-555-0199", "+0199", "19165550199"):
        with refused("a_customers_phone_is_e164"):
            CustomerFactory(phone=wrong)


def test_an_address_by_mail_comes_with_its_canonical_form():
    with refused("a_customers_email_has_its_key"):
        CustomerFactory(email="ana@mail.example", email_key="")


def test_a_customer_has_one_mailing_address_and_any_number_of_others():
    customer = CustomerFactory()
    AddressFactory(customer=customer)
    AddressFactory(customer=customer, kind="shipping")
    AddressFactory(customer=customer, kind="shipping")
    with refused("one_mailing_address_per_customer"):
        AddressFactory(customer=customer)


def test_an_order_adds_up():
    with refused("an_orders_total_is_the_sum_of_its_parts"):
        OrderFactory(total=1)


@pytest.mark.parametrize("link", ["customer", "name", "email", "email_digest", "source_detail"])
def test_an_anonymous_survey_entry_links_to_nobody(link):
    values = {"customer": CustomerFactory(), "email_digest": b"x" * 32}
    with refused("an_anonymous_survey_entry_links_to_nobody"):
        SurveyEntryFactory(anonymous=True, **{link: values.get(link, "Ana")})
    SurveyEntryFactory(anonymous=False, purpose=Purpose.RESPONSE, **{link: values.get(link, "Ana")})


def test_anonymous_answers_serve_the_site_and_nothing_else():
    with refused("anonymous_answers_serve_the_improvement_of_the_site_only"):
        SurveyEntryFactory(purpose=Purpose.MARKETING)


def test_nobody_takes_part_without_consent():
    with pytest.raises(IntegrityError, match="consented_at"), transaction.atomic():
        SurveyEntryFactory(consented_at=None)


def test_a_contest_entry_serves_the_contest_and_each_address_enters_once():
    entry = ContestEntryFactory()
    with refused("a_contest_entry_serves_the_contest_only"):
        ContestEntryFactory(purpose=Purpose.MARKETING)
    with refused("one_entry_per_contest_and_address"):
        ContestEntryFactory(contest=entry.contest, email=entry.email.upper())
    with refused("only_winners_are_notified"):
        ContestEntryFactory(notified_at=COLLECTED_AT)


def test_a_friend_is_referred_once_whoever_refers_and_even_after_removal():
    referral = ReferralFactory(friend_email="ben@mail.example")
    with refused("a_friend_is_referred_once"):
        ReferralFactory(friend_email="BEN@mail.example")
    referral.friend_name = referral.friend_email = None
    referral.removal_asked_at = referral.removed_at = COLLECTED_AT
    referral.save()
    with refused("a_friend_is_referred_once"):
        ReferralFactory(friend_email="ben@mail.example")


def test_a_removed_friend_leaves_neither_name_nor_address_nor_trace_in_the_ledger():
    with refused("a_removed_friend_leaves_neither_name_nor_address"):
        ReferralFactory(removed_at=COLLECTED_AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'customers_referralledgerevent'")
        assert not {"friend_name", "friend_email"} & {name for (name,) in cursor.fetchall()}


def test_the_ledger_of_visits_keeps_no_network_address():
    SiteVisitFactory()
    SiteVisit.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM customers_sitevisitledgerevent")
        rows = cursor.fetchall()
    assert len(rows) == 2
    assert "203.0.113.7" not in str(rows)


def test_visits_and_contest_entries_know_when_they_should_be_gone():
    visit = SiteVisitFactory()
    assert not SiteVisit.objects.past_keeping(at=visit.collected_at + timedelta(days=394)).exists()
    assert SiteVisit.objects.past_keeping(at=visit.collected_at + timedelta(days=396)).exists()
    entry = ContestEntryFactory()
    entry.contest.awarded_on = entry.contest.closes_on
    entry.contest.save()
    entries = type(entry).objects
    assert not entries.past_keeping(on=entry.contest.awarded_on + timedelta(days=90)).exists()
    assert entries.past_keeping(on=entry.contest.awarded_on + timedelta(days=91)).exists()


def test_no_record_says_in_its_name_who_it_is_about():
    customer = CustomerFactory(name="Maria Gonzalez", email="maria@mail.example")
    records = [
        customer, AddressFactory(customer=customer, recipient="Maria Gonzalez"), OrderFactory(customer=customer),
        ContributionFactory(customer=customer), ReferralFactory(referrer=customer), SiteVisitFactory(customer=customer),
        ContestEntryFactory(customer=customer),
    ]  # fmt: skip
    for record in records:
        for told in ("Maria", "maria", "Ben", "203.0", "2020 L"):
            assert told not in str(record)


def test_third_parties_get_sums_of_a_campaign():
    for dollars in (None, 10, 15):
        EmailOpen.objects.create(
            customer=CustomerFactory(), campaign="spring", sales_amount=dollars, source="collected", purpose="marketing",
            collected_at=COLLECTED_AT,
        )  # fmt: skip
    assert campaign_report("spring") == {"opens": 3, "sales": 25}
    assert EmailOpen.objects.aggregate(Sum("sales_amount"))


def test_a_form_refuses_with_the_constraints_own_sentence():
    with pytest.raises(ValidationError, match="country code"):
        CustomerFactory.build(phone="916").full_clean()


def test_no_index_of_a_table_that_others_refer_to_ends_with_its_key():
    """Such an index hung an import of a million rows (docs/benchmarks.md, "Learned here"). A partial one cannot."""
    hung = [
        index.name
        for model in apps.get_app_config("customers").get_models()
        for index in model._meta.indexes
        if index.condition is None
        and len(index.fields) + len(index.expressions) > 1
        and ("id" in index.fields or any(getattr(part, "name", "") == "id" for part in index.expressions))
    ]
    assert hung == []
