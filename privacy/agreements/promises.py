"""The promises about sharing (statement D, F, G). Disclosures themselves come later; what has no rows yet says "not measured"."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from privacy.agreements.models import DataSharingAgreement, Disclosure, Ground, SharingPurpose, ThirdParty
from privacy.agreements.queries import tags_in_use
from privacy.ledger.models import ReadKind, RecordedRead
from privacy.ledger.promises import Figure, Promise, Row

PAGE = "/admin/sharing/"
OURSELVES = "lumens"  # the setter of our own cookies (customers.models.CookieTag)


def _disclosures(
    which: Q, wrong: Q, *, refused: str, beside: Callable[[datetime], str] = lambda now: ""
) -> Callable[..., Figure]:
    """A measure of disclosures that the database refuses to write down; `refused` says so, for it can break only past it."""

    def measure(now: datetime) -> Figure:
        asked: QuerySet[Disclosure] = Disclosure.objects.filter(which)
        if not asked.exists():
            return Figure(None, detail=" ".join(filter(None, ["Nothing was disclosed on this ground yet.", beside(now)])))
        broken = asked.filter(wrong).select_related("third_party")
        rows = [Row(str(one), f"{PAGE}parties/{one.third_party.code}/") for one in broken[:50]]
        detail = " ".join(filter(None, [f"{asked.count()} disclosures in all. {refused}", beside(now)]))
        return Figure(broken.count(), broken=rows, detail=detail)

    return measure


def _lists_that_left(now: datetime) -> str:
    """How often our own people took the list of customers out as a file: each is written down, with who and why."""
    ended = RecordedRead.objects.filter(kind=ReadKind.EXPORT, subject__istartswith="customers", at__gt=now - timedelta(days=90))
    count = ended.filter(Q(reason__startswith="finished") | Q(reason__startswith="stopped")).count()
    times = "once" if count == 1 else f"{count} times"
    return f"Our own people exported tables of customers {times} in 90 days, under a grant and written down."


def outside_an_agreement(now: datetime) -> Figure:
    """Disclosures to service providers and marketers whose agreement did not hold, or did not permit the data or the purpose."""
    asked = Disclosure.objects.filter(ground__in=[Ground.SERVICE, Ground.MARKETER]).select_related("agreement", "third_party")
    total = asked.count()
    if not total:
        return Figure(None, detail="Nothing was disclosed to service providers or marketers yet.")
    rows = [
        Row(str(one), f"{PAGE}parties/{one.third_party.code}/") for one in asked.iterator() if not _is_within_its_agreement(one)
    ]
    return Figure(len(rows), broken=rows[:50], detail=f"{total} disclosures in all.")


def _is_within_its_agreement(disclosure: Disclosure) -> bool:
    agreement, day = disclosure.agreement, timezone.localdate(disclosure.at)
    return (
        agreement is not None
        and agreement.third_party_id == disclosure.third_party_id
        and agreement.standing_on(day) == "in force"
        and disclosure.purpose in agreement.purposes
        and set(disclosure.categories) <= set(agreement.categories)
    )


def tags_without_agreement(now: datetime) -> Figure:
    """Cookies and tags in use that a third party sets without an agreement in force. Our own need none."""
    day = timezone.localdate(now)
    in_use = tags_in_use(on=day)
    if not in_use.exists():
        return Figure(None, detail="The register of cookies and tags is empty.")
    agreed = DataSharingAgreement.objects.in_force(on=day).values_list("third_party__code", flat=True)
    known = dict(ThirdParty.objects.values_list("code", "name"))
    rows = [
        Row(
            f"{tag.get_kind_display()} “{tag.code}” set by {known.get(tag.setter, tag.setter)}",
            f"{PAGE}parties/{tag.setter}/" if tag.setter in known else PAGE,
            act=f"Next: record an agreement with {known.get(tag.setter, tag.setter)} under Sharing, or take it off the site.",
            instead="/admin/customers/cookietag/",
        )
        for tag in in_use.exclude(setter=OURSELVES).exclude(setter__in=agreed)
    ]
    return Figure(len(rows), broken=rows, detail=f"{in_use.count()} cookies and tags in use.")


PROMISES = [
    Promise(
        id="A2b-cookies",
        section="A.2",
        quote="in doing so they must set cookies on the site",
        title="Whoever sets a cookie has an agreement with us",
        measures="cookies and tags in use whose setter has no agreement in force",
        measure=tags_without_agreement,
        evidence="/admin/customers/cookietag/",
    ),
    Promise(
        id="D-intermediaries",
        section="D",
        quote="Third parties are obligated to only use and/or disclose your personally identifiable information for the purpose "
        "for which Lumens.com disclosed the information to them, and no other purpose.",
        title="Service providers get only what their agreement permits",
        measures="disclosures outside an agreement",
        measure=outside_an_agreement,
        evidence=PAGE,
    ),
    Promise(
        id="D-aggregate",
        section="D",
        quote="This is not linked to any personal information that can identify any individual person.",
        title="Reports show no group so small that it names somebody",
        measures="cells of aggregate reports below the smallest size",
    ),
    Promise(
        id="D-investors",
        section="D",
        quote="They do not receive any personally identifiable information.",
        title="Investors get nothing personal",
        measures="personal columns in the investors' report",
    ),
    Promise(
        id="D-transition",
        section="D",
        quote="Customers' personal information generally is one of the transferred business assets",
        title="Customers are told before a business transition",
        measures="business transitions without a notice before",
    ),
    Promise(
        id="D-legal",
        section="D",
        quote="such action is reasonably necessary to comply with a current judicial proceeding, a court order or legal process",
        title="Every legal disclosure has its document",
        measures="legal disclosures without a document",
        measure=_disclosures(Q(ground=Ground.LEGAL), Q(document=""), refused="The database refuses one that names no document."),
        evidence=PAGE,
    ),
    Promise(
        id="D-marketers",
        section="D",
        quote="If you prefer that we do not share your personal information with other marketers, please email us",
        title="Who opted out is not passed on to marketers",
        measures="disclosures to marketers that contained people who opted out",
    ),
    Promise(
        id="D-consent",
        section="D",
        quote="you will receive notice when information about you may go to third parties, and you will have an opportunity to "
        "choose not to share the information",
        title="Nothing is shared on other grounds without notice",
        measures="sharing on other grounds without notice",
    ),
    Promise(
        id="F-links",
        section="F",
        quote="Lumens.com is not responsible for the privacy practices of such linked sites, including sites of our partners",
        title="Links to partners are on record",
        measures="links to partners without a record",
    ),
    Promise(
        id="G-not-sold",
        section="G",
        quote="we do not sell or distribute our customer list to third parties",
        title="The customer list is not sold",
        measures="disclosures for a purpose that the statement does not name",
        measure=_disclosures(
            Q(),
            ~Q(purpose__in=SharingPurpose.values),
            refused="The database refuses every purpose that the statement does not name.",
            beside=_lists_that_left,
        ),
        evidence=PAGE,
    ),
]
