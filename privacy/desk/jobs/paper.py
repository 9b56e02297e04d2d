"""The demonstration company's paper: third parties and agreements, policies, department reviews, threats, cookies."""

from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from customers.classification import Category
from privacy.agreements.actions import record_agreement, record_nda, record_third_party
from privacy.agreements.models import SharingPurpose, ThirdParty, ThirdPartyKind
from privacy.desk.jobs.people import People
from privacy.programme.actions import acknowledge_policy, publish_policy, record_department_review, record_threat
from privacy.programme.models import DepartmentReview

_ORDER = (Category.CONTACT, Category.TRANSACTION)
# code, name, kind, purposes, categories, days until its agreement ends (None: open end; negative: it has ended)
THIRD_PARTIES: tuple[tuple[str, str, ThirdPartyKind, list[SharingPurpose], tuple[Category, ...], int | None], ...] = (
    ("swiftship", "SwiftShip Parcel", ThirdPartyKind.SHIPPER, [SharingPurpose.DELIVERY], _ORDER, 410),
    (
        "cardwell",
        "Cardwell Payments",
        ThirdPartyKind.CARD_PROCESSOR,
        [SharingPurpose.BILLING],
        (Category.FINANCIAL, *_ORDER),
        700,
    ),
    ("brightwell", "Brightwell Lighting Supply", ThirdPartyKind.SUPPLIER, [SharingPurpose.FULFIL_ORDERS], _ORDER, 220),
    (
        "mailgrove",
        "Mailgrove Campaigns",
        ThirdPartyKind.PROCESSOR,
        [SharingPurpose.MAILINGS, SharingPurpose.SUPPRESSION],
        (Category.CONTACT,),
        90,
    ),
    (
        "homelists",
        "Homestyle Lists",
        ThirdPartyKind.MARKETER,
        [SharingPurpose.MARKETER_SHARING, SharingPurpose.SUPPRESSION],
        (Category.CONTACT, Category.DEMOGRAPHIC),
        150,
    ),
    (
        "chatlane",
        "Chatlane",
        ThirdPartyKind.LIVE_CHAT,
        [SharingPurpose.CUSTOMER_SERVICE],
        (Category.INTERACTIVE, Category.COOKIES),
        300,
    ),
    # The one broken promise to find: its agreement ended nine days ago, and its tag is still on the site (A2b-cookies).
    (
        "pagepulse",
        "Pagepulse Analytics",
        ThirdPartyKind.ANALYTICS,
        [SharingPurpose.SITE_ANALYTICS],
        (Category.LOGS, Category.COOKIES),
        -9,
    ),
    ("vaultstone", "Vaultstone Hosting", ThirdPartyKind.PROCESSOR, [SharingPurpose.HOSTING], tuple(Category), 530),
    ("designhaus", "Designhaus Magazine", ThirdPartyKind.PARTNER, [], (), None),
    ("northgate", "Northgate Capital", ThirdPartyKind.INVESTOR, [], (), None),
)
POLICIES = (
    (
        "acceptable-use",
        "Acceptable use of customers' data",
        "Look at what your work needs, say why, and nothing else. Every look is recorded.",
    ),
    (
        "incident",
        "What to do when something goes wrong",
        "Tell the security administrator at once, whatever the hour. Nobody is blamed for telling early.",
    ),
    ("clean-desk", "Paper, screens and doors", "Lock the screen, shred the paper, challenge the stranger."),
)
THREATS = (
    ("Phishing of customer service", "Passkeys for everyone who can see contact data; a briefing each quarter", 40),
    ("A laptop is stolen", "Disks are encrypted; sessions end after fifteen minutes", 75),
    ("Harvested addresses from the web site", "Addresses are never printed on pages; the form is rate-limited", 120),
    ("A partner keeps data after its contract", "Return-or-destroy clause; receipts are asked for at the end", 60),
)


def build_paper(people: People, *, now: datetime, seed: int) -> None:
    """Write all of it, dated over the year before `now`."""
    chance = Random(seed + 1)
    officer, administrator = people.employees["helen.marsh"], people.employees["ines.romero"]
    today = timezone.localdate(now)
    begin = timezone.localdate(people.begin)
    for code, name, kind, purposes, categories, ends_in in THIRD_PARTIES:
        party = record_third_party(
            code=code,
            name=name,
            kind=kind,
            by=officer,
            contact_email=f"privacy@{code}.example",
            website=f"https://{code}.example",
        )
        signed_on = begin - timedelta(days=chance.randrange(30, 600))
        ends_on = None if ends_in is None else today + timedelta(days=ends_in)
        if purposes:
            record_nda(
                third_party=party, by=officer, signed_on=signed_on, starts_on=signed_on, document=f"contracts/{code}/nda.pdf"
            )
            record_agreement(
                party,
                reference=f"DSA-{signed_on:%Y}-{code.upper()}",
                purposes=purposes,
                categories=[category.value for category in categories],
                signed_on=signed_on,
                starts_on=signed_on,
                ends_on=ends_on,
                document=f"contracts/{code}/agreement.pdf",
                by=officer,
                return_or_destroy=True,
            )
    policies = [publish_policy(code, title=title, text=text, by=administrator, day=begin) for code, title, text in POLICIES]
    for employee in people.employees.values():
        first = max(people.begin, people.day(max(0, (employee.starts_on - begin).days)))
        for policy in policies:
            acknowledge_policy(policy.pk, by=employee, now=first + timedelta(hours=chance.randrange(1, 40)))
    for department in people.departments.values():
        for quarter in range(4):
            held_on = today - timedelta(days=chance.randrange(12, 40) + quarter * (DepartmentReview.CADENCE_DAYS - 12))
            record_department_review(
                department,
                held_on=held_on,
                notes="Walked through access, paper and screens; nothing open.",
                by=administrator,
                today=today,
            )
    for title, countermeasure, review_in in THREATS:
        record_threat(
            title=title,
            countermeasure=countermeasure,
            assessed_on=today - timedelta(days=chance.randrange(20, 60)),
            review_by=today + timedelta(days=review_in),
            by=administrator,
        )


def third_party(code: str) -> ThirdParty:
    """One of them, by its code."""
    return ThirdParty.objects.get(code=code)
