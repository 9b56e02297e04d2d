"""Doors of choices: the register for colleagues, the one-click page for everyone, deliveries to third parties."""

from privacy.optouts.views.public import again, one_click
from privacy.optouts.views.register import ask, confirm, deliveries, opt_out, receipt, record, register

__all__ = ["again", "ask", "confirm", "deliveries", "one_click", "opt_out", "receipt", "record", "register"]
