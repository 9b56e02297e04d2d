"""Card numbers are refused wherever they are typed, by the program and by the database alike."""

import sys
import unicodedata

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from customers.cards import READ_FROM, CardNumberRefused, holds_a_card_number, passes_luhn
from customers.models import PaymentMethod
from tests.factories.customers import ContributionFactory, CustomerFactory, OrderFactory, PaymentMethodFactory

CARDS = [
    "4111111111111111",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "4111 – 1111 – 1111 – 1111",
    "my card: 378282246310005, thanks",
    "3782 822463 10005",
    "30569309025904",
    "6304000000000000",
    "2 lamps 4111 1111 1111 1111 12/28",
    "card4111111111111111exp",
    "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
    "４１１１１１１１１１１１１１１１",
    "٤١١١١١١١١١١١١١١١",
    "4111\u00a01111\u00a01111\u00a01111",
    "4111\t1111\t1111\t1111",
    "line one\n4111111111111111\nline three",
    "4111.1111.1111.1111",
    "pay 4111_1111_1111_1111 now",
    "4111/1111/1111/1111",
    "3782.822463.10005",
    "1.4111:1111:1111:1111.9",
    "41111111,11111111",
    "4111. 1111. 1111. 1111",
    "４１１１．4111.1111.1111.1111",
]
OTHERS = [
    "",
    "+1 916 555 0199",
    "+8613800138000",
    "call 916-555-0199 or 877-445-4486",
    "order LM-1000042 of 2026-11-23",
    "4111111111111112",
    "41111111111111110000000",
    "1700000000001",
    "550e8400-e29b-41d4-a716-446655440000",
    "10.0.12.255 4000 3000",
    "12/31/2026 - 01/15/2027",
    "from 27.11.2026 to 31.12.2026",
    "4111.1111.1111.1112",
    "192.168.100.200:4111.1111",
    "1.500.000,00 and 2.500.000,00",
    "2026/11/27 10:00:00.123456",
]


def in_the_database(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT holds_a_card_number(%s)", [text])
        return cursor.fetchone()[0]


@pytest.mark.django_db
@pytest.mark.parametrize("text", CARDS)
def test_a_card_number_is_seen_however_it_is_written(text):
    assert holds_a_card_number(text)
    assert in_the_database(text)


@pytest.mark.django_db
@pytest.mark.parametrize("text", OTHERS)
def test_what_is_no_card_number_is_let_through(text):
    assert not holds_a_card_number(text)
    assert not in_the_database(text)


def _with_check_digit(digits):
    return next(digits + str(last) for last in range(10) if passes_luhn(digits + str(last)))


_pieces = st.one_of(
    st.text(alphabet="0123456789 -+a٤４–\t\n._/,:|", max_size=30),
    st.from_regex(r"[1-9][0-9]{11,19}", fullmatch=True).map(_with_check_digit),
    st.sampled_from(["4111 1111 1111 1111", "3782-822463-10005", "4111111111111111", "4111.1111.1111.1111", "3782/822463/10005"]),
)


@pytest.mark.django_db
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_pieces, max_size=4), st.sampled_from(["", " ", "-", "x", "+", ".", "/"]))
def test_program_and_database_agree_on_what_is_a_card_number(pieces, glue):
    text = glue.join(pieces)
    assert holds_a_card_number(text) == in_the_database(text), text


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["name", "email", "source_detail"])
def test_no_customer_can_be_kept_with_a_card_number_not_even_by_raw_sql(column):
    customer = CustomerFactory()
    with pytest.raises(IntegrityError, match="no_customer_holds_a_card_number"), connection.cursor() as cursor:
        cursor.execute(f"UPDATE customers_customer SET {column} = 'x 4111 1111 1111 1111' WHERE id = %s", [customer.pk])


def test_a_digit_of_any_script_is_read_as_one():
    digits = [c for c in map(chr, range(sys.maxunicode + 1)) if unicodedata.category(c) == "Nd"]
    assert len(digits) > 600
    assert all(holds_a_card_number("411111111111111" + c) for c in digits if unicodedata.digit(c) == 1)
    assert {c for c in digits if not c.isascii()} <= set(READ_FROM)


@pytest.mark.django_db
def test_a_card_number_in_a_chat_is_refused():
    with pytest.raises(IntegrityError, match="no_contribution_holds_a_card_number"), transaction.atomic():
        ContributionFactory(body="please charge 4111-1111-1111-1111")
    ContributionFactory(body="please charge the card that ends in 1111")


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["processor_token", "expiry"])
def test_a_card_number_cannot_hide_in_an_encrypted_column(column):
    with pytest.raises(CardNumberRefused), transaction.atomic():
        PaymentMethodFactory(**{column: "4111111111111111"})
    assert not PaymentMethod.objects.exists()


@pytest.mark.django_db
def test_of_a_card_number_only_four_digits_fit():
    with pytest.raises(IntegrityError, match="of_a_card_number_only_the_last_four_are_kept"):
        PaymentMethodFactory(last_four="42")


@pytest.mark.django_db
def test_a_form_says_why():
    order = OrderFactory.build(customer=CustomerFactory(), number="4111111111111111")
    with pytest.raises(Exception, match="the payment processor holds them"):
        order.full_clean()
