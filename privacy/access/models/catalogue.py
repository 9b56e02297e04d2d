"""The entitlements of this back-office, as data: what each is called and which permissions it gives (ACCESS.md, statement E.2).

In `permissions`, "holding contact" stands for looking at (masked) each table of customers with a column of that category, and
"view customers" stands for looking at each table of that package; `install_catalogue` spells it out.
"""

from dataclasses import dataclass

from customers.classification import SENSITIVE, Category


@dataclass(frozen=True)
class Listed:
    """One entitlement of the catalogue."""

    code: str
    name: str
    permissions: tuple[str, ...]
    sensitive: bool = False
    categories: tuple[Category, ...] = ()


CATALOGUE: tuple[Listed, ...] = (
    Listed(
        "requests.work",
        "work on privacy requests; see customers masked",
        (
            "privacy.work_tickets",
            "view customers",
            "view privacy.tickets",
            "view privacy.mailroom",
            "view privacy.optouts",
        ),
    ),
    Listed("optouts.manage", "record and withdraw opt-outs", ("privacy.manage_optouts", "view privacy.optouts")),
    *(
        Listed(
            f"reveal.{category.value}",
            f"reveal {category.label}, one record at a time",
            (f"customers.reveal_{category.value}", "customers.view_customer", f"holding {category.value}"),
            sensitive=category in SENSITIVE,
            categories=(category,),
        )
        for category in Category
    ),
    Listed(
        "customers.export",
        "export the list of customers",
        ("customers.export_customers", "customers.view_customer"),
        sensitive=True,
        categories=tuple(Category),
    ),
    Listed(
        "sharing.manage",
        "manage third parties, agreements and NDAs",
        ("privacy.manage_sharing", "view privacy.agreements"),
    ),
    Listed(
        "suppression.send",
        "send suppression lists to third parties",
        ("privacy.send_suppression", "view privacy.agreements", "view privacy.optouts"),
    ),
    Listed(
        "access.administer",
        "administer access: approve, revoke, import the roster",
        (
            "privacy.administer_access",
            "privacy.approve_grants",
            "privacy.revoke_grants",
            "privacy.import_roster",
            "view privacy.access",
            "view privacy.workforce",
            "view privacy.agreements",
            "view privacy.programme",
        ),
        sensitive=True,
    ),
    Listed("people.manage", "manage people and their functions", ("privacy.manage_people", "view privacy.workforce")),
    Listed(
        "promises.read",
        "read the promises and their evidence",
        ("privacy.view_promises", "view privacy.promises", "view privacy.statement"),
    ),
    Listed(
        "ledger.read",
        "read the ledger: who changed and who saw what",
        ("privacy.view_ledger", "view privacy.ledger", "view events"),
        sensitive=True,
    ),
    Listed(
        "programme.manage",
        "manage policies, briefings, reviews and threats",
        ("privacy.manage_programme", "view privacy.programme"),
    ),
    Listed("settings.manage", "manage settings and the data map", ("privacy.manage_settings", "view privacy.datamap")),
)

# What the first person needs to run the house: nothing about customers.
ADMINISTRATOR_NEEDS = ("access.administer", "people.manage", "programme.manage", "promises.read", "settings.manage")
