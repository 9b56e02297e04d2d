"""Orders and how they were paid (statement A.1, "Shipping or transaction information")."""

from django.db import models
from django.db.models import F, Q

from customers.cards import no_card_number, refuse_card_number
from customers.classification import Category, classified, holds, plain
from customers.encryption import EncryptedTextField
from customers.history import tracked
from customers.models.people import Address, Customer
from customers.models.provenance import PROVENANCE, Collected

_PAYMENT = holds(Category.FINANCIAL, keep="payment")
_PAYMENT_SHOWN = holds(Category.FINANCIAL, keep="payment", sensitive=False)  # as on every receipt
_ORDER = holds(Category.TRANSACTION, keep="order", sensitive=False)


@tracked()
@classified(
    id=plain(),
    customer=plain(),
    billing_address=plain(),
    processor=plain(),
    processor_token=_PAYMENT,
    brand=_PAYMENT_SHOWN,
    last_four=_PAYMENT_SHOWN,
    expiry=_PAYMENT,
    replaced_at=plain(),
    **PROVENANCE,
)
class PaymentMethod(Collected):
    """A card as we may know it: the processor's token stands for the number, which we never hold.

    expiry: "MM/YYYY". replaced_at: when the customer put another in its place.
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="payment_methods")
    billing_address = models.ForeignKey(Address, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    processor = models.SlugField(max_length=40, db_index=False)
    processor_token = EncryptedTextField(card_free=True)
    brand = models.CharField(max_length=20)
    last_four = models.CharField(max_length=4)
    expiry = EncryptedTextField(card_free=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta(Collected.Meta):
        abstract = False
        constraints = [
            *Collected.Meta.constraints,
            models.CheckConstraint(
                name="of_a_card_number_only_the_last_four_are_kept",
                condition=Q(last_four__regex=r"^[0-9]{4}$"),
                violation_error_message="Only the last four digits of a card number are kept.",
            ),
            no_card_number("processor", "brand", "last_four", "source_detail"),
        ]

    def __str__(self) -> str:
        return f"payment method {self.pk}"


class OrderState(models.TextChoices):
    PLACED = "placed", "placed"
    IN_TROUBLE = "in_trouble", "could not be processed"
    SHIPPED = "shipped", "shipped"
    DELIVERED = "delivered", "delivered"
    CANCELLED = "cancelled", "cancelled"
    RETURNED = "returned", "returned"


@tracked()
@classified(
    id=plain(),
    number=plain(),
    customer=plain(),
    shipping_address=plain(),
    payment_method=plain(),
    state=_ORDER,
    subtotal=_ORDER,
    tax=_ORDER,
    shipping=_ORDER,
    total=_ORDER,
    currency=plain(),
    warranty_until=_ORDER,
    **PROVENANCE,
)
class Order(Collected):
    """One purchase. collected_at: when it was placed. Amounts are in `currency`, two decimals.

    Kept as long as tax law asks, and longer while a warranty runs (retention rule "order").
    """

    number = models.CharField(max_length=40, help_text="as on the invoice, like LM-1000042")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="orders")
    shipping_address = models.ForeignKey(Address, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    payment_method = models.ForeignKey(PaymentMethod, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=20, choices=OrderState, default=OrderState.PLACED)
    subtotal = models.DecimalField(max_digits=12, decimal_places=2)
    tax = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    shipping = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    total = models.DecimalField(max_digits=12, decimal_places=2)
    currency = models.CharField(max_length=3, default="USD")
    warranty_until = models.DateField(null=True, blank=True)

    class Meta(Collected.Meta):
        abstract = False
        indexes = [models.Index(fields=["state", "id"], name="order_by_rarer_state", condition=~Q(state="delivered"))]
        constraints = [
            *Collected.Meta.constraints,
            models.UniqueConstraint(
                fields=["number"], name="one_order_per_number", violation_error_message="This order number is taken."
            ),
            models.CheckConstraint(
                name="an_orders_total_is_the_sum_of_its_parts",
                condition=Q(total=F("subtotal") + F("tax") + F("shipping")),
                violation_error_message="The total is the sum of goods, tax and shipping.",
            ),
            models.CheckConstraint(
                name="an_orders_state_is_known",
                condition=Q(state__in=OrderState.values),
                violation_error_message="This is not a state of an order.",
            ),
            no_card_number("number", "source_detail"),
        ]

    def __str__(self) -> str:
        return self.number


@tracked()
@classified(
    id=plain(),
    order=plain(),
    item_code=_ORDER,
    item_name=_ORDER,
    quantity=_ORDER,
    unit_price=_ORDER,
    note=holds(Category.TRANSACTION, keep="order", sensitive=True),
)
class OrderLine(models.Model):
    """One item of an order, as it was called and priced then. note: what the customer asked for ("engrave: ...")."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    item_code = models.CharField(max_length=40)
    item_name = models.CharField(max_length=200)
    quantity = models.PositiveIntegerField()
    unit_price = models.DecimalField(max_digits=12, decimal_places=2)
    note = models.CharField(max_length=500, blank=True, validators=[refuse_card_number])

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="an_order_line_has_at_least_one_item",
                condition=Q(quantity__gte=1),
                violation_error_message="A line of an order has at least one item.",
            ),
            no_card_number("note"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.item_code}"
