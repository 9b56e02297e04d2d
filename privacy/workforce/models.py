"""Who works here: the login account itself (statement E.1: access is assigned to specific individuals)."""

from datetime import datetime
from typing import Any, ClassVar

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.functions import Lower
from django.utils import timezone

from customers.history import tracked


class WorkerType(models.TextChoices):
    EMPLOYEE = "employee", "employee"
    CONTRACTOR = "contractor", "contractor"


@tracked()
class Department(models.Model):
    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@tracked()
class JobFunction(models.Model):
    """What somebody is here to do. `access` says which entitlements a function justifies."""

    code = models.SlugField(max_length=50, unique=True)
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EmployeeQuerySet(models.QuerySet["Employee"]):
    def called(self, login: str) -> "EmployeeQuerySet":
        """Whoever has that login, in any case: one at most, as `one_employee_per_login` has it. (iexact compares upper case.)"""
        return self.alias(_called=Lower("login")).filter(_called=Lower(Value(login)))

    def not_left(self, *, at: datetime) -> "EmployeeQuerySet":
        """Those who work here at that instant, or will: not past the last day, not ended."""
        day = timezone.localdate(at)
        return self.filter(Q(left_at__isnull=True) | Q(left_at__gt=at), Q(ends_on__isnull=True) | Q(ends_on__gte=day))

    def employed(self, *, at: datetime) -> "EmployeeQuerySet":
        """Those who work here at that instant: begun, not past the last day, not ended."""
        return self.not_left(at=at).filter(starts_on__lte=timezone.localdate(at))


