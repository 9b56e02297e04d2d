"""Parties outside the company, and what was agreed with them; nondisclosure agreements with anyone (statement D)."""

from datetime import date, datetime, timedelta
from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from customers.classification import Category
from customers.history import tracked
from privacy.workforce.models import Employee


class ThirdPartyKind(models.TextChoices):
    PROCESSOR = "processor", "service provider"
    SUPPLIER = "supplier", "product supplier"
    SHIPPER = "shipper", "shipping company"
    CARD_PROCESSOR = "card_processor", "credit card processor"
    ANALYTICS = "analytics", "web analytics"
    LIVE_CHAT = "live_chat", "live chat"
    MARKETER = "marketer", "other marketer"
    PARTNER = "partner", "linked partner"
    INVESTOR = "investor", "investor"
    AUTHORITY = "authority", "court or authority"


class SharingPurpose(models.TextChoices):
    """What a third party may use the data for: the uses of the statement's sections B and D, and nothing else."""

    FULFIL_ORDERS = "fulfil_orders", "fill orders"
    BILLING = "billing", "billing and payment"
    DELIVERY = "delivery", "shipping and delivery"
    CUSTOMER_SERVICE = "customer_service", "answer customers"
    SITE_ANALYTICS = "site_analytics", "web site statistics"
    HOSTING = "hosting", "store and back up data"
    MAILINGS = "mailings", "send our own mailings"
    MARKETER_SHARING = "marketer_sharing", "offers of other marketers"
    SUPPRESSION = "suppression", "stop sending to those who opted out"
    LEGAL_PROCESS = "legal_process", "law, court order, legal process"
    BUSINESS_TRANSITION = "business_transition", "merger, acquisition, sale of assets"


class HashProfile(models.TextChoices):
    SHA256_HEX = "sha256_hex", "SHA-256 of the trimmed lower-case address, hexadecimal"


@tracked()
class ThirdParty(models.Model):
    """A party outside the company. It never holds a login (statement E.1)."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=ThirdPartyKind)
    contact_email = models.EmailField(blank=True, help_text="where notices to this company go")
    website = models.URLField(blank=True)
    notes = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "third parties"

    def __str__(self) -> str:
        return self.name


class Dated:
    """What is signed, and holds from a day to a day: both count."""

    signed_on: Any
    starts_on: Any
    ends_on: Any

    def standing_on(self, day: date) -> str:
        """How it stands on that day, in words; "in force" for what `in_force` finds."""
        if self.ends_on is not None and self.ends_on < day:
            return "ended"
        if self.signed_on > day:
            return "not signed yet"
        return "in force" if self.starts_on <= day else "not begun"


class DatedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    def in_force(self, *, on: date) -> "DatedQuerySet":
        """Signed, begun and not past the last day. The last day counts; a paper that is still to be signed holds nothing."""
        return self.filter(Q(ends_on__isnull=True) | Q(ends_on__gte=on), starts_on__lte=on, signed_on__lte=on)


class NdaQuerySet(DatedQuerySet):
    def running_out(self, *, within_days: int, at: datetime) -> "DatedQuerySet":
        """In force at that instant and over in as many days, of somebody who has not left, with no later one that follows it."""
        day = timezone.localdate(at)
        the_same = Q(employee=OuterRef("employee")) | Q(third_party=OuterRef("third_party"))
        next_day = OuterRef("ends_on") + timedelta(days=1)
        follows = Nda.objects.filter(the_same, starts_on__lte=next_day, signed_on__lte=next_day).exclude(pk=OuterRef("pk"))
        follows = follows.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=OuterRef("ends_on")))
        still_here = Q(employee__isnull=True) | Q(employee__in=Employee.objects.not_left(at=at))
        ending = self.in_force(on=day).filter(still_here, ends_on__lte=day + timedelta(days=within_days))
        return ending.exclude(Exists(follows))


@tracked()
class DataSharingAgreement(Dated, models.Model):
    """What one third party may receive, for what, from when to when."""

    third_party = models.ForeignKey(ThirdParty, on_delete=models.PROTECT, related_name="agreements")
    reference = models.CharField(max_length=100, unique=True)
    purposes = ArrayField(models.CharField(max_length=40, choices=SharingPurpose))
    categories = ArrayField(models.CharField(max_length=40, choices=Category), default=list, blank=True)
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=300, help_text="where the signed paper is")
    return_or_destroy = models.BooleanField(default=False, help_text="the party returns or destroys the data at the end")
    hash_profile = models.CharField(max_length=20, choices=HashProfile, default=HashProfile.SHA256_HEX)
    ended_reason = models.TextField(blank=True)

    objects: ClassVar[DatedQuerySet] = DatedQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["third_party", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                name="an_agreement_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="An agreement cannot end before it starts.",
            ),
            models.CheckConstraint(
                name="an_agreement_names_a_purpose",
                condition=Q(purposes__len__gt=0),
                violation_error_message="Name at least one purpose.",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def purpose_words(self) -> list[str]:
        return [SharingPurpose(purpose).label for purpose in self.purposes]

    @property
    def category_words(self) -> list[str]:
        return [Category(category).label for category in self.categories]


@tracked()
class Nda(Dated, models.Model):
    """A nondisclosure agreement, with one employee or contractor, or with one third party.

    ends_on: the last day on which it holds; empty where it holds until it is ended. Ending one early moves `ends_on`.
    """

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, blank=True, related_name="ndas")
    third_party = models.ForeignKey(ThirdParty, on_delete=models.PROTECT, null=True, blank=True, related_name="ndas")
    signed_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=300, help_text="where the signed paper is")
    ended_reason = models.TextField(blank=True)

    objects: ClassVar[NdaQuerySet] = NdaQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["ends_on", "pk"]
        verbose_name = "NDA"
        verbose_name_plural = "NDAs"
        indexes = [models.Index(fields=["employee", "starts_on"], name="nda_by_person")]
        constraints = [
            models.CheckConstraint(
                name="an_nda_is_with_one_person_or_one_third_party",
                condition=Q(employee__isnull=False, third_party__isnull=True)
                | Q(employee__isnull=True, third_party__isnull=False),
                violation_error_message="An NDA is with one person or one third party.",
            ),
            models.CheckConstraint(
                name="an_nda_does_not_end_long_before_it_starts",
                # ends_on = starts_on - 1: ended before it ever held.
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on") - 1),
                violation_error_message="An NDA cannot end before it starts.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="an_nda_that_ends_ends_sessions",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Update,
                referencing=pgtrigger.Referencing(old="old_values", new="new_values"),
                func="""
                    UPDATE privacy_employee SET session_epoch = session_epoch + 1 WHERE id IN (
                        SELECT o.employee_id FROM old_values o LEFT JOIN new_values n ON n.id = o.id
                        WHERE n.id IS NULL
                            OR n.employee_id IS DISTINCT FROM o.employee_id
                            OR n.starts_on > o.starts_on
                            OR COALESCE(n.ends_on, 'infinity') < COALESCE(o.ends_on, 'infinity')
                    );
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="an_nda_that_is_deleted_ends_sessions",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                referencing=pgtrigger.Referencing(old="old_values"),
                func="UPDATE privacy_employee SET session_epoch = session_epoch + 1"
                " WHERE id IN (SELECT employee_id FROM old_values); RETURN NULL;",
            ),
        ]

    def __str__(self) -> str:
        return f"NDA with {self.employee or self.third_party}"


