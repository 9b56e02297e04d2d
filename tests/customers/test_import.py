"""Importing real customers: all of a row or nothing, all of a file or nothing, and the ledger knows."""

import json
import time
import tracemalloc
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from customers.actions import import_customers
from customers.models import Address, Customer
from privacy.ledger.actions import act, stamp_connection
from tests.factories import warm
from tests.factories.customers import CustomerFactory

pytestmark = pytest.mark.django_db
HEADING = "member_id,name,email,phone,line1,line2,city,region,postal_code,country,source,collected_at"
GOOD = (
    'M1,"Zoë O\'Brien, Jr.",Zoe@Mail.Example,(916) 555-0199,2020 L St,LL10,Sacramento,CA,95811,US,customer,'
    "2026-03-02T10:30:00-05:00"
)


def row(**cells):
    usual = {
        "member_id": "M2", "name": "Ana Lee", "email": "ana@mail.example", "phone": "", "line1": "1 Oak St", "line2": "",
        "city": "Reno", "region": "NV", "postal_code": "89501", "country": "US", "source": "customer",
        "collected_at": "2026-03-02",
    }  # fmt: skip
    return ",".join((usual | cells)[column] for column in HEADING.split(","))


def imported(tmp_path, *lines, heading=HEADING, encoding="utf-8", ending="\n", options=()):
    """Exit code and JSON of the command over a file of these lines."""
    path = tmp_path / "customers.csv"
    path.write_bytes(ending.join([heading, *lines, ""]).encode(encoding, "surrogateescape"))
    out = StringIO()
    code = 0
    try:
        call_command("import_customers", str(path), "--json", *options, stdout=out, stderr=StringIO())
    except SystemExit as left:
        code = left.code
    return code, json.loads(out.getvalue())


def test_a_customer_comes_in_whole(tmp_path):
    code, result = imported(tmp_path, GOOD)
    assert (code, result["created"], result["refused_count"]) == (0, 1, 0)
    customer = Customer.objects.get()
    assert (customer.member_id, customer.name) == ("M1", "Zoë O'Brien, Jr.")
    assert (customer.email, customer.email_key, customer.phone) == ("Zoe@Mail.Example", "zoe@mail.example", "+19165550199")
    assert customer.collected_at == datetime(2026, 3, 2, 15, 30, tzinfo=UTC)
    assert (customer.source, customer.purpose) == ("customer", "orders")
    address = Address.objects.get()
    assert (address.customer, address.line1, address.postal_code, address.source) == (customer, "2020 L St", "95811", "customer")


def test_the_ledger_knows_the_act_of_every_row(tmp_path):
    imported(tmp_path, GOOD, row())
    with connection.cursor() as cursor:
        for table in ("customers_customerledgerevent", "customers_addressledgerevent"):
            cursor.execute(f"SELECT c.metadata->>'verb' FROM {table} e LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id")
            assert cursor.fetchall() == [("import_customers",)] * 2


def test_copy_straight_into_a_table_carries_the_act_too():
    with act("by_copy", by=None), connection.cursor() as cursor:
        stamp_connection()
        columns = "member_id, name, email, email_key, phone, preferred_contact, source, source_detail, collected_at, purpose"
        with cursor.copy(f"COPY customers_customer ({columns}) FROM STDIN") as copy:
            copy.write_row(("M9", "Ana", "", "", "", "email", "customer", "", datetime(2026, 1, 1, tzinfo=UTC), "orders"))
        cursor.execute(
            "SELECT c.metadata->>'verb' FROM customers_customerledgerevent e JOIN pghistory_context c ON c.id = e.pgh_context_id"
        )
        assert cursor.fetchall() == [("by_copy",)]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"member_id": ""}, "member_id"),
        ({"member_id": "M 2"}, "member_id"),
        ({"member_id": "M" * 41}, "member_id"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "=HYPERLINK(1)"}, "name"),
        ({"name": "@SUM(1)"}, "name"),
        ({"name": "＝1+1"}, "name"),
        ({"name": "Ana 4111 1111 1111 1111"}, "name"),
        ({"name": "Ana\x00Lee"}, "name"),
        ({"name": "Ana\x1b[31m"}, "name"),
        ({"name": '"Ana\nLee"'}, "name"),
        ({"name": "Ana\u202eeeL"}, "name"),
        ({"email": "ana"}, "email"),
        ({"email": "an\u0430@mail.example"}, "email"),
        ({"email": "=x@b.co"}, "email"),
        ({"email": "x" * 250 + "@mail.example"}, "email"),
        ({"phone": "call me"}, "phone"),
        ({"line2": "4111111111111111"}, "line2"),
        ({"city": "x" * 101}, "city"),
        ({"postal_code": "9" * 21}, "postal_code"),
        ({"country": "USA"}, "country"),
        ({"country": "ZZ"}, "country"),
        ({"country": "UK"}, "country"),
        ({"source": ""}, "source"),
        ({"source": "somewhere"}, "source"),
        ({"collected_at": ""}, "collected_at"),
        ({"collected_at": "yesterday"}, "collected_at"),
        ({"collected_at": "2999-01-01"}, "collected_at"),
        ({"collected_at": "0001-01-01T00:00:00+05:00"}, "collected_at"),
        ({"collected_at": "1899-12-31T23:59:59Z"}, "collected_at"),
    ],
)
def test_a_bad_row_is_refused_by_its_line_and_the_others_are_taken(tmp_path, cells, column):
    code, result = imported(tmp_path, GOOD, row(**cells), row(member_id="M3"))
    assert code == 1
    assert (result["created"], result["refused_count"]) == (2, 1)
    assert (result["refused"][0]["line"], result["refused"][0]["field"]) == (3, column)
    assert sorted(Customer.objects.values_list("member_id", flat=True)) == ["M1", "M3"]
    assert Address.objects.count() == 2


