"""What must hold of the data map: every column has a place in it, every rule of keeping is written down."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pghistory.models
from django.apps import AppConfig, apps
from django.core import checks
from django.db import models

from customers.classification import Category, classification_of, classified_models
from customers.encryption import EncryptedBytesField
from customers.models.forms import CONTEST_KEPT_DAYS_AFTER_AWARD
from customers.models.site import VISITS_KEPT_DAYS


@dataclass(frozen=True)
class Clock:
    """Where a row says since when its days are counted.

    begins: path of a column with a date or an instant; while it is empty, nothing runs. not_before: of one with a date before
    which the row stays all the same.
    """

    begins: str
    not_before: str = ""


@dataclass(frozen=True)
class Keeping:
    """One rule of the retention schedule. days: how long after `counted_from`; None where an event ends it, not a date.

    clocks: for each table with columns under this rule, by its label in lower case, where `counted_from` stands in a row.
    """

    days: int | None
    counted_from: str
    why: str
    clocks: Mapping[str, Clock] = field(default_factory=dict)

    @property
    def lasts(self) -> str:
        """How long, as people say it: "7 years", and "90 days" where it is no whole year; empty where an event ends it."""
        years, rest = divmod(self.days or 0, 365)
        if years and not rest:
            return f"{years} year{'s' if years > 1 else ''}"
        return f"{self.days} days" if self.days else ""


# The retention schedule (statement B "preservation and archiving of information", E.4): by the name that a column's `keep` gives.
RETENTION: dict[str, Keeping] = {
    "customer": Keeping(None, "the end of the relation", "needed while the person is a customer; erased on request"),
    "order": Keeping(
        7 * 365,
        "the order",
        "tax law; longer while a warranty runs",
        {
            "customers.order": Clock("collected_at", not_before="warranty_until"),
            "customers.orderline": Clock("order__collected_at", not_before="order__warranty_until"),
        },
    ),
    "payment": Keeping(
        540, "its replacement", "refunds and disputes of card payments", {"customers.paymentmethod": Clock("replaced_at")}
    ),
    "visit": Keeping(
        VISITS_KEPT_DAYS,
        "the visit",
        "one season compared with the last",
        {"customers.sitevisit": Clock("collected_at"), "customers.cookielink": Clock("last_seen_at")},
    ),
    "open": Keeping(
        395, "the opening", "one season's campaigns compared with the last", {"customers.emailopen": Clock("collected_at")}
    ),
    "survey": Keeping(3 * 365, "the answer", "trends over three years", {"customers.surveyentry": Clock("collected_at")}),
    "contest": Keeping(
        CONTEST_KEPT_DAYS_AFTER_AWARD,
        "the award",
        "prizes can be claimed so long",
        {"customers.contestentry": Clock("contest__awarded_on")},
    ),
    "contribution": Keeping(None, "the end of the relation", "part of a public discussion; erased on request"),
    "referral": Keeping(None, "the friend's request", "the success of the referral programme; removed on request"),
}

# Sensitive columns that are in clear all the same, and why (docs/decisions.md). Any other one breaks E3-encryption; financial
# data and friends' may not stand here. All of these are masked on every screen.
_FOUND_BY_PARTS = "customers are found by parts of it"
_BESIDE = "says no more of the person than the name beside it"
_SHORT_LIVED = "goes by itself when the visit's time is over"
IN_CLEAR_BY_DECISION = {
    "customers.customer.name": _FOUND_BY_PARTS,
    "customers.customer.email": _FOUND_BY_PARTS,
    "customers.customer.email_key": _FOUND_BY_PARTS,
    "customers.customer.phone": _FOUND_BY_PARTS,
    "customers.address.recipient": _BESIDE,
    "customers.address.line1": _BESIDE,
    "customers.address.line2": _BESIDE,
    "customers.address.city": _BESIDE,
    "customers.orderline.note": _BESIDE,
    "customers.sitevisit.address": _SHORT_LIVED,
    "customers.sitevisit.domain": _SHORT_LIVED,
    "customers.sitevisit.browser": _SHORT_LIVED,
    "customers.sitevisit.page": _SHORT_LIVED,
}
ENCRYPTED_AT_REST = frozenset({Category.FINANCIAL, Category.REFERRAL})  # whatever is decided above
# How long one key encrypts: two years at most (NIST SP 800-57 part 1, rev. 5, 5.3.6: originator usage of a data key).
ROTATE_KEYS_WITHIN_DAYS = 730
ROTATION_DUE_SOON_DAYS = 30


def tables() -> list[type[models.Model]]:
    """Every table that holds customers' data: all of `customers`, and those of other rooms that declare their columns."""
    declared = classified_models()
    return [
        model
        for model in apps.get_models()
        if not issubclass(model, pghistory.models.Event)
        and (model._meta.app_label == "customers" or model._meta.label_lower in declared)
    ]


def unclassified(model: type[models.Model]) -> list[str]:
    """Columns of a table that have no place in the data map."""
    declared = classification_of(model)
    return [field.name for field in model._meta.concrete_fields if field.name not in declared]


def in_clear(model: type[models.Model]) -> list[str]:
    """Sensitive columns that are not ciphertext, by decision or not. Keyed digests (bytes) tell nothing and may stay."""
    declared = classification_of(model)
    return [
        field.name
        for field in model._meta.concrete_fields
        if (column := declared.get(field.name)) is not None
        and column.sensitive
        and not isinstance(field, EncryptedBytesField | models.BinaryField)
    ]


def may_be_in_clear(model: type[models.Model], name: str) -> bool:
    """Whether a decision says why this sensitive column is in clear."""
    column = classification_of(model)[name]
    return column.category not in ENCRYPTED_AT_REST and f"{model._meta.label_lower}.{name}" in IN_CLEAR_BY_DECISION


def check_data_map(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> Iterable[checks.CheckMessage]:
    """System check: the house does not start with a column of customers' data that nobody classified."""
    found: list[checks.CheckMessage] = []
    for model in tables():
        found += [
            checks.Error(
                f"{model._meta.label}.{name} is not classified.",
                hint="Say in @classified(...) beside the model what it holds: holds(Category…) or plain().",
                obj=model,
                id="datamap.E001",
            )
            for name in unclassified(model)
        ]
        found += [
            checks.Error(f"{model._meta.label}.{name}: no rule of the retention schedule is called {column.keep!r}.",
                         obj=model, id="datamap.E002")
            for name, column in classification_of(model).items()
            if column.keep is not None and column.keep not in RETENTION
        ]  # fmt: skip
        kept_by = {column.keep for column in classification_of(model).values()}
        found += [
            checks.Error(f"{model._meta.label}: nothing says since when its rows are kept under the rule {name!r}.",
                         hint="Name the column in the rule's clocks.", obj=model, id="datamap.E004")
            for name, rule in RETENTION.items()
            if name in kept_by and rule.days and model._meta.label_lower not in rule.clocks
        ]  # fmt: skip
        found += [
            checks.Error(f"{model._meta.label}.{name} holds sensitive data in clear.",
                         hint="Use EncryptedTextField or EncryptedBytesField; else say why in IN_CLEAR_BY_DECISION.",
                         obj=model, id="datamap.E003")
            for name in in_clear(model)
            if not may_be_in_clear(model, name)
        ]  # fmt: skip
    return found