class Ground(models.TextChoices):
    """Why the statement allows a disclosure (section D)."""

    SERVICE = "service", "service provider, under an agreement"
    MARKETER = "marketer", "other marketer, under an agreement"
    SUPPRESSION = "suppression", "instruction not to send (section G)"
    LEGAL = "legal", "law, court order, legal process"
    TRANSITION = "transition", "business transition"
    CONSENT = "consent", "notice and no refusal"


@tracked()
class Disclosure(models.Model):
    """Data about people went to a third party: what, for what, on what ground, by whom."""

    third_party = models.ForeignKey(ThirdParty, on_delete=models.PROTECT, related_name="disclosures")
    agreement = models.ForeignKey(DataSharingAgreement, on_delete=models.PROTECT, null=True, related_name="disclosures")
    ground = models.CharField(max_length=20, choices=Ground)
    purpose = models.CharField(max_length=40, choices=SharingPurpose)
    categories = ArrayField(models.CharField(max_length=40, choices=Category))
    at = models.DateTimeField()
    by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="disclosures")
    people = models.PositiveBigIntegerField(default=0, help_text="how many people it was about")
    document = models.CharField(max_length=300, blank=True, help_text="court, reference and place of the order")

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="the_customer_list_is_not_sold",
                condition=Q(purpose__in=SharingPurpose.values),
                violation_error_message="Data is disclosed only for a purpose of the statement; a sale is none (section G).",
            ),
            models.CheckConstraint(
                name="a_legal_disclosure_has_its_document",
                condition=~Q(ground="legal") | ~Q(document=""),
                violation_error_message="A disclosure under legal process names its document.",
            ),
            models.CheckConstraint(
                name="an_intermediary_has_an_agreement",
                condition=~Q(ground__in=["service", "marketer"]) | Q(agreement__isnull=False),
                violation_error_message="A disclosure to a service provider or marketer is under an agreement.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.third_party}: {self.get_purpose_display()}"

    @property
    def category_words(self) -> list[str]:
        return [Category(category).label for category in self.categories]
