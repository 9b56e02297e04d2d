"""The list of customers at five million rows: every page and search against the bare SQL of the same page.

Two measures of bareness, because a page that costs the database half a millisecond is all web server: the SQL alone, and the SQL
through the same stack (session, grants in force, middleware), answered as plain text by a view of two lines.
"""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path

from bench.company import fill
from bench.ratio import Ratio, interleaved, milliseconds
from customers.doors.pages import staff_page
from privacy.access import policies

FULL = 5_000_000
LIST = "/admin/customers/customer/"
TIMES = 15
COLUMNS = "id, member_id, name, email, phone, preferred_contact, source, collected_at"
CEILING_MS = 35

_bare: tuple[str, list[Any]] = ("SELECT 1", [])


def rows_of(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


@staff_page("customers.view_customer")
def bare_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("\n".join(map(str, rows_of(*_bare))), content_type="text/plain")


urlpatterns = [path("bare/", bare_page), path("", include("lumens_admin.urls"))]


def run(scale: float) -> list[Ratio]:
    count = max(60_000, int(FULL * scale))
    fill(count)
    with override_settings(ROOT_URLCONF="bench.changelist", ALLOWED_HOSTS=["testserver"], SECURE_SSL_REDIRECT=False):
        return _measure(_signed_in())


def _signed_in() -> Client:
    from tests.factories.access import grant, sign_in
    from tests.factories.workforce import EmployeeFactory

    employee = EmployeeFactory(login=f"bench{milliseconds(lambda: None):.9f}")
    grant(employee, "requests.work", "reveal.contact")
    policies.SEARCHES_PER_MINUTE = policies.SEARCHES_PER_HOUR = 1_000_000  # nobody measures at the pace of people
    return sign_in(Client(), employee)


def _measure(client: Client) -> list[Ratio]:
    first = f"SELECT {COLUMNS} FROM customers_customer"
    deep = rows_of("SELECT id FROM customers_customer ORDER BY id DESC OFFSET 49949 LIMIT 1", [])[0][0]
    one = rows_of(
        "SELECT member_id, email, phone FROM customers_customer"
        " WHERE id < %s AND email <> '' AND phone <> '' ORDER BY id DESC LIMIT 1",
        [deep],
    )[0]
    part = f"{first} WHERE upper(name) LIKE upper(%s) OR upper(email) LIKE upper(%s) ORDER BY id DESC LIMIT 51"
    cases: list[tuple[str, Callable[[], Any], tuple[str, list[Any]]]] = [
        ("first page", _get(client, LIST), (f"{first} ORDER BY id DESC LIMIT 51", [])),
        ("page 1000, by key", _get(client, f"{LIST}?after={deep}"), (f"{first} WHERE id < %s ORDER BY id DESC LIMIT 51", [deep])),
        ("page 1000, by number", _get(client, f"{LIST}?page=1000"), (f"{first} ORDER BY id DESC OFFSET 49950 LIMIT 51", [])),
        ("filtered page", _get(client, f"{LIST}?source=acquired"),
         (f"{first} WHERE source = 'acquired' ORDER BY id DESC LIMIT 51", [])),
        ("filtered page, nobody", _get(client, f"{LIST}?source=friend"),
         (f"{first} WHERE source = 'friend' ORDER BY id DESC LIMIT 51", [])),
        *((f"part of a name: {asked}", _search(client, asked), (part, [f"%{asked}%"] * 2))
          for asked in ("smith", "gonzal", "villanueva", "xqz")),
        ("part of a name: maria gon", _search(client, "maria gon"),
         (f"{first} WHERE upper(name) LIKE upper(%s) ORDER BY id DESC LIMIT 51", ["%maria gon%"])),
        ("part of an e-mail: ramsey27", _search(client, "ramsey27"), (part, ["%ramsey27%"] * 2)),
        ("part of an e-mail: ramsey2701@", _search(client, "ramsey2701@"),
         (f"{first} WHERE upper(email) LIKE upper(%s) ORDER BY id DESC LIMIT 51", ["%ramsey2701@%"])),
        ("exact e-mail", _search(client, one[1]), (f"{first} WHERE email_key = lower(%s) LIMIT 51", [one[1]])),
        ("exact telephone", _search(client, one[2]), (f"{first} WHERE phone = %s LIMIT 51", [one[2]])),
        ("member id", _search(client, one[0]), (f"{first} WHERE member_id = %s", [one[0]])),
        ("two letters: al", _search(client, "al"),
         (f"{first} WHERE upper(name) COLLATE \"C\" LIKE 'AL%%' ORDER BY upper(name) COLLATE \"C\", id LIMIT 51", [])),
        ("two letters, no hit: qx", _search(client, "qx"),
         (f"{first} WHERE upper(name) COLLATE \"C\" LIKE 'QX%%' ORDER BY upper(name) COLLATE \"C\", id LIMIT 51", [])),
    ]  # fmt: skip
    found = []
    for what, ours, bare in cases:
        found.append(_line(client, what, ours, bare))
    return found


def _line(client: Client, what: str, ours: Callable[[], Any], bare: tuple[str, list[Any]]) -> Ratio:
    global _bare
    _bare = bare
    took, sql_alone = interleaved(ours, lambda: rows_of(*bare), times=TIMES)
    same_stack = milliseconds(_get(client, "/bare/"), times=TIMES)
    return Ratio(
        what,
        took,
        same_stack,
        goal=5,
        ceiling_ms=CEILING_MS,
        remark=f"the SQL alone: {sql_alone:.1f} ms, {took / sql_alone:.1f}x",
    )


def _get(client: Client, address: str) -> Callable[[], Any]:
    def get() -> None:
        answer = client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)

    return get


def _search(client: Client, asked: str) -> Callable[[], Any]:
    def post() -> None:
        answer = client.post(LIST, {"asked": asked})
        assert answer.status_code == 200, (asked, answer.status_code)

    return post
