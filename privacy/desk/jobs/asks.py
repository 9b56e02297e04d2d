"""What customers of the demonstration company write and say in its year, and how far each request has come."""

from dataclasses import dataclass

from privacy.desk.jobs.people import YEAR
from privacy.tickets.models import RightKind

UNSUBSCRIBES = (
    "Unsubscribe",
    "unsubscribe",
    "Re: New pendants, 20% off this week",
    "UNSUBSCRIBE",
    "Re: unsubscribe",
    "Stop",
    "remove",
)
VERIFIED_HOW = "two facts matched: postal code and the number of the last order"
VERIFIED_FOR_PIECES = "three facts matched: postal code, number and total of the last order; declaration signed"


@dataclass(frozen=True)
class Ask:
    """What a customer writes, and the right that a colleague reads from it."""

    kind: RightKind
    subject: str
    text: str


ASKS = (
    Ask(RightKind.ACCESS_SPECIFIC, "My data", "Hello,\nplease send me everything you hold about me.\nThank you"),
    Ask(RightKind.DELETION, "Delete my account", "Please delete my account and all of my personal information."),
    Ask(
        RightKind.CORRECTION,
        "Wrong street",
        "We moved in spring. The house number on my account is still the old one, please correct it.",
    ),
    Ask(
        RightKind.QUESTION,
        "Who gets my address?",
        "I bought one lamp and now I get catalogs from a magazine. Do you share my address with others?",
    ),
    Ask(
        RightKind.PRINTED_STATEMENT,
        "Printed privacy statement",
        "Could you mail me a printed version of your privacy statement? I don't read on screens.",
    ),
    Ask(
        RightKind.ACCESS_CATEGORIES,
        "What kinds of data",
        "Which categories of information do you collect about me, and from where?",
    ),
    Ask(
        RightKind.REFERRAL_REMOVAL,
        "Please remove me",
        "A friend gave you my name for a referral. I never asked for this; take my address out of your database.",
    ),
    Ask(
        RightKind.SHINE_THE_LIGHT,
        "Shine the Light request",
        "I am a California resident. Which third parties received my information for their marketing last year?",
    ),
    Ask(
        RightKind.QUESTION,
        "Is my card stored?",
        "Do you keep my credit card number after an order? I would like to know before I order again.",
    ),
    Ask(RightKind.DELETION, "Right to be forgotten", "I no longer shop with you. Erase what you have about me, please."),
)

DONE, EXTENDED = 7, 8
# days ago, which of ASKS, how many steps were taken: one of each state, and one that is due in three days
LATELY = (
    (42, 0, 6), (38, 5, EXTENDED), (33, 1, DONE), (30, 2, DONE), (27, 6, DONE), (26, 3, DONE), (24, 9, 5),
    (21, 4, DONE), (20, 0, 4), (17, 8, DONE), (14, 2, 4), (12, 7, DONE), (10, 5, 3), (8, 1, 3),
    (7, 3, 6), (6, 9, 2), (5, 4, 2), (4, 0, 1), (3, 8, 1),
    (2, 6, 0),
    (1, 3, 0), (1, 1, 0), (0, 0, 0), (0, 8, 0),
)  # fmt: skip
# day of the year, channel, steps
CALLS = (
    (120, "phone", DONE), (190, "post", DONE), (260, "fax", DONE), (YEAR - 26, "phone", 5), (YEAR - 12, "post", 2),
    (YEAR - 2, "phone", 1), (YEAR - 1, "phone", 0),
)  # fmt: skip
