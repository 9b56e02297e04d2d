"""What we hold about customers (statement A, C, H). Text of the tables' own: `str()` of a record never says who it is about."""

from customers.models.forms import Contest, ContestEntry, Contribution, SurveyEntry
from customers.models.orders import Order, OrderLine, PaymentMethod
from customers.models.people import Address, Customer
from customers.models.referrals import Referral
from customers.models.site import CookieLink, CookieTag, EmailOpen, SiteVisit

__all__ = [
    "Address",
    "Contest",
    "ContestEntry",
    "Contribution",
    "CookieLink",
    "CookieTag",
    "Customer",
    "EmailOpen",
    "Order",
    "OrderLine",
    "PaymentMethod",
    "Referral",
    "SiteVisit",
    "SurveyEntry",
]
