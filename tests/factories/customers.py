"""Customers and what we hold about them, the ordinary case of each."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from customers import models
from customers.canonical import email_key
from customers.classification import Purpose, Source
from customers.encryption import keyed_digest

COLLECTED_AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class CollectedFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    source = Source.CUSTOMER
    purpose = Purpose.ORDERS
    collected_at = COLLECTED_AT


class CustomerFactory(CollectedFactory):
    class Meta:
        model = models.Customer

    member_id = factory.Sequence(lambda n: f"LM{100_000 + n}")
    name = factory.Sequence(lambda n: f"Maria Gonzalez {'abcdefghij'[n % 10]}")
    email = factory.Sequence(lambda n: f"Maria.Gonzalez{n}@mail.example")
    email_key = factory.LazyAttribute(lambda customer: email_key(customer.email) if customer.email else "")
    phone = factory.Sequence(lambda n: f"+1916555{n % 10_000:04}")


class AddressFactory(CollectedFactory):
    class Meta:
        model = models.Address

    customer = factory.SubFactory(CustomerFactory)
    kind = models.people.AddressKind.MAILING
    line1 = "2020 L Street"
    city = "Sacramento"
    region = "CA"
    postal_code = "95811"


class PaymentMethodFactory(CollectedFactory):
    class Meta:
        model = models.PaymentMethod

    customer = factory.SubFactory(CustomerFactory)
    processor = "cardworks"
    processor_token = factory.Sequence(lambda n: f"tok_{n:06}")
    brand = "visa"
    last_four = "4242"
    expiry = "09/2028"


class OrderFactory(CollectedFactory):
    class Meta:
        model = models.Order

    number = factory.Sequence(lambda n: f"LM-{1000 + n}")
    customer = factory.SubFactory(CustomerFactory)
    subtotal = Decimal("100.00")
    tax = Decimal("7.25")
    total = factory.LazyAttribute(lambda order: order.subtotal + order.tax)


class OrderLineFactory(DjangoModelFactory):
    class Meta:
        model = models.OrderLine

    order = factory.SubFactory(OrderFactory)
    item_code = "LAMP-7"
    item_name = "Table lamp"
    quantity = 1
    unit_price = Decimal("100.00")


class SurveyEntryFactory(CollectedFactory):
    """An anonymous entry; name a person with `anonymous=False, customer=…`."""

    class Meta:
        model = models.SurveyEntry

    survey = "lighting-2026"
    anonymous = True
    purpose = Purpose.IMPROVEMENT
    answers = "How do you like the site? Very much."
    consented_at = factory.LazyAttribute(lambda entry: entry.collected_at - timedelta(minutes=1))


class ContestFactory(DjangoModelFactory):
    class Meta:
        model = models.Contest
        django_get_or_create = ("code",)

    code = "spring-lamp"
    title = "The spring lamp"
    closes_on = factory.LazyFunction(lambda: datetime(2026, 5, 31, tzinfo=UTC).date())


class ContestEntryFactory(CollectedFactory):
    class Meta:
        model = models.ContestEntry

    contest = factory.SubFactory(ContestFactory)
    purpose = Purpose.CONTEST
    name = "Maria Gonzalez"
    email = factory.Sequence(lambda n: f"entrant{n}@mail.example")
    email_digest = factory.LazyAttribute(lambda entry: keyed_digest(email_key(entry.email), purpose="email"))
    consented_at = factory.LazyAttribute(lambda entry: entry.collected_at - timedelta(minutes=1))


class ContributionFactory(CollectedFactory):
    class Meta:
        model = models.Contribution

    customer = factory.SubFactory(CustomerFactory)
    place = models.forms.Place.BOARD
    purpose = Purpose.SPECIFIC
    body = "Which bulb fits the Tolomeo?"


class SiteVisitFactory(CollectedFactory):
    class Meta:
        model = models.SiteVisit

    customer = factory.SubFactory(CustomerFactory)
    source = Source.COLLECTED
    purpose = Purpose.OPERATION
    address = "203.0.113.7"
    browser = "Firefox/133"
    page = "/lamps/"


class ReferralFactory(CollectedFactory):
    class Meta:
        model = models.Referral

    referrer = factory.SubFactory(CustomerFactory)
    source = Source.FRIEND
    purpose = Purpose.REFERRAL
    friend_name = "Ben Friend"
    friend_email = factory.Sequence(lambda n: f"friend{n}@mail.example")
    friend_digest = factory.LazyAttribute(lambda referral: keyed_digest(email_key(referral.friend_email), purpose="email"))
