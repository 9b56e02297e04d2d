"""The words of a request: channels, rights, states, outcomes, reasons, events."""

from django.db import models


class TicketChannel(models.TextChoices):
    """How a request reached us (11 CCR 7101: "the manner in which the request was made")."""

    EMAIL = "email", "e-mail"
    PHONE = "phone", "phone"
    POST = "post", "post"
    FAX = "fax", "fax"
    WEB = "web", "web site"
    AGENT = "agent", "authorised agent"


class Regime(models.TextChoices):
    """The law whose clocks a request runs by."""

    CCPA = "ccpa", "California (CCPA)"
    GDPR = "gdpr", "Europe (GDPR)"


class RightKind(models.TextChoices):
    ACCESS_CATEGORIES = "access_categories", "access: categories"
    ACCESS_SPECIFIC = "access_specific", "access: specific pieces"
    CORRECTION = "correction", "correction"
    DELETION = "deletion", "deletion"
    OPT_OUT = "opt_out", "opt-out"
    LIMIT_USE = "limit_use", "limit use of sensitive data"
    REFERRAL_REMOVAL = "referral_removal", "removal of a referred friend"
    PRINTED_STATEMENT = "printed_statement", "printed statement"
    SHINE_THE_LIGHT = "shine_the_light", "recipients of the last year (Shine the Light)"
    QUESTION = "question", "concern or question"


class TicketState(models.TextChoices):
    RECEIVED = "received", "received"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    VERIFYING = "verifying", "verifying"
    VERIFIED = "verified", "verified"
    DECIDED = "decided", "decided"
    FULFILLING = "fulfilling", "fulfilling"
    ANSWERED = "answered", "answered"
    SUPPRESSED = "suppressed", "suppressed"
    PROPAGATING = "propagating", "propagating"
    CONFIRMED = "confirmed", "confirmed"
    CLOSED = "closed", "closed"


# Which state may follow which. Opt-outs skip verifying and deciding; questions and printed statements need neither. Who was
# verified is verified again when it turns out that they are somebody else (`match_person`), at any step until the end.
MAY_FOLLOW: dict[str, frozenset[str]] = {
    TicketState.RECEIVED: frozenset({"acknowledged", "verifying", "answered", "suppressed", "closed"}),
    TicketState.ACKNOWLEDGED: frozenset({"verifying", "answered", "suppressed", "closed"}),
    TicketState.VERIFYING: frozenset({"verified", "closed"}),
    TicketState.VERIFIED: frozenset({"decided", "closed", "verifying"}),
    TicketState.DECIDED: frozenset({"fulfilling", "answered", "closed", "verifying"}),
    TicketState.FULFILLING: frozenset({"answered", "closed", "verifying"}),
    TicketState.ANSWERED: frozenset({"closed", "acknowledged", "verifying"}),
    # Whoever asked for more than the opt-out is verified for the rest.
    TicketState.SUPPRESSED: frozenset({"propagating", "confirmed", "closed", "verifying"}),
    TicketState.PROPAGATING: frozenset({"confirmed", "closed", "verifying"}),
    TicketState.CONFIRMED: frozenset({"closed"}),
    TicketState.CLOSED: frozenset({"acknowledged"}),  # the requester wrote again
}


class Outcome(models.TextChoices):
    FULFILLED = "fulfilled", "fulfilled"
    PARTIAL = "partial", "fulfilled in part"
    DENIED = "denied", "denied"
    WITHDRAWN = "withdrawn", "withdrawn by the requester"
    DUPLICATE = "duplicate", "duplicate of another request"


class DenialReason(models.TextChoices):
    """Why a right was denied (11 CCR 7101: the basis for the denial)."""

    FRAUD = "suspected_fraud", "suspected fraud"
    VERIFICATION = "insufficient_verification", "insufficient verification"
    NO_MATCH = "no_match", "nobody found"
    NOT_COVERED = "claim_not_covered", "claim not covered"
    JURISDICTION = "outside_jurisdiction", "outside the law's reach"
    TOO_MANY = "too_many_requests", "too many requests"
    EXEMPT = "exempt", "exempt (name the statute)"
    CONFLICT = "conflict_of_law", "conflict of law"
    LIKELY_ACCURATE = "likely_accurate", "the data is likely accurate"
    DISPROPORTIONATE = "disproportionate_effort", "disproportionate effort (state the facts)"
    EXCESSIVE = "manifestly_excessive", "manifestly excessive"
    REPEAT = "repeat_correction", "same correction within six months"
    OTHER = "other", "other (say what)"


# Reasons that mean nothing without an explanation.
NEEDS_EXPLANATION = frozenset({DenialReason.EXEMPT, DenialReason.DISPROPORTIONATE, DenialReason.OTHER})


class EventKind(models.TextChoices):
    RECEIVED = "received", "received"
    ACKNOWLEDGED = "acknowledged", "acknowledged"
    CLAIMED = "claimed", "claimed"
    RELEASED = "released", "released"
    HANDED_OVER = "handed_over", "handed over"
    COMMENT = "comment", "comment"
    MESSAGE = "message", "message from the requester"
    REPLY = "reply", "reply to the requester"
    EXTENDED = "extended", "extended"
    PAUSED = "paused", "paused"
    RESUMED = "resumed", "resumed"
    MATCHED = "matched", "person matched"
    KIND_CHANGED = "kind_changed", "kind changed"
    STATE = "state", "state changed"
    RIGHT_ENDED = "right_ended", "right answered"
    CLOSED = "closed", "closed"
    REOPENED = "reopened", "reopened"
