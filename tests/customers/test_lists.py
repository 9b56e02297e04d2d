"""Lists and searches of customers: masked, by key, bounded, and written down."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from customers import queries
from customers.actions import generate_customers
from customers.actions.shopping import generate_shopping
from customers.models import Address, Customer, PaymentMethod
from customers.queries import TooSlow, page_of, search_customers
from privacy.access import policies
from privacy.ledger.actions import act
from privacy.models import DeniedAttempt, Notice, RecordedRead
from tests.factories.access import grant, sign_in
from tests.factories.customers import (
    COLLECTED_AT,
    AddressFactory,
    CustomerFactory,
    OrderFactory,
    PaymentMethodFactory,
    SiteVisitFactory,
)
from tests.factories.workforce import EmployeeFactory

pytestmark = [pytest.mark.slow(19), pytest.mark.django_db]
LIST = "/admin/customers/customer/"


@pytest.fixture
def colleague():
    employee = EmployeeFactory()
    grant(employee, "requests.work", "reveal.contact")
    return employee


@pytest.fixture
def desk(client, colleague):
    return sign_in(client, colleague)


@pytest.fixture
def maria():
    customer = CustomerFactory(
        member_id="LM7", name="Maria Xiomara Gonzalez", email="Maria.Secret@lamps.example", phone="+19165550142"
    )
    AddressFactory(customer=customer, line1="77 Hidden Lane", city="Fernley", postal_code="89408")
    PaymentMethodFactory(customer=customer, last_four="4242", expiry="09/2031", processor_token="tok_hidden")
    return customer


def text(answer):
    answer.render() if hasattr(answer, "render") and not answer.is_rendered else None
    return answer.content.decode()


SECRETS = [
    "Maria",
    "Xiomara",
    "Gonzalez",
    "Secret",
    "lamps.example",
    "9165550142",
    "77 Hidden",
    "Fernley",
    "89408",
    "tok_hidden",
    "2031",
]


def test_a_list_shows_masks_and_nothing_else(desk, maria):
    page = text(desk.get(LIST))
    assert "M••• X••• G•••" in page
    assert "M•••@l•••.example" in page
    assert "•••• ••42" in page
    assert "LM7" in page
    assert not [secret for secret in SECRETS if secret in page]


@pytest.mark.parametrize("table", ["address", "paymentmethod", "order", "orderline", "surveyentry", "contest", "contestentry",
                                   "contribution", "sitevisit", "cookietag", "cookielink", "emailopen", "referral"])  # fmt: skip
def test_every_table_has_its_masked_list(desk, maria, table):
    SiteVisitFactory(customer=maria, address="203.0.113.9", page="/secret/")
    answer = desk.get(f"/admin/customers/{table}/")
    assert answer.status_code == 200
    page = text(answer)
    assert not [secret for secret in [*SECRETS, "113.9", "/secret/"] if secret in page]


def test_one_record_is_masked_by_category(desk, maria):
    for record in (maria, maria.addresses.get(), maria.payment_methods.get()):
        page = text(desk.get(f"/admin/customers/{record._meta.model_name}/{record.pk}/change/"))
        assert not [secret for secret in SECRETS if secret in page]
    assert "•••• 4242" in page


def test_a_card_on_a_phone_keeps_the_name_and_what_tells_two_people_apart(desk, maria):
    row = text(desk.get(LIST)).split("<tbody data-list>")[1].split("</tr>")[0]
    shown = [strip_tags(f"<td{cell}") for cell in row.split("<td")[1:] if 'class="spare"' not in cell]
    assert shown == ["LM7", "M••• X••• G•••", "M•••@l•••.example", "•••• ••42"]


def test_a_record_leads_back_to_its_table_and_to_the_person_it_is_about(desk, maria):
    page = text(desk.get(f"/admin/customers/address/{maria.addresses.get().pk}/change/"))
    assert 'href="/admin/customers/address/"' in page
    assert f'href="{reverse("desk:person", args=[maria.pk])}"' in page


def test_ordering_and_filters_of_masked_columns_are_not_offered_by_any_address(desk, maria):
    CustomerFactory(member_id="LM8", name="Aaron")
    plain = re.findall(r">(LM\d+)<", text(desk.get(LIST)))
    for address in ("?o=2", "?name=Aaron", "?name__startswith=A", "?email__contains=secret", "?q=Aaron", "?order=name", "?e=1"):
        assert re.findall(r">(LM\d+)<", text(desk.get(LIST + address))) == plain


def test_filters_take_only_the_values_they_offer(desk, maria):
    CustomerFactory(member_id="LM8", source="acquired")
    assert re.findall(r">(LM\d+)<", text(desk.get(f"{LIST}?source=acquired"))) == ["LM8"]
    assert len(re.findall(r">(LM\d+)<", text(desk.get(f"{LIST}?source=%27%20OR%201=1")))) == 2


def test_without_a_grant_there_is_no_list_no_record_no_search(client, maria):
    signed_in = sign_in(client, EmployeeFactory())
    for answer in (
        signed_in.get(LIST),
        signed_in.post(LIST, {"asked": "maria"}),
        signed_in.get(f"{LIST}{maria.pk}/change/"),
        signed_in.get(f"{LIST}{maria.pk}/history/"),
        signed_in.get("/admin/customers/address/"),
    ):
        assert answer.status_code == 403
    assert Client().get(LIST).status_code == 302


def test_nothing_is_changed_through_the_tables(desk, maria):
    for address in (f"{LIST}add/", f"{LIST}{maria.pk}/delete/"):
        assert desk.get(address).status_code == 403
        assert desk.post(address, {"name": "x"}).status_code == 403
    assert desk.post(f"{LIST}{maria.pk}/change/", {"name": "x"}).status_code == 403
    assert desk.post("/admin/customers/address/", {"action": "delete_selected"}).status_code == 405
    maria.refresh_from_db()
    assert maria.name == "Maria Xiomara Gonzalez"


@pytest.mark.parametrize("key", ["0", "999999999999999999", "1e3", "٣", "-1", "x", "9" * 19])
def test_a_key_that_leads_nowhere_is_not_found(desk, key):
    assert desk.get(f"{LIST}{key}/change/").status_code == 404


@pytest.mark.parametrize("asked", ["xiomara", "GONZALEZ", "maria xio", "secret@lam", "Maria.Secret@LAMPS.example",
                                   "(916) 555-0142", "+1 916 555 0142", "LM7", "lm7", "ma", "M"])  # fmt: skip
def test_a_customer_is_found_by_what_a_colleague_knows(desk, maria, asked):
    CustomerFactory.create_batch(3, name="Zed Other", email="", email_key="", phone="")
    page = text(desk.post(LIST, {"asked": asked}))
    assert re.findall(r">(LM\d+)<", page) == ["LM7"]
    assert not [secret for secret in SECRETS if secret in page.replace(f'value="{asked}"', "")]


@pytest.mark.parametrize(
    "asked", ["%", "_", "%%%", "\\", "'", "';--", "\x00", "𝕏" * 50, "x" * 5000, "(((((((", "@", "a@", "+", "."]
)
def test_odd_searches_find_nobody_and_break_nothing(desk, maria, asked):
    answer = desk.post(LIST, {"asked": asked})
    assert answer.status_code == 200
    assert not re.findall(r">(LM7)<", text(answer)) or not asked.strip("\x00 ")


def test_every_search_is_written_down_without_what_was_asked(desk, colleague, maria):
    desk.post(LIST, {"asked": "xiomara"})
    read = RecordedRead.objects.get()
    assert (read.kind, read.by, read.rows_seen) == ("search", colleague, 1)
    assert "xiomara" not in read.subject.lower()


def test_a_search_that_cannot_be_written_down_shows_nothing(desk, maria, monkeypatch):
    def cannot(*args, **kwargs):
        raise RuntimeError("the ledger is full")

    monkeypatch.setattr("privacy.access.actions.reading.record_read", cannot)
    desk.raise_request_exception = False
    answer = desk.post(LIST, {"asked": "xiomara"})
    assert answer.status_code == 500
    assert b"LM7" not in answer.content


def test_what_is_searched_for_stands_in_no_address(desk, maria):
    page = text(desk.post(LIST, {"asked": "xiomara"}))
    assert not [link for link in re.findall(r'(?:href|action)="([^"]*)"', page) if "xiomara" in link]


def test_pages_follow_each_other_without_gap_or_overlap():
    for number in range(25):
        CustomerFactory(member_id=f"P{number:02}")
    everything = [row[1] for row in page_of(Customer.objects.all(), ["member_id"], size=100).rows]
    seen, after = [], None
    while True:
        page = page_of(Customer.objects.all(), ["member_id"], after=after, size=10)
        seen += [row[1] for row in page.rows]
        after = page.following
        if after is None:
            break
    assert seen == everything == [f"P{number:02}" for number in reversed(range(25))]
    second = page_of(Customer.objects.all(), ["member_id"], page=2, size=10)
    assert [row[1] for row in second.rows] == everything[10:20]
    back = page_of(Customer.objects.all(), ["member_id"], before=second.rows[0][0], size=10)
    assert [row[1] for row in back.rows] == everything[:10]
    assert page_of(Customer.objects.all(), ["member_id"], page=999, size=10).rows == ()


@pytest.mark.parametrize("asked", ["xiomara", "mar", "m", "Maria Xiomara Gonzale", "maria.", "secret@", "9165550", "1916555014"])
def test_who_may_not_reveal_contact_data_spells_nothing_out_by_searching(maria, asked):
    """Letter by letter, what is found would say what is masked."""
    looker = EmployeeFactory()
    grant(looker, "requests.work")
    signed_in = sign_in(Client(), looker)
    page = text(signed_in.post(LIST, {"asked": asked}))
    assert "LM7" not in page
    assert "ask by the whole name" in page
    assert "LM7" not in text(signed_in.post(reverse("desk:search"), {"asked": asked}))


@pytest.mark.parametrize("asked", ["MARIA xiomara GONZALEZ", "maria.SECRET@lamps.example", "(916) 555-0142", "LM7"])
def test_whom_a_customer_names_in_full_is_found_by_everybody_who_works_on_requests(maria, asked):
    looker = EmployeeFactory()
    grant(looker, "requests.work")
    assert "LM7" in text(sign_in(Client(), looker).post(LIST, {"asked": asked}))


def test_who_searches_without_end_is_refused_and_the_administrators_are_told(desk, colleague, maria):
    keeper = EmployeeFactory()
    grant(keeper, "access.administer")
    for number in range(policies.SEARCHES_PER_MINUTE):
        assert desk.post([LIST, reverse("desk:search")][number % 2], {"asked": f"nobody {number}"}).status_code == 200
    for door in (LIST, reverse("desk:search")):
        with CaptureQueriesContext(connection) as queries:
            page = text(desk.post(door, {"asked": "LM7"}))
        assert not [one for one in queries if "LM7" in one["sql"]]  # nor does it cost the database a search
        assert "Too many searches" in page
        assert not re.findall(r">(LM7)<", page)
    assert DeniedAttempt.objects.filter(employee=colleague, kind="too_many").count() == 2
    assert Notice.objects.get(employee=keeper).subject == f"{colleague} was refused further searches"
    assert RecordedRead.objects.filter(kind="search").count() == policies.SEARCHES_PER_MINUTE


@pytest.mark.parametrize("asked", ["gonzalez", "al", "smith", "j", "zoë", "example", "12"])
def test_a_search_by_pages_finds_what_a_plain_search_finds(asked, monkeypatch):
    monkeypatch.setattr(queries, "PROBED_ROWS", 40)
    generate_customers(1_500, seed=5, until=COLLECTED_AT, stamp=lambda: None)
    if len(asked) > 2:
        expected = set(Customer.objects.filter(name__icontains=asked).values_list("pk", flat=True))
        expected |= set(Customer.objects.filter(email__icontains=asked).values_list("pk", flat=True))
    else:
        expected = set(Customer.objects.filter(name__istartswith=asked).values_list("pk", flat=True))
    found, after = [], None
    for _ in range(200):
        page = search_customers(asked, ["member_id"], by_parts=True, after=after, size=20)
        found += [row[0] for row in page.rows]
        after = page.following
        if after is None:
            break
    assert len(found) == len(set(found))
    assert set(found) == expected


def test_a_search_that_takes_too_long_is_stopped_and_says_what_helps(desk, maria, monkeypatch):
    monkeypatch.setattr(queries, "_by_part", lambda *args: _sleep())
    monkeypatch.setattr(queries, "LONGEST_SEARCH_MS", 50)
    with pytest.raises(TooSlow, match="Add a letter"):
        search_customers("gonzalez", ["member_id"], by_parts=True)
    assert "Add a letter" in text(desk.post(LIST, {"asked": "gonzalez"}))
    assert Customer.objects.count() == 1


def _sleep():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(5)")


def test_a_page_costs_the_same_queries_however_many_rows(desk):
    CustomerFactory.create_batch(2)
    desk.get(LIST)
    with CaptureQueriesContext(
        connection,
    ) as few:
        desk.get(LIST)
    CustomerFactory.create_batch(45)
    with CaptureQueriesContext(connection) as many:
        desk.get(LIST)
    assert len(many) == len(few)
    with CaptureQueriesContext(connection) as none:
        desk.get("/admin/customers/address/")
    AddressFactory.create_batch(20)
    with CaptureQueriesContext(connection) as twenty:
        desk.get("/admin/customers/address/")
    assert len(twenty) == len(none)


def test_the_same_seed_makes_the_same_people_and_all_of_them_can_be_kept():
    def made():
        generate_customers(3_000, seed=11, until=COLLECTED_AT, stamp=lambda: None)
        rows = list(Customer.objects.order_by("pk").values_list("name", "email", "email_key", "phone", "collected_at"))
        rows += Address.objects.order_by("pk").values_list("line1", "line2", "city", "postal_code")
        Customer.objects.all().delete()
        return rows

    first = made()
    assert len(first) == 6_000
    assert first == made()
    people = first[:3_000]
    assert any(not row[0].isascii() for row in people)
    assert 0 < sum(row[1] == "" for row in people) < 300
    assert all(row[1] == "" or row[1].endswith(".example") for row in people)
    assert all(row[3] == "" or re.fullmatch(r"\+1\d{3}555\d{4}", row[3]) for row in people)


@pytest.mark.parametrize("count", [200, 300])
def test_what_few_invented_customers_do_can_be_kept_too(count):
    """A token of theirs once looked like a card number, and no column keeps one."""
    generate_customers(count, seed=1, until=COLLECTED_AT, stamp=lambda: None)
    with act("test", by=None):
        generate_shopping(seed=1, until=COLLECTED_AT)
    tokens = [method.processor_token for method in PaymentMethod.objects.all()]
    assert tokens
    assert all(re.fullmatch(r"tok_[a-z]{20}", token) for token in tokens)


def test_one_altered_value_hides_nobody_elses_record(desk, colleague, maria):
    """A byte was changed beneath the house: the value is refused, and every page goes on (ASVS 11.3.3, 16.5.2)."""
    grant(colleague, "reveal.financial")
    method = PaymentMethod.objects.get()
    order = OrderFactory(customer=maria, payment_method=method)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true)")
        cursor.execute("UPDATE customers_paymentmethod SET expiry = set_byte(expiry, 30, get_byte(expiry, 30) # 1)")
        cursor.execute("SELECT set_config('session_replication_role', 'origin', true)")
    for address in (
        "/admin/customers/paymentmethod/",
        f"/admin/customers/paymentmethod/{method.pk}/change/",
        "/admin/customers/order/",
        f"/admin/customers/order/{order.pk}/change/",
        reverse("desk:person", args=[maria.pk]),
    ):
        assert desk.get(address).status_code == 200, address
    assert desk.get(f"/admin/customers/paymentmethod/{method.pk}/delete/").status_code == 403
    asked = {"subject": "customers.paymentmethod", "pk": method.pk, "category": "financial", "reason": "the card failed"}
    answer = desk.post(reverse("access:reveal"), asked)
    assert answer.status_code == 500
    assert "cannot be decrypted" in text(answer)
    assert RecordedRead.objects.filter(kind="reveal").count() == 1
