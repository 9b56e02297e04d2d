"""Builds the demonstration company from end to end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from customers.actions import generate_customers, generate_shopping
from privacy.access.actions import install_catalogue, make_leaver_pack
from privacy.desk.jobs.cast import DEMONSTRATION_PASSWORD, EVIDENCE_OF, LOGINS
from privacy.desk.jobs.correspondence import Correspondence
from privacy.desk.jobs.paper import build_paper
from privacy.desk.jobs.people import YEAR, People, secret_of
from privacy.desk.jobs.reviews import build_reviews
from privacy.ledger.actions import SYSTEM, act, failing_together, stamp_connection
from privacy.statement.actions import install_first_version
from privacy.workforce.actions import drop_notices
from privacy.workforce.models import Employee, HrEvent


class NotEmpty(Exception):
    """There are people here already: the demonstration is for an empty database."""

    def __str__(self) -> str:
        return "There are people in this database already. The demonstration company is for an empty one."


@dataclass(frozen=True)
class DemonstrationLogin:
    """A login of an invented colleague: password and authenticator secret (Base32) are public, the data is invented."""

    login: str
    role: str
    password: str
    secret: str


Tell = Callable[[str], None]


def check_empty() -> None:
    """Raises NotEmpty where somebody works here already."""
    if Employee.objects.exists():
        raise NotEmpty


def load_demonstration(
    *,
    customers: int,
    seed: int,
    now: datetime,
    tell: Tell = lambda step: None,
    advance: Callable[[int], None] = lambda done: None,
) -> list[DemonstrationLogin]:
    """Fill an empty database with the company; the same seed and instant make the same company. Raises NotEmpty.

    tell: called with the name of each step as it begins; advance: with how many more customers are made. One transaction.
    """
    check_empty()
    with act("load_demonstration", by=SYSTEM, reason="demonstration company"), failing_together():
        install_catalogue()
        install_first_version()
        people = People(begin=now - timedelta(days=YEAR), now=now, seed=seed)
        tell("people and their access")
        people.build()
        tell("agreements, policies, reviews")
        build_paper(people, now=now, seed=seed)
        tell("customers")
        generate_customers(customers, seed=seed, until=now, stamp=stamp_connection, advance=advance)
        tell("orders, visits, surveys")
        generate_shopping(seed=seed, until=now)
        tell("a year of letters, calls and mail")
        Correspondence(people, now=now, seed=seed).play()
        tell("access reviews")
        build_reviews(people, now=now, seed=seed)
        tell("evidence of a leaver")
        event = people.employees[EVIDENCE_OF].employment_events.get(kind=HrEvent.LEFT)
        make_leaver_pack(event.pk, by=people.employees["ines.romero"], now=now)
        # What colleagues would have been told in a year is not sent now: the addresses are invented.
        drop_notices(keys_starting="", now=now)
    return [DemonstrationLogin(login, role, DEMONSTRATION_PASSWORD, secret_of(login, seed)) for login, role in LOGINS.items()]
