"""After migrating: the statement that the company published is the first version."""

from typing import Any

from privacy.statement.actions import install_first_version


def install(sender: Any, **kwargs: Any) -> None:
    """Post the first version once the tables stand."""
    if sender.name == "privacy":
        install_first_version()
