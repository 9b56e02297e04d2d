"""What people write into forms, surveys, contests, boards and chats (statement A.1, H)."""

from datetime import date, timedelta

from django.db import models
from django.db.models import Q

from customers.cards import no_card_number, refuse_card_number
from customers.classification import Category, Purpose, Source, classified, holds, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked
from customers.models.people import Customer
from customers.models.provenance import PROVENANCE, Collected

CONTEST_KEPT_DAYS_AFTER_AWARD = 90  # long enough for a prize to be claimed; the retention rule "contest"

_SURVEY = holds(Category.FORMS, keep="survey")
_CONTEST = holds(Category.FORMS, keep="contest")


@tracked()
@classified(
    id=plain(),
    survey=plain(),
    anonymous=plain(),
    customer=plain(),
    name=_SURVEY,
    email=_SURVEY,
    email_digest=holds(Category.FORMS, source=Source.COMPANY, keep="survey"),
    answers=holds(Category.FORMS, keep="survey", sensitive=False),
    consented_at=plain(),
    **PROVENANCE,
)
class SurveyEntry(Collected):
    """One person's answers to one survey. An anonymous entry links to nobody, and serves the improvement of the site only.

    answers: what was written, question and answer on a line each. email_digest: `keyed_digest(email_key(address),
    purpose="email")`, for look-ups. consented_at: when the person chose to take part; nothing is kept without it.
    """

    survey = models.SlugField(max_length=60)
    anonymous = models.BooleanField()
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="survey_entries")
    name = EncryptedTextField(null=True, blank=True, card_free=True)
    email = EncryptedTextField(verbose_name="e-mail address", null=True, blank=True, card_free=True)
    email_digest = models.BinaryField("digest of the e-mail address", null=True, blank=True, max_length=32, db_index=True)
    answers = models.TextField(blank=True, validators=[refuse_card_number])
    consented_at = models.DateTimeField()

    class Meta(Collected.Meta):
        abstract = False
        verbose_name_plural = "survey entries"
        constraints = [
            *Collected.Meta.constraints,
            models.CheckConstraint(
                name="an_anonymous_survey_entry_links_to_nobody",
                condition=Q(anonymous=False)
                | Q(customer__isnull=True, name__isnull=True, email__isnull=True, email_digest__isnull=True, source_detail=""),
                violation_error_message="An anonymous entry carries nothing that leads to a person.",
            ),
            models.CheckConstraint(
                name="anonymous_answers_serve_the_improvement_of_the_site_only",
                condition=Q(anonymous=False) | Q(purpose=Purpose.IMPROVEMENT),
                violation_error_message="Anonymous answers are used to improve the web site, and for nothing else.",
            ),
            no_card_number("survey", "answers", "source_detail"),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.pk}"


@tracked()
@classified(id=plain(), code=plain(), title=plain(), closes_on=plain(), awarded_on=plain())
class Contest(models.Model):
    """closes_on: last day to enter. awarded_on: when the prizes were given; from then on the entries' days are counted."""

    code = models.SlugField(max_length=60, unique=True)
    title = models.CharField(max_length=200)
    closes_on = models.DateField()
    awarded_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_contest_is_awarded_after_it_closes",
                condition=Q(awarded_on__isnull=True) | Q(awarded_on__gte=models.F("closes_on")),
                violation_error_message="Prizes are awarded after the last day to enter.",
            )
        ]

    def __str__(self) -> str:
        return self.title


class ContestEntryQuerySet(models.QuerySet["ContestEntry"]):
    def past_keeping(self, *, on: date) -> "ContestEntryQuerySet":
        """Those whose contest was awarded so long ago that they should be gone by that day."""
        return self.filter(contest__awarded_on__lt=on - timedelta(days=CONTEST_KEPT_DAYS_AFTER_AWARD))


@tracked()
@classified(
    id=plain(),
    contest=plain(),
    customer=plain(),
    name=_CONTEST,
    email=_CONTEST,
    email_digest=holds(Category.FORMS, source=Source.COMPANY, keep="contest"),
    postal_address=_CONTEST,
    postal_code=holds(Category.DEMOGRAPHIC, keep="contest"),
    consented_at=plain(),
    won=plain(),
    notified_at=plain(),
    **PROVENANCE,
)
class ContestEntry(Collected):
    """One person's entry. Its data notifies the winners and awards the prizes, and is erased when that is done (statement H)."""

    contest = models.ForeignKey(Contest, on_delete=models.PROTECT, related_name="entries")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, null=True, blank=True, related_name="contest_entries")
    name = EncryptedTextField(card_free=True)
    email = EncryptedTextField(verbose_name="e-mail address", card_free=True)
    email_digest = models.BinaryField("digest of the e-mail address", max_length=32)
    postal_address = EncryptedTextField(null=True, blank=True, card_free=True)
    postal_code = models.CharField(max_length=20, blank=True, validators=[refuse_card_number])
    consented_at = models.DateTimeField()
    won = models.BooleanField(default=False)
    notified_at = models.DateTimeField(null=True, blank=True)

    objects = ContestEntryQuerySet.as_manager()

    class Meta(Collected.Meta):
        abstract = False
        verbose_name_plural = "contest entries"
        constraints = [
            *Collected.Meta.constraints,
            models.UniqueConstraint(
                fields=["contest", "email_digest"],
                name="one_entry_per_contest_and_address",
                violation_error_message="This address has entered the contest already.",
            ),
            models.CheckConstraint(
                name="a_contest_entry_serves_the_contest_only",
                condition=Q(purpose=Purpose.CONTEST),
                violation_error_message="Contest entries are used to notify winners and award prizes, and for nothing else.",
            ),
            models.CheckConstraint(
                name="only_winners_are_notified",
                condition=Q(won=True) | Q(notified_at__isnull=True),
                violation_error_message="Only winners are notified.",
            ),
            no_card_number("postal_code", "source_detail"),
        ]

    def __str__(self) -> str:
        return f"entry {self.pk}"


class Place(models.TextChoices):
    BOARD = "board", "bulletin board"
    CHAT = "chat", "chat room"
    MESSAGING = "messaging", "messaging"
    REVIEW = "review", "product review"


@tracked()
@classified(
    id=plain(),
    customer=plain(),
    place=plain(),
    topic=holds(Category.INTERACTIVE, keep="contribution"),
    body=holds(Category.INTERACTIVE, keep="contribution"),
    **PROVENANCE,
)
class Contribution(Collected):
    """Something a customer wrote on a bulletin board, in a chat room or in a message. collected_at: when it was posted."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contributions")
    place = models.CharField(max_length=20, choices=Place)
    topic = models.CharField(max_length=200, blank=True, validators=[refuse_card_number])
    body = models.TextField(validators=[refuse_card_number])

    class Meta(Collected.Meta):
        abstract = False
        constraints = [*Collected.Meta.constraints, no_card_number("topic", "body", "source_detail")]

    def __str__(self) -> str:
        return f"{self.get_place_display()} {self.pk}"