def test_an_instant_of_a_zone_that_the_database_does_not_read_is_taken_like_any_other(tmp_path):
    code, _ = imported(tmp_path, GOOD, row(collected_at="2026-03-02T10:00:00-23:59"))
    assert code == 0
    assert Customer.objects.get(member_id="M2").collected_at == datetime(2026, 3, 3, 9, 59, tzinfo=UTC)


@pytest.mark.parametrize("broken", ["M2,too,short", row() + ",one more", 'M2,"open', 'M2,"a"b,c'])
def test_what_is_not_csv_is_refused_by_its_line(tmp_path, broken):
    code, result = imported(tmp_path, GOOD, broken)
    assert code == 1
    assert result["created"] == 1
    assert result["refused"][0]["line"] == 3


@pytest.mark.parametrize("between", ["", "\n"], ids=["one line", "many lines"])
def test_a_cell_that_is_never_closed_is_refused_by_its_line_and_never_gathered(tmp_path, between):
    path = tmp_path / "customers.csv"
    with path.open("w") as file:
        file.write(f"{HEADING}\n{GOOD}\n")
        file.write('M2,"')
        for _ in range(20 if not between else 1):
            file.write(("lamp " * 200_000) + between)
        file.write(f"\n{row(member_id='M3')}\n")
    tracemalloc.start()
    with path.open("rb") as opened, act("import_customers", by=None):
        result = import_customers(opened, now=timezone.now(), stamp=stamp_connection)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert result.refused[0].line == 3
    assert Customer.objects.filter(member_id="M3").exists()
    assert peak < 10 * 1024 * 1024, f"{peak:,} bytes for a line of {path.stat().st_size:,}"


def test_lines_behind_one_that_is_too_long_keep_their_numbers(tmp_path):
    code, result = imported(tmp_path, GOOD, "x" * 450_000, row(member_id="M3"), row(member_id="M4", country="ZZ"))
    assert [(one["line"], one["field"]) for one in result["refused"]] == [(3, ""), (5, "country")]
    assert "longer than 200,000 characters" in result["refused"][0]["error"]
    assert (code, result["created"]) == (1, 2)


def test_a_row_in_another_encoding_is_refused_by_its_line(tmp_path):
    code, result = imported(tmp_path, GOOD, row(name="Jos\udce9"), row(member_id="M3", name="José"))
    assert code == 1
    assert [(refusal["line"], refusal["field"], refusal["error"]) for refusal in result["refused"]] == [
        (3, "name", "This is not UTF-8.")
    ]
    assert Customer.objects.filter(name="José").exists()


@pytest.mark.parametrize(
    ("heading", "encoding", "says"),
    [
        (HEADING.replace(",source", ""), "utf-8", "columns are missing: source"),
        ("", "utf-8", "columns are missing"),
        (HEADING + ",name", "utf-8", "there twice: name"),
        (HEADING, "utf-16", "not UTF-8"),
        (HEADING.replace(",", ";"), "utf-8", "separated by semicolons"),
        (HEADING.replace(",", "\t"), "utf-8", "separated by tabs"),
    ],
)
def test_a_file_without_the_columns_changes_nothing(tmp_path, heading, encoding, says):
    code, result = imported(tmp_path, row(), heading=heading, encoding=encoding)
    assert code == 2
    assert says in result["error"]
    assert not Customer.objects.exists()


def test_a_missing_file_is_bad_input(tmp_path):
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("import_customers", str(tmp_path / "none.csv"), "--json", stdout=out)
    assert left.value.code == 2
    assert "none.csv" in json.loads(out.getvalue())["error"]


