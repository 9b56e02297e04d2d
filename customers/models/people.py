"""Customers and where they live (statement A.1, "Order form", "Demographic information")."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Upper

from customers.cards import no_card_number, refuse_card_number
from customers.classification import Category, Source, classified, holds, plain
from customers.history import tracked
from customers.models.provenance import PROVENANCE, Collected


class ContactChannel(models.TextChoices):
    EMAIL = "email", "e-mail"
    PHONE = "phone", "telephone"


@tracked()
@classified(
    id=plain(),
    member_id=plain(),
    name=holds(Category.CONTACT, keep="customer"),
    email=holds(Category.CONTACT, keep="customer"),
    email_key=holds(Category.CONTACT, source=Source.COMPANY, keep="customer"),
    phone=holds(Category.CONTACT, keep="customer"),
    preferred_contact=plain(),
    **PROVENANCE,
)
class Customer(Collected):
    """A person who buys, or whose address was acquired for mailings.

    member_id: our number for the person, never reused. email: as the person wrote it. email_key: its canonical form
    (`customers.canonical.email_key`), empty without an address; NOT unique, because a household may share one address and two
    people are never merged by it. phone: E.164, or empty.
    """

    member_id = models.CharField(max_length=40)
    name = models.CharField(max_length=200, validators=[refuse_card_number])
    email = models.CharField("e-mail address", max_length=254, blank=True, validators=[refuse_card_number])
    email_key = models.CharField("canonical e-mail address", max_length=254, blank=True, editable=False)
    phone = models.CharField("telephone", max_length=16, blank=True)
    preferred_contact = models.CharField(max_length=10, choices=ContactChannel, default=ContactChannel.EMAIL)

    class Meta(Collected.Meta):
        abstract = False
        indexes = [
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="customer_by_part_of_name"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="customer_by_part_of_email"),
            # Not with "id" behind it: while a long import is under way the planner believes the table empty, and PostgreSQL 18
            # would then check references to customers through such an index by reading all of it, row after row.
            models.Index(Collate(Upper("name"), "C"), name="customer_by_start_of_name"),
            models.Index(fields=["email_key"], name="customer_by_email_key", condition=~Q(email_key="")),
            models.Index(fields=["phone"], name="customer_by_phone", condition=~Q(phone="")),
            # A page of a rare source must not read through millions of the common one; likewise below.
            models.Index(fields=["source", "id"], name="customer_by_rarer_source", condition=~Q(source=Source.CUSTOMER)),
        ]
        constraints = [
            *Collected.Meta.constraints,
            models.UniqueConstraint(
                fields=["member_id"], name="one_customer_per_member_id", violation_error_message="This member id is taken."
            ),
            models.CheckConstraint(
                name="a_customer_has_a_member_id_without_spaces",
                condition=Q(member_id__regex=r"^[A-Za-z0-9._-]+$"),
                violation_error_message="A member id is made of letters, digits, dots, dashes and underscores.",
            ),
            models.CheckConstraint(
                name="a_customers_email_has_its_key",
                condition=Q(email="", email_key="") | ~Q(email="") & ~Q(email_key=""),
                violation_error_message="An e-mail address is kept together with its canonical form.",
            ),
            models.CheckConstraint(
                name="a_customers_phone_is_e164",
                condition=Q(phone="") | Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"),
                violation_error_message="Write the telephone number with its country code, like +18774454486.",
            ),
            models.CheckConstraint(
                name="a_customers_preferred_contact_is_known",
                condition=Q(preferred_contact__in=ContactChannel.values),
                violation_error_message="Customers are answered by e-mail or by telephone.",
            ),
            no_card_number("member_id", "name", "email", "source_detail"),
        ]

    def __str__(self) -> str:
        return self.member_id


class AddressKind(models.TextChoices):
    MAILING = "mailing", "mailing address"
    BILLING = "billing", "billing address"
    SHIPPING = "shipping", "shipping address"


_ADDRESS = holds(Category.CONTACT, keep="customer")


@tracked()
@classified(
    id=plain(),
    customer=plain(),
    kind=plain(),
    recipient=_ADDRESS,
    line1=_ADDRESS,
    line2=_ADDRESS,
    city=_ADDRESS,
    region=holds(Category.DEMOGRAPHIC, keep="customer"),
    postal_code=holds(Category.DEMOGRAPHIC, keep="customer"),
    country=holds(Category.DEMOGRAPHIC, keep="customer"),
    **PROVENANCE,
)
class Address(Collected):
    """Where mail, bills or goods go. One mailing address per customer; any number of the others.

    region: state or province, as posted ("CA"). country: ISO 3166-1 alpha-2. Statement A.1: shippers send corrections; their
    records carry the source "shipper".
    """

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="addresses")
    kind = models.CharField(max_length=10, choices=AddressKind, default=AddressKind.MAILING)
    recipient = models.CharField(max_length=200, blank=True, help_text="when it is not the customer")
    line1 = models.CharField("first line", max_length=200, blank=True, validators=[refuse_card_number])
    line2 = models.CharField("second line", max_length=200, blank=True, validators=[refuse_card_number])
    city = models.CharField(max_length=100, blank=True, validators=[refuse_card_number])
    region = models.CharField(max_length=100, blank=True, validators=[refuse_card_number])
    postal_code = models.CharField(max_length=20, blank=True, validators=[refuse_card_number])
    country = models.CharField(max_length=2, default="US")

    class Meta(Collected.Meta):
        abstract = False
        verbose_name_plural = "addresses"
        indexes = [
            models.Index(fields=["postal_code"], name="address_by_postal_code"),
            models.Index(fields=["source", "id"], name="address_by_rarer_source", condition=~Q(source=Source.CUSTOMER)),
            models.Index(fields=["kind", "id"], name="address_by_rarer_kind", condition=~Q(kind="mailing")),
        ]
        constraints = [
            *Collected.Meta.constraints,
            models.UniqueConstraint(
                fields=["customer"],
                condition=Q(kind="mailing"),
                name="one_mailing_address_per_customer",
                violation_error_message="This customer has a mailing address already.",
            ),
            models.CheckConstraint(
                name="an_address_is_for_mail_bills_or_goods",
                condition=Q(kind__in=AddressKind.values),
                violation_error_message="An address is for mail, for bills or for goods.",
            ),
            models.CheckConstraint(
                name="an_address_names_its_country_by_two_letters",
                condition=Q(country__regex=r"^[A-Z]{2}$"),
                violation_error_message="Write the country as two capital letters (ISO 3166), like US.",
            ),
            no_card_number("recipient", "line1", "line2", "city", "region", "postal_code", "source_detail"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"
