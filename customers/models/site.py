"""What the web site collects by itself: log files, cookies, clear gifs (statement A.2)."""

from datetime import datetime, timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from customers.cards import no_card_number
from customers.classification import Category, Purpose, Source, classified, holds, plain
from customers.history import tracked
from customers.models.people import Customer
from customers.models.provenance import PROVENANCE, Collected

VISITS_KEPT_DAYS = 395  # thirteen months: a season can be compared with the last one; the retention rule "visit"

_LOG = holds(Category.LOGS, source=Source.COLLECTED, keep="visit")


class SiteVisitQuerySet(models.QuerySet["SiteVisit"]):
    def past_keeping(self, *, at: datetime) -> "SiteVisitQuerySet":
        """Those that should be gone by that instant."""
        return self.filter(collected_at__lt=at - timedelta(days=VISITS_KEPT_DAYS))


# The ledger of a visit holds that it came and went, never what it was: otherwise it would outlive the retention period there.
@tracked(exclude=["address", "browser", "domain", "page"])
@classified(
    id=plain(),
    customer=plain(),
    address=_LOG,
    domain=_LOG,
    browser=_LOG,
    page=_LOG,
    page_views=holds(Category.LOGS, source=Source.COLLECTED, keep="visit", sensitive=False),
    signed_in=holds(Category.LOGS, source=Source.COLLECTED, keep="visit", sensitive=False),
    **PROVENANCE,
)
class SiteVisit(Collected):
    """One visit to the web site, from its log files. collected_at: when it began. address: network address; domain: its name.

    page: first page or section. signed_in: whether the visitor logged in (login frequency is counted from it).
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="visits")
    address = models.GenericIPAddressField("network address")
    domain = models.CharField("domain name", max_length=253, blank=True)
    browser = models.CharField(max_length=300, blank=True)
    page = models.CharField(max_length=500, blank=True)
    page_views = models.PositiveIntegerField(default=1)
    signed_in = models.BooleanField(default=False)

    objects = SiteVisitQuerySet.as_manager()

    class Meta(Collected.Meta):
        abstract = False
        verbose_name = "visit"
        verbose_name_plural = "visits"
        # Visits arrive in the order of time: a few pages of BRIN find those that are past keeping among hundreds of millions.
        indexes = [BrinIndex(fields=["collected_at"], name="visit_by_time", autosummarize=True)]
        constraints = [*Collected.Meta.constraints, no_card_number("domain", "browser", "page", "source_detail")]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class TagKind(models.TextChoices):
    COOKIE = "cookie", "cookie"
    CLEAR_GIF = "clear_gif", "clear gif"
    SCRIPT = "script", "script"


@tracked()
@classified(
    id=plain(),
    code=plain(),
    kind=plain(),
    setter=plain(),
    purpose=plain(),
    what_for=plain(),
    lifetime_days=plain(),
    needed_for=plain(),
    in_use_from=plain(),
    in_use_until=plain(),
)
class CookieTag(models.Model):
    """The register of cookies and tags on the web site: who sets each, what for, how long it lives.

    setter: "lumens" for our own, else the third party's code; the room of agreements compares it with the agreements in force.
    lifetime_days: empty for one that ends with the browser's session. needed_for: what cannot be used without it ("Live Chat").
    """

    code = models.SlugField(max_length=60)
    kind = models.CharField(max_length=20, choices=TagKind)
    setter = models.SlugField(max_length=60)
    purpose = models.CharField(max_length=20, choices=Purpose)
    what_for = models.CharField(max_length=300)
    lifetime_days = models.PositiveIntegerField(null=True, blank=True)
    needed_for = models.CharField(max_length=100, blank=True)
    in_use_from = models.DateField()
    in_use_until = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = "cookie or tag"
        verbose_name_plural = "cookies and tags"
        constraints = [
            models.UniqueConstraint(
                fields=["setter", "code"],
                name="one_register_entry_per_setter_and_tag",
                violation_error_message="This tag is in the register already.",
            ),
            models.CheckConstraint(
                name="a_tag_says_what_it_is_for",
                condition=~Q(what_for="") & Q(purpose__in=Purpose.values),
                violation_error_message="Say what this tag is for.",
            ),
            models.CheckConstraint(
                name="a_tags_use_ends_after_it_begins",
                condition=Q(in_use_until__isnull=True) | Q(in_use_until__gte=models.F("in_use_from")),
                violation_error_message="A tag's use cannot end before it begins.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.setter}: {self.code}"


@tracked()
@classified(
    id=plain(),
    customer=plain(),
    tag=plain(),
    cookie_digest=holds(Category.COOKIES, source=Source.COLLECTED, keep="visit", sensitive=True),
    last_seen_at=holds(Category.COOKIES, source=Source.COLLECTED, keep="visit", sensitive=False),
    **PROVENANCE,
)
class CookieLink(Collected):
    """A browser's cookie tied to a member id (statement A.2b). Of the cookie's value only a keyed digest is kept."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="cookies")
    tag = models.ForeignKey(CookieTag, on_delete=models.PROTECT, related_name="links")
    cookie_digest = models.BinaryField(max_length=32)
    last_seen_at = models.DateTimeField()

    class Meta(Collected.Meta):
        abstract = False
        verbose_name = "cookie of a member"
        verbose_name_plural = "cookies of members"
        constraints = [
            *Collected.Meta.constraints,
            models.UniqueConstraint(
                fields=["cookie_digest"],
                name="a_cookie_is_tied_to_one_customer",
                violation_error_message="This cookie is tied to a customer already.",
            ),
        ]

    def __str__(self) -> str:
        return f"cookie {self.pk}"


@tracked()
@classified(
    id=plain(),
    customer=plain(),
    campaign=holds(Category.BEACONS, source=Source.COLLECTED, keep="open"),
    sales_amount=holds(Category.BEACONS, source=Source.COLLECTED, keep="open"),
    **PROVENANCE,
)
class EmailOpen(Collected):
    """A clear gif in one of our mails was fetched: this customer opened it, at collected_at.

    sales_amount: dollars of a sale that followed. Third parties get sums per campaign, never rows (`queries.campaign_report`).
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="email_opens")
    campaign = models.SlugField(max_length=80)
    sales_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)

    class Meta(Collected.Meta):
        abstract = False
        verbose_name = "opened e-mail"
        verbose_name_plural = "opened e-mails"

    def __str__(self) -> str:
        return f"open {self.pk}"