class EmployeeManager(BaseUserManager.from_queryset(EmployeeQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> "Employee":
        """Logins are one whatever their case: Ana and ana are the same person (RFC 7643 userName)."""
        employee: Employee = self.called(username or "").get()
        return employee


@tracked(exclude=["password", "last_login"])
class Employee(AbstractBaseUser):
    """One person, one login. There is no superuser, no group and no stored permission: authority comes from grants in force.

    starts_on, ends_on: first and last day of employment as HR has them (dates, the company's time zone). left_at: the instant at
    which employment was ended here; days after the last day, where HR told late. session_epoch: raised by database triggers on
    whatever ends access; part of the session's hash, so that raising it ends every session for good.
    """

    login = models.CharField(max_length=150)
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254, blank=True)
    worker_type = models.CharField(max_length=20, choices=WorkerType, default=WorkerType.EMPLOYEE)
    job_function = models.ForeignKey(JobFunction, on_delete=models.PROTECT, null=True, blank=True, related_name="employees")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, null=True, blank=True, related_name="employees")
    manager = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0)
    password_rule = models.PositiveSmallIntegerField(
        null=True, help_text="shortest password (characters) that was accepted when this one was set; empty while none is set"
    )

    objects: ClassVar[EmployeeManager] = EmployeeManager()
    USERNAME_FIELD = "login"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    # Statement E.1: no general access. Constants, not columns: nothing can set them.
    is_superuser = False

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("login"), name="one_employee_per_login", violation_error_message="This login is taken."
            ),
            models.CheckConstraint(
                name="employment_ends_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                violation_error_message="Employment cannot end before it starts.",
            ),
            models.CheckConstraint(
                name="nobody_is_their_own_manager",
                condition=Q(manager__isnull=True) | ~Q(manager=F("pk")),
                violation_error_message="Nobody is their own manager.",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="end_of_access_ends_sessions",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__left_at__df=pgtrigger.F("new__left_at"))
                | pgtrigger.Q(old__ends_on__df=pgtrigger.F("new__ends_on"))
                | pgtrigger.Q(old__worker_type__df=pgtrigger.F("new__worker_type")),
                func="NEW.session_epoch = GREATEST(NEW.session_epoch, OLD.session_epoch) + 1; RETURN NEW;",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.login

    def is_employed(self, *, at: datetime) -> bool:
        """Whether this person works here at that instant (see EmployeeQuerySet.employed)."""
        return not self.has_left(at=at) and self.starts_on <= timezone.localdate(at)

    def has_left(self, *, at: datetime) -> bool:
        """Whether employment has ended by that instant; a start that is still to come is no end."""
        ended = self.left_at is not None and self.left_at <= at
        return ended or (self.ends_on is not None and self.ends_on < timezone.localdate(at))

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's question at sign-in and on every request. A property of Django's protocol, so it reads the clock."""
        return self.is_employed(at=timezone.now())  # noqa: TID251

    def afresh(self) -> "Employee":
        """The same person, of whom nobody has asked yet what they may do: the database answers that anew."""
        return Employee(pk=self.pk, starts_on=self.starts_on, ends_on=self.ends_on, left_at=self.left_at)

    @property
    def is_staff(self) -> bool:
        """Everyone with a login works here; what they see is decided by their grants."""
        return self.is_active

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.login

    def get_session_auth_hash(self) -> str:
        return self._hash_with_epoch(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Any:
        for value in super().get_session_auth_fallback_hash():
            yield self._hash_with_epoch(value)

    def _hash_with_epoch(self, value: str) -> str:
        return f"{value}:{self.session_epoch}"

    # Django asks these of every user; the backends answer from grants in force (ACCESS.md, "Authority is computed").
    def has_perm(self, permission: str, obj: object = None) -> bool:
        from django.contrib.auth.models import _user_has_perm  # type: ignore[attr-defined]

        return self.is_active and bool(_user_has_perm(self, permission, obj))

    def has_perms(self, permissions: Any, obj: object = None) -> bool:
        return all(self.has_perm(permission, obj) for permission in permissions)

    def has_module_perms(self, app_label: str) -> bool:
        from django.contrib.auth.models import _user_has_module_perms  # type: ignore[attr-defined]

        return self.is_active and bool(_user_has_module_perms(self, app_label))


class HrEvent(models.TextChoices):
    JOINED = "joined", "joined"
    CHANGED_FUNCTION = "changed_function", "changed function"
    LEFT = "left", "left"
    RETURNED = "returned", "came back"
    STAYS = "stays", "stays after all"


# What is told beforehand has not happened.
AHEAD = {HrEvent.JOINED: "will join", HrEvent.LEFT: "will leave", HrEvent.RETURNED: "will come back"}


class EmploymentEventQuerySet(models.QuerySet["EmploymentEvent"]):
    def standing(self) -> "EmploymentEventQuerySet":
        """Without leavings that a later word overtook before their instant came: moved to another day, or taken back."""
        later = EmploymentEvent.objects.filter(
            employee=OuterRef("employee"), pk__gt=OuterRef("pk"), kind__in=OVERTAKE, known_at__lt=OuterRef("effective_at")
        )
        return self.exclude(Q(kind=HrEvent.LEFT) & Q(Exists(later)))


OVERTAKE = (HrEvent.LEFT, HrEvent.RETURNED, HrEvent.STAYS)


@tracked()
class EmploymentEvent(models.Model):
    """Something HR told us about a person: the instants from which the time to revoke is measured (statement D, E.2).

    known_at: when it reached this house. effective_at: when it takes effect; later than known_at where it was told beforehand.
    """

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="employment_events")
    kind = models.CharField(max_length=20, choices=HrEvent)
    known_at = models.DateTimeField()
    effective_at = models.DateTimeField()
    source = models.CharField(max_length=40, help_text="the door it came through: roster, page, command, scim")
    by = models.ForeignKey(Employee, on_delete=models.PROTECT, null=True, related_name="told_events")
    note = models.TextField(blank=True)

    objects: ClassVar[models.Manager["EmploymentEvent"]] = EmploymentEventQuerySet.as_manager()

    class Meta:
        ordering = ["-known_at", "-pk"]
        indexes = [models.Index(fields=["employee", "-known_at"], name="employment_event_by_person")]

    def __str__(self) -> str:
        return f"{self.employee} {self.get_kind_display()}"

    def said(self, *, at: datetime) -> str:
        """The word for it at that instant: "left", and "will leave" before it takes effect."""
        ahead = AHEAD.get(HrEvent(self.kind)) if self.effective_at > at else None
        return ahead or self.get_kind_display()

    @property
    def clock_starts_at(self) -> datetime:
        """The instant from which access must be gone: the later of when we knew and when it takes effect."""
        return max(self.known_at, self.effective_at)


@tracked()
class Notice(models.Model):
    """A message of this house to somebody who works here: a warning, a reminder, a task. Sent once, by mail.

    key: what it is about and which of its kind ("nda 12 ends 2026-12-01: 14 days"); one notice per person and key. A notice
    that is not needed any more before it was sent is dropped (`dropped_at`). send_at: not before; each refusal of the mail server
    moves it on. sending_at: when a worker began to send it.
    """

    employee = models.ForeignKey(Employee, on_delete=models.PROTECT, related_name="notices")
    key = models.CharField(max_length=200)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    link = models.CharField(max_length=300, blank=True, help_text="path of the page where it is dealt with")
    made_at = models.DateTimeField()
    send_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    failure = models.TextField(blank=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        indexes = [
            models.Index(fields=["send_at"], condition=Q(sent_at__isnull=True, dropped_at__isnull=True), name="notice_to_be_sent")
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["employee", "key"],
                name="a_person_is_told_once",
                violation_error_message="This person was told that already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.subject}"
