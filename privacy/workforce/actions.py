"""Verbs about people who work here."""

from privacy.ledger.actions import act
from privacy.workforce.models import Employee


def set_password(employee: Employee, password: str, *, shortest: int, by: Employee | None) -> None:
    """Set a password that the validators accepted; remembers the rule (`shortest`, characters) it was set under.

    Source: statement E.1. Other sessions of this person end, because the password is part of the session's hash.
    """
    with act("set_password", by=by):
        employee.set_password(password)
        employee.password_rule = shortest
        employee.save(update_fields=["password", "password_rule"])
