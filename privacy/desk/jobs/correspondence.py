"""A year of letters, calls and mail in the demonstration company, and what became of each."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial
from operator import itemgetter
from random import Random

from django.core.mail import get_connection
from django.utils import timezone

from customers.classification import Category
from customers.models import Customer
from privacy.access.actions import reveal
from privacy.access.errors import MayNotReveal
from privacy.desk.jobs.asks import (
    ASKS,
    CALLS,
    DONE,
    EXTENDED,
    LATELY,
    UNSUBSCRIBES,
    VERIFIED_FOR_PIECES,
    VERIFIED_HOW,
    Ask,
)
from privacy.desk.jobs.lists import weekly_lists
from privacy.desk.jobs.people import YEAR, People
from privacy.mailroom.actions import keep_message, sort_message
from privacy.mailroom.gateways.reader import ProcessReader, Reader
from privacy.mailroom.models import Door, MessageOutcome
from privacy.optouts.actions import opt_out, send_letter
from privacy.optouts.models import Channel, Letter, OptOutSource, Purpose
from privacy.optouts.policies import Subject
from privacy.tickets.actions import acknowledge, advance, change_kinds, claim, close_ticket, comment, extend, open_ticket, reply
from privacy.tickets.models import RightKind, Ticket, TicketChannel, TicketState
from privacy.tickets.queries import Requester
from privacy.workforce.models import Employee

OPENS, CLOSES = 8, 18  # hours of the company's day between which colleagues are at work


def next_at_work(moment: datetime) -> datetime:
    """That moment, if colleagues are at work then; else one of the next morning, not the same for everything of one night."""
    local = timezone.localtime(moment)
    if OPENS <= local.hour < CLOSES:
        return moment
    morning = local + timedelta(days=1) if local.hour >= CLOSES else local
    return morning.replace(hour=OPENS + local.hour % 3)


def last_at_work(moment: datetime) -> datetime:
    """That moment, if colleagues are at work then; else the last minute before it at which they were."""
    local = timezone.localtime(moment)
    if OPENS <= local.hour < CLOSES:
        return moment
    evening = local - timedelta(days=1) if local.hour < OPENS else local
    return evening.replace(hour=CLOSES - 1, minute=59)


class Correspondence:
    """Plays the year's mail through the mailroom, and the colleagues' work on what came of it."""

    def __init__(self, people: People, *, now: datetime, seed: int) -> None:
        self.people, self.now = people, now
        self.latest_at_work = last_at_work(now - timedelta(minutes=9))
        self.chance = Random(seed + 2)
        self.agents = [
            people.employees[login] for login in ("helen.marsh", "marcus.webb", "lucia.ferrer", "marcus.webb", "sam.oduya")
        ]
        with_mail = Customer.objects.exclude(email="").order_by("pk")
        self.customers: list[Customer] = list(with_mail[:400])
        self.chance.shuffle(self.customers)
        self.number = 0

    def play(self) -> None:
        if len(self.customers) < len(ASKS):
            return
        with ProcessReader() as reader:
            self._unsubscribe(reader)
            self._machines_write(reader)
            self._people_ask(reader)
        self._calls_and_letters()
        # Letters of the past are written down as sent, and leave for nobody: the addresses are invented.
        nowhere = get_connection("django.core.mail.backends.dummy.EmailBackend")
        for letter in Letter.objects.filter(sent_at__isnull=True).order_by("pk"):
            send_letter(letter.pk, now=letter.made_at + timedelta(seconds=self.chance.uniform(1, 8)), connection=nowhere)

    def _next(self) -> Customer:
        self.number += 1
        return self.customers[self.number % len(self.customers)]

    def _receive(
        self, message: EmailMessage, at: datetime, reader: Reader, *, sorted_after: float | None = None
    ) -> Ticket | None:
        """sorted_after: seconds; left to chance where nothing is said."""
        raw = message.as_bytes()
        key = keep_message(raw, door=Door.IMAP, received_at=at)
        sorted_at = at + timedelta(seconds=self.chance.uniform(0.3, 6) if sorted_after is None else sorted_after)
        done = sort_message(key, reader=reader, now=sorted_at, raw=raw, size=len(raw))
        return Ticket.objects.get(origin_message=key) if done.outcome == MessageOutcome.TICKET_OPENED else None

    def _mail(self, sender: str, subject: str, text: str, at: datetime, **headers: str) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, "customerservice@lumens.com", subject
        message["Date"] = format_datetime(at)
        message["Message-ID"] = f"<{self.number}.{int(at.timestamp())}@mail.example>"
        for name, value in headers.items():
            message[name.replace("_", "-")] = value
        message.set_content(text)
        return message

    def _at(self, first_day: int, last_day: int) -> datetime:
        day = self.chance.randrange(first_day, last_day)
        return min(
            self.people.day(day, hour=self.chance.randrange(7, 23), minute=self.chance.randrange(60)),
            self.now - timedelta(minutes=9),
        )

    def _at_work(self, moment: datetime) -> datetime:
        """That moment, or the next one at which a colleague can have done something; none that has not come yet."""
        return min(next_at_work(moment), self.latest_at_work)

    def _unsubscribe(self, reader: Reader) -> None:
        """Who opts out, by mail and by phone, and the lists that tell of it whoever sends for us; in the order of the year."""
        year: list[tuple[datetime, Callable[[], object]]] = []
        busy = [self._at(0, YEAR + 1) for _ in range(90)] + [self._at(YEAR - 30, YEAR + 1) for _ in range(24)]
        for at in sorted(busy):
            customer = self._next()
            subject = self.chance.choice(UNSUBSCRIBES)
            text = "unsubscribe\n" if subject.startswith("Re: New") else "\n"
            mail = self._mail(f"{customer.name.split()[0]} <{customer.email}>", subject, text, at)
            year.append((at, partial(self._receive, mail, at, reader, sorted_after=self.chance.uniform(0.3, 6))))
        for _ in range(14):
            at, customer = self._at_work(self._at(20, YEAR)), self._next()
            said = partial(
                opt_out,
                Subject.of_email(customer.email),
                channel=self.chance.choice([Channel.EMAIL, Channel.ALL]),
                purpose=self.chance.choice([Purpose.MARKETER_SHARING, Purpose.SPECIAL_OFFERS]),
                source=OptOutSource.PHONE,
                received_at=at,
                now=at + timedelta(seconds=self.chance.uniform(5, 50)),
                by=self.chance.choice(self.agents),
                evidence="said on the phone",
            )
            year.append((at, said))
        for _, happens in sorted([*year, *weekly_lists(self.people, now=self.now)], key=itemgetter(0)):
            happens()

    def _machines_write(self, reader: Reader) -> None:
        """Holiday notes and bounces: kept, and nothing else happens."""
        for _ in range(11):
            at, customer = self._at(30, YEAR), self._next()
            away = self._mail(
                customer.email, "Automatic reply: away", "I am away until Monday.", at, Auto_Submitted="auto-replied"
            )
            self._receive(away, at, reader)
        for _ in range(5):
            at, customer = self._at(30, YEAR), self._next()
            bounce = self._mail(
                "MAILER-DAEMON@mx.example",
                "Undelivered Mail Returned to Sender",
                f"<{customer.email}>: user unknown",
                at,
                Auto_Submitted="auto-replied",
                Return_Path="<>",
            )
            self._receive(bounce, at, reader)

    def _people_ask(self, reader: Reader) -> None:
        """Older requests are answered; those of the last weeks are in every state."""
        for turn, day in enumerate(sorted(self.chance.randrange(5, YEAR - 46) for _ in range(26))):
            self._ask(reader, ASKS[turn % len(ASKS)], day, steps=DONE, turn=turn)
        for turn, (days_ago, ask, steps) in enumerate(LATELY):
            self._ask(reader, ASKS[ask], YEAR - days_ago, steps=steps, turn=turn)

    def _ask(self, reader: Reader, ask: Ask, day: int, *, steps: int, turn: int) -> None:
        customer, at = self._next(), self._at(day, day + 1)
        ticket = self._receive(self._mail(f'"{customer.name}" <{customer.email}>', ask.subject, ask.text, at), at, reader)
        if ticket is not None:
            self._work(ticket, ask.kind, at, steps=steps, turn=turn)

    def _calls_and_letters(self) -> None:
        for turn, (day, channel, steps) in enumerate(CALLS):
            ask, customer, at = ASKS[(turn * 3 + 1) % len(ASKS)], self._next(), self._at_work(self._at(day, day + 1))
            ticket = open_ticket(
                channel=TicketChannel(channel),
                kinds=[ask.kind],
                requester=Requester(name=customer.name, email=customer.email, phone=customer.phone),
                received_at=at,
                now=at + timedelta(minutes=3),
                by=self.agents[turn % len(self.agents)],
                subject=ask.subject,
                text=ask.text,
            )
            self._work(ticket, ask.kind, at, steps=steps, turn=turn + 1)

    def _work(self, ticket: Ticket, kind: RightKind, at: datetime, *, steps: int, turn: int) -> None:
        """A colleague works on it, that many steps: claim, acknowledge, verify, verified, decide, reply, close."""
        agent = self.agents[turn % len(self.agents)]
        hours = self.chance.randrange(1, 5)
        moment = at + timedelta(hours=hours)

        def later() -> datetime:
            nonlocal moment
            moment = self._at_work(moment + timedelta(hours=self.chance.randrange(1, 30)))
            return moment

        if steps >= 1:
            claim(ticket.pk, by=agent, now=later())
        if steps >= 2:
            change_kinds(ticket.pk, kinds=[kind], by=agent, now=later())
            acknowledge(ticket.pk, by=agent, now=later())
        verified = kind in (RightKind.ACCESS_SPECIFIC, RightKind.ACCESS_CATEGORIES, RightKind.CORRECTION, RightKind.DELETION)
        if steps >= 3 and verified:
            advance(ticket.pk, to=TicketState.VERIFYING, by=agent, now=later())
            self._look(ticket, agent, moment)
            asked = "the postal code, the number and total of the last order, and the declaration"
            if kind != RightKind.ACCESS_SPECIFIC:
                asked = "the postal code and the number of the last order"
            comment(ticket.pk, by=agent, text=f"Asked for {asked}.", now=later())
        if steps >= 4 and verified:
            how = VERIFIED_FOR_PIECES if kind == RightKind.ACCESS_SPECIFIC else VERIFIED_HOW
            advance(ticket.pk, to=TicketState.VERIFIED, by=agent, now=later(), how=how)
        if steps == EXTENDED and verified:
            extend(ticket.pk, by=agent, reason="records at two suppliers must be asked for", now=later())
        if steps in (5, 6, DONE) and verified:
            advance(ticket.pk, to=TicketState.DECIDED, by=agent, now=later())
        if steps in (6, DONE):
            reply(ticket.pk, by=agent, text=self._answer(kind), now=later())
        if steps == DONE:
            self._close(ticket, agent, later(), verified=verified, turn=turn)

    def _look(self, ticket: Ticket, agent: Employee, at: datetime) -> None:
        """The colleague compares what the requester says with what we hold, as far as a grant of theirs goes."""
        if ticket.customer_id is not None:
            with suppress(MayNotReveal):
                about = f"compare what the requester of {ticket.reference} says"
                reveal("customers.customer", str(ticket.customer_id), Category.CONTACT, by=agent, reason=about, now=at)

    def _close(self, ticket: Ticket, agent: Employee, at: datetime, *, verified: bool, turn: int) -> None:
        if turn % 9 == 4:
            close_ticket(ticket.pk, outcome="withdrawn", by=agent, now=at, explanation="")
        elif turn % 7 == 3 and verified:
            close_ticket(
                ticket.pk, outcome="denied", by=agent, now=at, denial_reason="insufficient_verification",
                explanation="Neither the postal code nor an order number was given within six weeks.",
            )  # fmt: skip
        else:
            close_ticket(ticket.pk, outcome="fulfilled", by=agent, now=at)

    @staticmethod
    def _answer(kind: RightKind) -> str:
        answers = {
            RightKind.DELETION: "Your personal information is deleted, except what tax law makes us keep about your orders.",
            RightKind.CORRECTION: "Your address is corrected, and our shipper has been told.",
            RightKind.PRINTED_STATEMENT: "A printed copy of our privacy statement is in the mail to you.",
            RightKind.REFERRAL_REMOVAL: "Your name and address are removed. We keep only what stops us from writing again.",
        }
        return answers.get(kind, "Here is what you asked for. Please write again if anything is missing.")
