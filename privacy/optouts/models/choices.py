"""What customers chose not to receive (statement C, D, I)."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from customers.classification import Category, classified, holds, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked
from customers.models import Customer


class Channel(models.TextChoices):
    """How we could reach somebody. ALL covers every other one."""

    EMAIL = "email", "e-mail"
    PHONE = "phone", "phone"
    SMS = "sms", "text message"
    POST = "post", "post"
    ALL = "all", "every channel"


class Purpose(models.TextChoices):
    """What we could use somebody's data for that they may decline (statement B, C, D). ALL covers every other one."""

    SPECIAL_OFFERS = "special_offers", "special offers and updates"
    NEWSLETTER = "newsletter", "newsletter"
    CATALOGUE = "catalogue", "catalogue"
    MARKETER_SHARING = "marketer_sharing", "sharing with other marketers"
    WEB_ANALYTICS = "web_analytics", "web analytics"
    SURVEYS = "surveys", "surveys"
    ALL = "all", "every purpose"


class SubjectKind(models.TextChoices):
    """What a subject key was made of."""

    EMAIL = "email", "e-mail address"
    PHONE = "phone", "phone number"
    CUSTOMER = "customer", "customer"


class OptOutSource(models.TextChoices):
    MAIL = "mail", "reply by e-mail"
    ADDRESS = "address", "mail to an unsubscribe address"
    FEEDBACK_REPORT = "feedback_report", "feedback report of a mailbox provider"
    ONE_CLICK = "one_click", "one-click link"
    PHONE = "phone", "phone call"
    POST = "post", "letter"
    FAX = "fax", "fax"
    WEB = "web", "web site"
    AGENT = "agent", "authorised agent"
    IMPORT = "import", "earlier list"


class OptOutQuerySet(models.QuerySet["OptOut"]):
    def active(self, *, at: datetime) -> "OptOutQuerySet":
        """Those that hold at that instant: received, and not withdrawn yet."""
        return self.filter(Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gt=at), received_at__lte=at)

    def owed_to_mailers(self) -> "OptOutQuerySet":
        """Those that a sender of our mailings must know: "if you opt out of receiving e-mail advertisements" (statement G)."""
        return self.filter(
            withdrawn_at__isnull=True,
            owed_sha256__isnull=False,
            channel__in=[Channel.EMAIL, Channel.ALL],
            purpose__in=[Purpose.SPECIAL_OFFERS, Purpose.NEWSLETTER, Purpose.ALL],
        )


@classified(
    id=plain(),
    subject_kind=plain(),
    subject_key=plain(),
    customer=plain(),
    address=holds(Category.CONTACT),
    masked=plain(),
    owed_sha256=plain(),
    channel=plain(),
    purpose=plain(),
    source=plain(),
    evidence=holds(Category.MAIL),
    evidence_message=plain(),
    recorded_by=plain(),
    received_at=plain(),
    suppressed_at=plain(),
    withdrawal_asked_at=plain(),
    withdrawn_at=plain(),
    withdrawal_evidence=holds(Category.MAIL),
)
@tracked()
class OptOut(models.Model):
    """One choice of one person: do not use this channel for this purpose.

    subject_key: keyed digest (32 bytes) of the canonical address or number, or of the customer's key. owed_sha256: plain SHA-256
    of the trimmed lower-case address, computed when the choice was made, so that it outlives an erasure.
    received_at: when the wish reached us; suppressed_at: when it began to hold here. evidence_message: the received mail's key.
    Withdrawn only by the person, in two steps (11 CCR 7028): asked, then confirmed.
    """

    subject_kind = models.CharField(max_length=10, choices=SubjectKind)
    subject_key = models.BinaryField(max_length=32)
    customer = models.ForeignKey(Customer, on_delete=models.SET_NULL, null=True, blank=True, related_name="opt_outs")
    address = EncryptedTextField(null=True, help_text="canonical e-mail address or E.164 number; empty after an erasure")
    masked = models.CharField(max_length=80, blank=True, help_text="what may be shown to anyone who works with opt-outs")
    owed_sha256 = models.BinaryField(max_length=32, null=True)
    channel = models.CharField(max_length=10, choices=Channel)
    purpose = models.CharField(max_length=20, choices=Purpose)
    source = models.CharField(max_length=20, choices=OptOutSource)
    evidence = EncryptedTextField(null=True, help_text="what the person said, or where it is written")
    evidence_message = models.BigIntegerField(null=True, blank=True, db_index=True)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="opt_outs_recorded"
    )
    received_at = models.DateTimeField(db_index=True)
    suppressed_at = models.DateTimeField()
    withdrawal_asked_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal_evidence = EncryptedTextField(null=True)

    objects = OptOutQuerySet.as_manager()

    class Meta:
        verbose_name = "opt-out"
        verbose_name_plural = "opt-outs"
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="optout_newest_first"),
            models.Index(fields=["subject_key"], name="optout_by_subject"),
            models.Index(fields=["suppressed_at"], name="optout_by_suppressed"),
            models.Index(fields=["withdrawn_at"], condition=Q(withdrawn_at__isnull=False), name="optout_withdrawn"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_key", "channel", "purpose"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_active_opt_out_per_subject_channel_and_purpose",
                violation_error_message="This person has already opted out of that.",
            ),
            models.CheckConstraint(
                name="an_opt_out_is_suppressed_after_it_was_received",
                condition=Q(suppressed_at__gte=F("received_at")),
                violation_error_message="An opt-out cannot hold before it was received.",
            ),
            models.CheckConstraint(
                name="an_opt_out_is_withdrawn_in_two_steps",
                condition=Q(withdrawn_at__isnull=True)
                | Q(withdrawal_asked_at__isnull=False, withdrawn_at__gt=F("withdrawal_asked_at")),
                violation_error_message="An opt-out is withdrawn in two steps: asked, then confirmed.",
            ),
            models.CheckConstraint(
                name="an_opt_out_by_hand_names_who_recorded_it",
                condition=~Q(source__in=["phone", "post", "fax"]) | Q(recorded_by__isnull=False),
                violation_error_message="An opt-out taken by phone, post or fax names the colleague who recorded it.",
            ),
            models.CheckConstraint(
                name="an_opt_out_by_address_is_owed_to_mailers",
                condition=~Q(subject_kind="email") | Q(owed_sha256__isnull=False),
                violation_error_message="An opt-out by e-mail address keeps the hash that mailers are told.",
            ),
        ]

    def __str__(self) -> str:
        what = "nothing" if self.purpose == Purpose.ALL else f"no {self.get_purpose_display()}"
        how = "" if self.channel == Channel.ALL else f" by {self.get_channel_display()}"
        return f"{self.masked or 'somebody'}: {what}{how}"

    @property
    def may_be_confirmed_by_mail(self) -> bool:
        """Whether a letter can ask the person if they want it withdrawn: none goes to a number, nor to what was erased."""
        return self.subject_kind == SubjectKind.EMAIL and bool(self.address)
