"""Who works in the demonstration company: invented people, as data."""

from dataclasses import dataclass

DEPARTMENTS = {
    "office": "Management",
    "service": "Customer Service",
    "marketing": "Marketing",
    "fulfilment": "Fulfilment",
    "finance": "Finance",
    "it": "Information Technology",
    "merchandising": "Merchandising",
    "people": "Human Resources",
}

# Job function: its name, and the entitlements that it justifies.
FUNCTIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "chief-executive": ("Chief executive", ("promises.read",)),
    "service-agent": ("Customer service agent", ("requests.work", "optouts.manage", "reveal.contact", "reveal.mail")),
    "service-lead": (
        "Customer service lead",
        (
            "requests.work",
            "optouts.manage",
            "reveal.contact",
            "reveal.mail",
            "reveal.transaction",
            "reveal.referral",
            "promises.read",
        ),
    ),
    "privacy-officer": (
        "Privacy officer",
        (
            "requests.work",
            "optouts.manage",
            "reveal.contact",
            "reveal.mail",
            "reveal.forms",
            "reveal.logs",
            "sharing.manage",
            "promises.read",
            "ledger.read",
        ),
    ),
    "marketer": ("Marketing specialist", ("suppression.send", "reveal.demographic")),
    "marketing-lead": ("Marketing lead", ("suppression.send", "sharing.manage", "reveal.demographic", "promises.read")),
    "order-clerk": ("Order clerk", ("reveal.contact", "reveal.transaction")),
    "warehouse-lead": ("Warehouse lead", ("reveal.contact", "reveal.transaction")),
    "accountant": ("Accountant", ("reveal.financial", "reveal.transaction")),
    "finance-lead": ("Finance lead", ("reveal.financial", "reveal.transaction", "promises.read")),
    "security-administrator": (
        "Security administrator",
        ("access.administer", "people.manage", "programme.manage", "promises.read", "settings.manage", "ledger.read"),
    ),
    "developer": ("Web developer", ("reveal.logs",)),
    "database-administrator": ("Database administrator", ("settings.manage", "reveal.logs")),
    "buyer": ("Buyer", ()),
    "hr-partner": ("HR partner", ("people.manage",)),
    "auditor": ("Internal auditor", ("promises.read", "ledger.read")),
}


@dataclass(frozen=True)
class Person:
    """One colleague. years: how long they worked here when the year of the demonstration began; 0 for a new hire."""

    login: str
    name: str
    department: str
    function: str
    manager: str = "grace.okafor"
    years: int = 3
    contractor: bool = False


