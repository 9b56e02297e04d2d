"""What we hold about customers (statement A, C, H). Text of the tables' own: `str()` of a record never says who it is about."""

from customers.models.forms import Contest, ContestEntry, Contribution, Place, SurveyEntry
from customers.models.keys import KeyMark
from customers.models.orders import Order, OrderLine, OrderState, PaymentMethod
from customers.models.people import Address, AddressKind, ContactChannel, Customer
from customers.models.provenance import Collected
from customers.models.referrals import Referral
from customers.models.site import CookieLink, CookieTag, EmailOpen, SiteVisit, TagKind

__all__ = [
    "Address",
    "AddressKind",
    "Collected",
    "ContactChannel",
    "Contest",
    "ContestEntry",
    "Contribution",
    "CookieLink",
    "CookieTag",
    "Customer",
    "EmailOpen",
    "KeyMark",
    "Order",
    "OrderLine",
    "OrderState",
    "PaymentMethod",
    "Place",
    "Referral",
    "SiteVisit",
    "SurveyEntry",
    "TagKind",
]
