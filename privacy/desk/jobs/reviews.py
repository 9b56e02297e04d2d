"""Access reviews of the demonstration company: last quarter's, signed off, and this quarter's, half decided."""

from datetime import datetime, timedelta
from random import Random

from django.db import transaction

from privacy.access.actions import (
    advance_reviews,
    answer_review,
    launch_review,
    prepare_review,
    sign_off_review,
)
from privacy.access.errors import Refused
from privacy.access.models import Answer, Decision, Review, ReviewScope
from privacy.desk.jobs.people import People
from privacy.workforce.models import Employee

# Access that somebody was given for a while and never gave back: what a review is for. login, entitlement, day, why.
FORGOTTEN = (
    ("nina.cho", "requests.work", 40, "look into a bug report in the queue"),
    ("lars.eklund", "reveal.contact", 64, "check an import of addresses"),
    ("mei.tanaka", "requests.work", 88, "answer letters during the winter sale"),
    ("hugo.martin", "optouts.manage", 110, "stand in while Lucía is away"),
    ("omar.haddad", "reveal.transaction", 140, "reproduce a fault in the order history"),
    ("ben.arroyo", "requests.work", 300, "help out during the autumn sale"),
    ("vera.holm", "promises.read", 310, "prepare the annual report"),
)
REVOKED_BEFORE = {("mei.tanaka", "requests.work"), ("hugo.martin", "optouts.manage")}
KEEPS = (
    "still works on it every day",
    "needed for the job; checked with the team lead",
    "is on the rota for this",
    "covers for a colleague until the new year",
)
DONE = {"frank.delaney": 1.0, "iris.vogel": 1.0, "grace.okafor": 0.35, "priya.nair": 0.6, "julian.hart": 0.5}
HALF = 0.4  # of the other reviewers' items are answered


def build_reviews(people: People, *, now: datetime, seed: int) -> None:
    """A review that is finished and one that runs. The same seed and instant make the same."""
    for login, code, day, why in FORGOTTEN:
        people.give(people.employees[login], code, at=people.day(day, hour=11), reason=why)
    chance = Random(seed + 7)
    walt, ines = people.employees["walt.brandt"], people.employees["ines.romero"]
    _finished(walt, ines, chance, begun=now - timedelta(days=86))
    _running(walt, ines, chance, begun=now - timedelta(days=10), now=now)


def _finished(walt: Employee, ines: Employee, chance: Random, *, begun: datetime) -> None:
    due_at = begun + timedelta(days=15)
    name = f"Third quarter {begun:%Y}: all access"
    review = prepare_review(name, ReviewScope.ALL, due_at=due_at, fallback=walt, by=ines, now=begun)
    launch_review(review.pk, by=walt, now=begun + timedelta(hours=3))
    at = begun + timedelta(days=1)
    said = []
    for decision in _asked(review):
        at += timedelta(minutes=chance.randrange(1, 9))
        said.append((min(at, due_at - timedelta(hours=2)), decision))
    _play(said, REVOKED_BEFORE, chance)
    for minutes in (60, 58):
        advance_reviews(now=due_at - timedelta(minutes=minutes))
    note = "Went through every item that was revoked and ten that were kept. The forgotten access of the winter sale is gone."
    sign_off_review(review.pk, by=walt, note=note, now=due_at + timedelta(hours=18))


def _running(walt: Employee, ines: Employee, chance: Random, *, begun: datetime, now: datetime) -> None:
    due_at = now + timedelta(days=4, hours=6)
    name = f"Fourth quarter {begun:%Y}: all access"
    review = prepare_review(name, ReviewScope.ALL, due_at=due_at, fallback=ines, by=walt, now=begun)
    launch_review(review.pk, by=ines, now=begun + timedelta(hours=2))
    by_reviewer: dict[str, list[Decision]] = {}
    for decision in _asked(review):
        by_reviewer.setdefault(decision.reviewer.login, []).append(decision)
    said = []
    for login, decisions in by_reviewer.items():
        at = begun + timedelta(days=chance.randrange(1, 6), hours=chance.randrange(1, 7))
        for decision in decisions[: round(len(decisions) * DONE.get(login, HALF))]:
            at += timedelta(minutes=chance.randrange(1, 5))
            said.append((at, decision))
    _play(said, {(login, code) for login, code, _, _ in FORGOTTEN}, chance)
    advance_reviews(now=now - timedelta(minutes=30))


def _play(said: list[tuple[datetime, Decision]], revoked: set[tuple[str, str]], chance: Random) -> None:
    """The answers in the order of their instants; a deny takes effect ten minutes later, as in life."""
    for at, decision in sorted(said, key=lambda pair: (pair[0], pair[1].pk)):
        holds = (decision.item.employee.login, decision.item.entitlement.code)
        answer = Answer.REVOKE if holds in revoked else Answer.KEEP
        _answer(decision, answer, chance, at=at)
        if answer == Answer.REVOKE:
            advance_reviews(now=at + timedelta(minutes=11))


def _asked(review: Review) -> list[Decision]:
    asked = Decision.objects.filter(item__review=review).select_related("reviewer", "item__employee", "item__entitlement")
    return list(asked.order_by("reviewer__login", "-item__risk", "pk"))


def _answer(decision: Decision, answer: Answer, chance: Random, *, at: datetime) -> None:
    reason = chance.choice(KEEPS) if answer == Answer.KEEP and decision.item.sensitive else ""
    if answer == Answer.REVOKE:
        reason = "was for a while; nobody gave it back"
    try:
        with transaction.atomic():
            answer_review(decision.pk, answer, by=decision.reviewer, reason=reason, now=at)
    except Refused:
        return  # it ended meanwhile, or a colleague has denied it: as in life