FOUNDER = Person("walt.brandt", "Walt Brandt", "it", "security-administrator", years=9)
CAST: tuple[Person, ...] = (
    Person("grace.okafor", "Grace Okafor", "office", "chief-executive", manager="", years=11),
    Person("ines.romero", "Inés Romero", "it", "security-administrator", years=4),
    Person("dana.fox", "Dana Fox", "office", "auditor", years=5),
    Person("priya.nair", "Priya Nair", "service", "service-lead", years=6),
    Person("helen.marsh", "Helen Marsh", "service", "privacy-officer", manager="priya.nair", years=5),
    Person("marcus.webb", "Marcus Webb", "service", "service-agent", manager="priya.nair", years=2),
    Person("lucia.ferrer", "Lucía Ferrer", "service", "service-agent", manager="priya.nair", years=1),
    Person("sam.oduya", "Sam Oduya", "service", "service-agent", manager="priya.nair", years=1),
    Person("wren.castle", "Wren Castle", "service", "service-agent", manager="priya.nair", years=0),
    Person("tomas.keller", "Tomáš Keller", "service", "service-agent", manager="priya.nair", years=0, contractor=True),
    Person("abby.lindqvist", "Abby Lindqvist", "service", "service-agent", manager="priya.nair", years=0, contractor=True),
    Person("noel.bright", "Noel Bright", "service", "service-agent", manager="priya.nair", years=2),
    Person("julian.hart", "Julian Hart", "marketing", "marketing-lead", years=7),
    Person("mei.tanaka", "Mei Tanaka", "marketing", "marketer", manager="julian.hart", years=3),
    Person("oscar.lund", "Oscar Lund", "marketing", "marketer", manager="julian.hart", years=1),
    Person("ruth.abara", "Ruth Abara", "marketing", "marketer", manager="julian.hart", years=2),
    Person("kit.morgan", "Kit Morgan", "marketing", "marketer", manager="julian.hart", years=0, contractor=True),
    Person("frank.delaney", "Frank Delaney", "fulfilment", "warehouse-lead", years=8),
    Person("ada.kowalski", "Ada Kowalski", "fulfilment", "order-clerk", manager="frank.delaney", years=4),
    Person("ben.arroyo", "Ben Arroyo", "fulfilment", "order-clerk", manager="frank.delaney", years=2),
    Person("cleo.banks", "Cleo Banks", "fulfilment", "order-clerk", manager="frank.delaney", years=1),
    Person("dev.patel", "Dev Patel", "fulfilment", "order-clerk", manager="frank.delaney", years=0),
    Person("eli.stone", "Eli Stone", "fulfilment", "order-clerk", manager="frank.delaney", years=3),
    Person("leo.vance", "Leo Vance", "fulfilment", "order-clerk", manager="frank.delaney", years=2),
    Person("iris.vogel", "Iris Vogel", "finance", "finance-lead", years=9),
    Person("hugo.martin", "Hugo Martin", "finance", "accountant", manager="iris.vogel", years=4),
    Person("joan.pryce", "Joan Pryce", "finance", "accountant", manager="iris.vogel", years=2),
    Person("lars.eklund", "Lars Eklund", "it", "database-administrator", manager="walt.brandt", years=6),
    Person("nina.cho", "Nina Cho", "it", "developer", manager="walt.brandt", years=3),
    Person("omar.haddad", "Omar Haddad", "it", "developer", manager="walt.brandt", years=1),
    Person("pia.novak", "Pia Novák", "it", "developer", manager="walt.brandt", years=0, contractor=True),
    Person("quinn.reyes", "Quinn Reyes", "merchandising", "buyer", years=5),
    Person("rosa.dubois", "Rosa Dubois", "merchandising", "buyer", manager="quinn.reyes", years=2),
    Person("theo.grant", "Theo Grant", "merchandising", "buyer", manager="quinn.reyes", years=1),
    Person("uma.shah", "Uma Shah", "people", "hr-partner", years=4),
    Person("vera.holm", "Vera Holm", "people", "hr-partner", manager="uma.shah", years=1),
)

# Who decides on requests for which entitlement.
OWNERS = {
    "requests.work": "priya.nair",
    "optouts.manage": "priya.nair",
    "reveal.contact": "helen.marsh",
    "reveal.mail": "helen.marsh",
    "reveal.forms": "helen.marsh",
    "reveal.referral": "helen.marsh",
    "reveal.demographic": "helen.marsh",
    "reveal.transaction": "frank.delaney",
    "reveal.financial": "iris.vogel",
    "reveal.logs": "lars.eklund",
    "sharing.manage": "helen.marsh",
    "suppression.send": "julian.hart",
    "promises.read": "grace.okafor",
}

# day of the year on which it happened, who, what HR said
LEAVERS = (
    (61, "noel.bright", "resigned"),
    (134, "ruth.abara", "resigned"),
    (248, "eli.stone", "retired"),
    (262, "abby.lindqvist", "contract ended"),
)
# The one whose leaving happens as the demonstration is loaded: its time to revoke is measured, not told.
LEAVES_TODAY = "leo.vance"
# The leaver of whom evidence was made, for the auditor to download and check.
EVIDENCE_OF = "abby.lindqvist"
MOVERS = ((97, "cleo.banks", "service-agent"), (203, "theo.grant", "marketer"), (240, "joan.pryce", "buyer"))

DEMONSTRATION_PASSWORD = "glow-lamp-2020"  # noqa: S105  invented people on one's own machine
# login: what the door to the demonstration says about them
LOGINS = {
    "ines.romero": "security administrator: access, reviews, promises",
    "helen.marsh": "privacy officer: requests, opt-outs, sharing, promises",
    "marcus.webb": "customer service: the queue of requests",
    "dana.fox": "auditor: promises and the ledger, read only",
}
