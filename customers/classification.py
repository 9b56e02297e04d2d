"""The names of the categories of data that we hold (statement A), and how a column says which one it holds.

A model declares its columns beside itself:

    @classified(
        name=holds(Category.CONTACT, source=Source.CUSTOMER, keep="customer"),
        id=plain(),                       # nothing about a person
    )
    class Customer(models.Model): ...

`privacy.datamap` reads the declarations; a system check fails on a column that has none.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.db import models

ModelClass = TypeVar("ModelClass", bound=type[models.Model])


class Category(models.TextChoices):
    """Categories of the statement's section A, with the sentence's own words as labels."""

    CONTACT = "contact", "contact information"
    TRANSACTION = "transaction", "shipping and order information"
    FINANCIAL = "financial", "financial information"
    DEMOGRAPHIC = "demographic", "demographic information"
    FORMS = "forms", "forms, surveys and contests"
    INTERACTIVE = "interactive", "discussions and interactive services"
    MAIL = "mail", "e-mail requests and communications"
    LOGS = "logs", "log files"
    COOKIES = "cookies", "cookies"
    BEACONS = "beacons", "e-mail opens (clear gifs)"
    REFERRAL = "referral", "referred friends"


# Statement D and E.2: "sensitive data such as customer financial information and individually identifiable information".
SENSITIVE = frozenset({Category.CONTACT, Category.FINANCIAL, Category.REFERRAL, Category.MAIL, Category.LOGS, Category.FORMS})


class Source(models.TextChoices):
    """Where a record came from (statement A.1, "Information from other sources")."""

    CUSTOMER = "customer", "the customer"
    COLLECTED = "collected", "collected automatically"
    SHIPPER = "shipper", "a shipper"
    ACQUIRED = "acquired", "acquired from a third party"
    FRIEND = "friend", "a customer who referred a friend"
    COMPANY = "company", "the company itself"


class Purpose(models.TextChoices):
    """What information is collected for: the uses that the statement names (B, C, H), and no other."""

    ORDERS = "orders", "billing and filling orders"
    CONTACT = "contact", "contact about products, services and use of the site"
    MARKETING = "marketing", "marketing and promotion"
    CATALOGUE = "catalogue", "catalogue mailings"
    RESPONSE = "response", "answering comments and requests"
    SPECIFIC = "specific", "the purpose for which the customer provided it"
    REFERRAL = "referral", "one invitation to a friend, and its success"
    CONTEST = "contest", "notifying winners and awarding prizes"
    IMPROVEMENT = "improvement", "monitoring and improving the web site"
    OPERATION = "operation", "running the web site and diagnosing its problems"


@dataclass(frozen=True)
class Classification:
    """What one column holds. `keep` names a rule of the retention schedule; None where the row's own rule covers it.

    drawn: it holds nothing but what we drew at random or computed, which may look like anything, a card number included.
    """

    category: Category | None
    sensitive: bool
    source: Source
    keep: str | None
    drawn: bool = False


def holds(
    category: Category, *, source: Source = Source.CUSTOMER, keep: str | None = None, sensitive: bool | None = None
) -> Classification:
    """This column holds personal data of that category; sensitive where the category is, unless said otherwise."""
    return Classification(category, category in SENSITIVE if sensitive is None else sensitive, source, keep)


def plain(*, drawn: bool = False) -> Classification:
    """This column says nothing about a person by itself: keys, states, instants of our own."""
    return Classification(None, False, Source.COMPANY, None, drawn)


_DECLARED: dict[str, dict[str, Classification]] = {}


def classified(**columns: Classification) -> Callable[[ModelClass], ModelClass]:
    """Declare what every column of a model holds. Raises ValueError where a name is not a column of it."""

    def wrap(model: ModelClass) -> ModelClass:
        names = {field.name for field in model._meta.concrete_fields}
        unknown = sorted(set(columns) - names)
        if unknown:
            raise ValueError(f"{model._meta.label}: classified columns that do not exist: {', '.join(unknown)}")
        _DECLARED[model._meta.label_lower] = dict(columns)
        return model

    return wrap


def classification_of(model: type[models.Model]) -> dict[str, Classification]:
    """The declared columns of a model, by field name; empty where it declares none."""
    return _DECLARED.get(model._meta.label_lower, {})


def classified_models() -> frozenset[str]:
    """Labels (lower case) of every model that declares its columns."""
    return frozenset(_DECLARED)
