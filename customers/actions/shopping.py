"""What invented customers did: orders, payments, visits, opened mails, surveys, contests, posts, referrals."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from django.db import transaction

from customers.canonical import email_key
from customers.classification import Purpose, Source
from customers.encryption import keyed_digest
from customers.models import (
    Address,
    AddressKind,
    Contest,
    ContestEntry,
    Contribution,
    CookieTag,
    Customer,
    EmailOpen,
    Order,
    OrderLine,
    OrderState,
    PaymentMethod,
    Place,
    Referral,
    SiteVisit,
    SurveyEntry,
    TagKind,
)

LAMPS = (
    ("PND-014", "Halo pendant, brass", 329), ("PND-022", "Orchard pendant, smoked glass", 249),
    ("FLR-003", "Arc floor lamp", 489), ("TBL-031", "Pebble table lamp", 129),
    ("SCN-008", "Gallery sconce", 179), ("OUT-012", "Harbor outdoor lantern", 219),
    ("FAN-005", "Breeze ceiling fan, walnut", 559),
    ("BLB-100", "LED bulb, warm, four pack", 32), ("CHD-002", "Cascade chandelier", 1290),
)  # fmt: skip
LETTERS = "abcdefghjkmnpqrstuvwxyz"  # digits would now and then look like a card number, which no column keeps
BRANDS = ("Visa", "Mastercard", "American Express", "Discover")
BROWSERS = ("Firefox 131 on Windows", "Safari 18 on iPhone", "Chrome 130 on Android", "Edge 130 on Windows", "Safari 17 on macOS")
PAGES = ("/", "/pendants/", "/floor-lamps/", "/outdoor/", "/sale/", "/product/PND-014/", "/customer-service/", "/checkout/")
CAMPAIGNS = ("spring-pendants", "summer-outdoor", "autumn-lamps", "holiday-sale", "welcome")
WORDS = (
    ("Halo pendant, brass", "Hung it above the kitchen table. Warm light, and it does not hum."),
    ("Dimmer with LED bulbs", "Which dimmer did you pair with the arc lamp? Mine flickers below a third."),
    ("Harbor lantern in salt air", "Two winters by the sea and no rust so far."),
)
# code, kind, setter, purpose, what for, days it lives, needed for
COOKIES = (
    ("session", TagKind.COOKIE, "lumens", Purpose.OPERATION, "Store session state information", None, "the shopping cart"),
    ("member", TagKind.COOKIE, "lumens", Purpose.OPERATION, "Recognise customers when they return", 365, "signing in"),
    ("chat", TagKind.COOKIE, "chatlane", Purpose.RESPONSE, "Show our service the pages behind a question", 1, "Live Chat"),
    ("pp_id", TagKind.COOKIE, "pagepulse", Purpose.IMPROVEMENT, "Web site usage statistics and checkout information", 395, ""),
    ("mail-open", TagKind.CLEAR_GIF, "lumens", Purpose.MARKETING, "Let us know which e-mails were opened", None, ""),
)  # fmt: skip
# Payments and referrals are encrypted one by one: no more customers than this get a history of their own.
MOST_WITH_A_HISTORY = 1_500


def generate_shopping(*, seed: int, until: datetime, most: int = MOST_WITH_A_HISTORY) -> int:
    """Give the first `most` customers a life as customers, ending at `until`; returns how many have one. Run inside an act."""
    chance = Random(seed + 3)
    customers = list(Customer.objects.order_by("pk")[:most])
    with transaction.atomic():
        _order(customers, chance, until)
        _look_around(customers, chance, until)
        _take_part(customers, chance, until)
        CookieTag.objects.bulk_create(
            CookieTag(
                code=code, kind=kind, setter=setter, purpose=purpose, what_for=what_for, lifetime_days=days,
                needed_for=needed_for, in_use_from=(until - timedelta(days=700)).date(),
            )
            for code, kind, setter, purpose, what_for, days, needed_for in COOKIES
        )  # fmt: skip
    return len(customers)


def _moment(customer: Customer, chance: Random, until: datetime, most_days: int = 720) -> datetime:
    """An instant after the customer came to us, and not after `until`."""
    begin = max(customer.collected_at, until - timedelta(days=most_days))
    return begin + (until - begin) * chance.random()


def _order(customers: Sequence[Customer], chance: Random, until: datetime) -> None:
    homes = {address.customer_id: address for address in Address.objects.filter(kind=AddressKind.MAILING, customer__in=customers)}
    buyers = [customer for customer in customers if customer.source == Source.CUSTOMER and chance.random() < 0.6]
    methods = PaymentMethod.objects.bulk_create(
        PaymentMethod(
            customer=buyer, billing_address=homes.get(buyer.pk), processor="cardwell",
            processor_token="tok_" + "".join(chance.choices(LETTERS, k=20)),
            brand=chance.choice(BRANDS), last_four=f"{chance.randrange(10_000):04}",
            expiry=f"{chance.randrange(1, 13):02}/{until.year + chance.randrange(1, 5)}",
            source=Source.CUSTOMER, collected_at=_moment(buyer, chance, until), purpose=Purpose.ORDERS,
        )
        for buyer in buyers
    )  # fmt: skip
    orders: list[Order] = []
    lines: list[OrderLine] = []
    for method in methods:
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            at = _moment(method.customer, chance, until)
            order = Order(
                number=f"LM-{1_000_000 + len(orders)}", customer=method.customer, payment_method=method,
                shipping_address=homes.get(method.customer_id), state=_state(until - at, chance), subtotal=0, total=0,
                source=Source.CUSTOMER, collected_at=at, purpose=Purpose.ORDERS,
                warranty_until=(at + timedelta(days=730)).date() if chance.random() < 0.7 else None,
            )  # fmt: skip
            for code, name, price in chance.sample(LAMPS, chance.choice((1, 1, 2, 3))):
                line = OrderLine(
                    order=order, item_code=code, item_name=name, quantity=chance.choice((1, 1, 2, 4)), unit_price=price
                )
                order.subtotal += line.quantity * Decimal(price)
                lines.append(line)
            order.tax = (order.subtotal * Decimal("0.0775")).quantize(Decimal("0.01"))
            order.shipping = Decimal(0) if order.subtotal > 199 else Decimal("14.95")
            order.total = order.subtotal + order.tax + order.shipping
            orders.append(order)
    Order.objects.bulk_create(orders)
    OrderLine.objects.bulk_create(lines)


def _state(age: timedelta, chance: Random) -> OrderState:
    if age < timedelta(days=2):
        return OrderState.PLACED
    if age < timedelta(days=6):
        return OrderState.SHIPPED
    return chance.choices([OrderState.DELIVERED, OrderState.RETURNED, OrderState.CANCELLED], [92, 5, 3])[0]


def _look_around(customers: Sequence[Customer], chance: Random, until: datetime) -> None:
    SiteVisit.objects.bulk_create(
        SiteVisit(
            customer=customer, address=f"198.51.{chance.randrange(100, 104)}.{chance.randrange(1, 255)}",
            browser=chance.choice(BROWSERS),
            domain="isp.example", page=chance.choice(PAGES), page_views=chance.randrange(1, 24), signed_in=chance.random() < 0.5,
            source=Source.COLLECTED, collected_at=_moment(customer, chance, until, most_days=380), purpose=Purpose.IMPROVEMENT,
        )
        for customer in customers
        for _ in range(chance.randrange(4))
    )  # fmt: skip
    EmailOpen.objects.bulk_create(
        EmailOpen(
            customer=customer, campaign=chance.choice(CAMPAIGNS), source=Source.COLLECTED, purpose=Purpose.MARKETING,
            sales_amount=Decimal(chance.randrange(40, 900)) if chance.random() < 0.06 else None,
            collected_at=_moment(customer, chance, until, most_days=360),
        )
        for customer in customers
        if customer.email
        for _ in range(chance.randrange(3))
    )  # fmt: skip


def _take_part(customers: Sequence[Customer], chance: Random, until: datetime) -> None:
    with_mail = [customer for customer in customers if customer.email]
    contest = Contest.objects.create(
        code="room-of-the-year", title="Room of the year", closes_on=(until + timedelta(days=20)).date()
    )
    posts, surveys, entries, friends = [], [], [], {}
    for customer in with_mail:
        at = _moment(customer, chance, until, most_days=300)
        who = {"source": Source.CUSTOMER, "collected_at": at}
        digest = keyed_digest(email_key(customer.email), purpose="email")
        if chance.random() < 0.05:
            topic, body = chance.choice(WORDS)
            posts.append(
                Contribution(
                    customer=customer, place=chance.choice(Place.values), topic=topic, body=body, purpose=Purpose.RESPONSE, **who
                )
            )
        if chance.random() < 0.06:
            anonymous = chance.random() < 0.5
            person = (
                {}
                if anonymous
                else {"customer": customer, "name": customer.name, "email": customer.email, "email_digest": digest}
            )
            found, delivery = chance.choice(("yes", "no", "in part")), chance.randrange(1, 6)
            answers = f"Found what you looked for? {found}\nHow was the delivery, of five? {delivery}"
            surveys.append(
                SurveyEntry(
                    survey="after-delivery",
                    anonymous=anonymous,
                    answers=answers,
                    consented_at=at,
                    purpose=Purpose.IMPROVEMENT,
                    **person,
                    **who,
                )
            )
        if chance.random() < 0.04:
            entries.append(
                ContestEntry(
                    contest=contest,
                    customer=customer,
                    name=customer.name,
                    email=customer.email,
                    email_digest=digest,
                    consented_at=at,
                    purpose=Purpose.CONTEST,
                    **who,
                )
            )
        if chance.random() < 0.03:
            friend = f"friend{chance.randrange(10**6)}@mail.example"
            friends[friend] = Referral(
                referrer=customer, friend_name="A friend", friend_email=friend,
                friend_digest=keyed_digest(friend, purpose="email"),
                invited_at=at + timedelta(minutes=2), source=Source.FRIEND, collected_at=at, purpose=Purpose.REFERRAL,
            )  # fmt: skip
    Contribution.objects.bulk_create(posts)
    SurveyEntry.objects.bulk_create(surveys)
    ContestEntry.objects.bulk_create(entries, ignore_conflicts=True)
    Referral.objects.bulk_create(friends.values())