def test_columns_may_stand_in_another_order_and_others_are_left_out(tmp_path):
    path = tmp_path / "customers.csv"
    names = [*reversed(HEADING.split(",")), "shoe_size"]
    cells = dict(zip(HEADING.split(","), row().split(","), strict=True)) | {"shoe_size": "44"}
    path.write_text("\ufeff" + ",".join(names) + "\r\n" + ",".join(cells[name] for name in names) + "\r\n", encoding="utf-8")
    call_command("import_customers", str(path), stdout=StringIO())
    assert Customer.objects.get().email == "ana@mail.example"


def test_importing_again_changes_nothing(tmp_path):
    imported(tmp_path, GOOD, row())
    before = list(Customer.objects.order_by("pk").values())
    code, result = imported(tmp_path, GOOD, row(name="Somebody Else"))
    assert (code, result["created"], result["known"]) == (0, 0, 2)
    assert list(Customer.objects.order_by("pk").values()) == before


def test_a_member_id_twice_in_one_file_is_refused_the_second_time(tmp_path, monkeypatch):
    monkeypatch.setattr("customers.actions.imports.BATCH_ROWS", 2)
    lines = [row(member_id=member) for member in ("A", "A", "B", "C", "B")]
    CustomerFactory(member_id="C")
    code, result = imported(tmp_path, *lines)
    assert code == 1
    assert (result["created"], result["known"], result["refused_count"]) == (2, 1, 2)
    assert [refusal["line"] for refusal in result["refused"]] == [3, 6]


def test_a_trial_run_says_what_would_happen_and_changes_nothing(tmp_path):
    code, result = imported(tmp_path, GOOD, row(email="no"), options=["--dry-run"])
    assert (code, result["created"], result["refused_count"], result["dry_run"]) == (1, 1, 1, True)
    assert not Customer.objects.exists()


def test_an_acquired_name_is_for_marketing_and_one_without_an_address_by_mail_is_called(tmp_path):
    imported(
        tmp_path,
        row(source="acquired"),
        row(member_id="M3", email="", phone="916-555-0123", line1="", city="", region="", postal_code=""),
    )
    assert Customer.objects.get(member_id="M2").purpose == "marketing"
    assert Customer.objects.get(member_id="M3").preferred_contact == "phone"
    assert Address.objects.count() == 1


@pytest.mark.parametrize("part", [{"region": "CA"}, {"line2": "Flat 9"}, {"country": "FR"}], ids=str)
def test_what_is_known_of_an_address_is_kept_however_little(tmp_path, part):
    nothing = dict.fromkeys(("line1", "line2", "city", "region", "postal_code", "country"), "")
    imported(tmp_path, row(**{**nothing, **part}), row(member_id="M3", **nothing))
    kept = Address.objects.get()
    assert {name: getattr(kept, name) for name in part} == part


def test_backslashes_and_quotes_arrive_as_they_were(tmp_path):
    imported(tmp_path, row(name=r"Ana \N \t " "Lee" ""), row(member_id="M3", name='"Ana ""the lamp"" Lee"'))
    assert Customer.objects.get(member_id="M2").name == r"Ana \N \t " "Lee" ""
    assert Customer.objects.get(member_id="M3").name == 'Ana "the lamp" Lee'


def test_the_list_of_refusals_has_an_end_but_the_count_is_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("customers.actions.import_rows.REFUSALS_LISTED", 5)
    _, result = imported(tmp_path, *[row(email="no")] * 20)
    assert (len(result["refused"]), result["refused_count"], result["rows"]) == (5, 20, 20)
    assert result["refused_listed"] == 5, "who reads the list alone is told that it is not whole"


@pytest.mark.slow(10)
@pytest.mark.django_db(transaction=True)
def test_a_killed_import_leaves_nothing(tmp_path):
    path = tmp_path / "many.csv"
    path.write_text("\n".join([HEADING, *(row(member_id=f"M{n}") for n in range(120_000)), ""]))
    process = warm.command("import_customers", str(path))
    try:
        give_up = time.monotonic() + 60
        while time.monotonic() < give_up and process.poll() is None and not _is_importing():
            time.sleep(0.05)
        assert process.poll() is None, process.said()
    finally:
        process.kill()
        process.wait()
    while _is_importing() and time.monotonic() < give_up:
        time.sleep(0.05)
    assert not Customer.objects.exists()
    assert not Address.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_customerledgerevent")
        assert cursor.fetchone() == (0,)


def _is_importing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND query LIKE '%%import_rows%%' AND query NOT LIKE '%%pg_stat_activity%%'"
        )
        return cursor.fetchone()[0] > 0


def test_a_formula_behind_a_blank_and_a_card_number_over_two_cells_are_refused_by_column(tmp_path):
    code, result = imported(
        tmp_path, row(name='" =1+1"'), row(member_id="M3", line1="41111111", line2="11111111"), row(member_id="M4", city=" @home")
    )
    assert [(one["line"], one["field"]) for one in result["refused"]] == [(2, "name"), (3, "line1, line2"), (4, "city")]
    assert code == 1
    assert not Customer.objects.exists()
