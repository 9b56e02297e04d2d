"""Refusals about people who work here. `str()` of each is a sentence for people."""

from typing import Any

from django.utils import timezone


class Refused(Exception):
    """Something about employment was refused."""


class LoginTaken(Refused):
    def __init__(self, login: str) -> None:
        super().__init__(f"The login {login} is taken.")


class LoginImitates(Refused):
    """Approvers and reviewers would take one for the other."""

    def __init__(self, login: str, other: str = "") -> None:
        holds = "letters of another script" if other else "a character that stands for another one"
        super().__init__(f"“{login}” only looks like {f'“{other}”' if other else 'a login'}: it holds {holds}.")


class CardNumberGiven(Refused):
    def __init__(self, what: str) -> None:
        super().__init__(f"The {what} looks like a card number, which is never kept.")


class AddressTaken(Refused):
    """One address is one person's: a link to a new password, and the company's own sign-in, go by it (statement E.1)."""

    def __init__(self, employee: Any, other: Any) -> None:
        super().__init__(
            f"The e-mail address of {employee.login} is that of {other.login}, too, who works here: an address is one person's."
        )


class AlreadyLeft(Refused):
    def __init__(self, employee: Any) -> None:
        when = f" on {timezone.localtime(employee.left_at):%B %-d, %Y}" if employee.left_at else ""
        super().__init__(f"{employee} has left already{when}.")


class StillHere(Refused):
    def __init__(self, employee: Any) -> None:
        super().__init__(f"{employee} works here; there is nothing to take back.")


class LastDayPassed(Refused):
    def __init__(self) -> None:
        super().__init__("The last day has passed, or comes before the first. To end employment at once, say “has left”.")
