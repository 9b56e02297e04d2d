"""Every address, and who may open it (ASVS 8.2.1). An address that no matrix names fails."""

import pkgutil
import re
from importlib import import_module

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, resolve, reverse

from customers.doors.pages import PUBLIC, SIGNED_IN
from tests.factories.workforce import EmployeeFactory
from tests.house import matrix

pytestmark = pytest.mark.slow(40)

ADMIN = "admin"
MATRIX: dict[str, str] = {}
for _module in pkgutil.iter_modules(matrix.__path__):
    MATRIX.update(import_module(f"tests.house.matrix.{_module.name}").URLS)


def addresses(resolver=None, namespace=""):
    """(name with namespace, pattern) of every address of the house, the stock admin's tables left to their own test."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from addresses(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name or entry.pattern}", entry


ALL = sorted(dict(addresses()).items())
OURS = [(name, pattern) for name, pattern in ALL if not name.startswith("admin:")]
OPEN_IN_THE_ADMIN = {
    f"admin:{name}" for name in ("index", "logout", "login", "jsi18n", "password_change", "password_change_done")
}


def routes(resolver=None, before="", namespace=""):
    """(namespace, whole route, pattern) of every address of the house: none is hidden by another of the same name."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route, namespace or entry.namespace or "")
        else:
            yield namespace, route, entry


def address_of(route: str) -> str:
    """An address that this route answers: keys are ones that nothing has; of a list of words, the first."""
    route = re.sub(r"<int:\w+>", "999999", route)
    route = re.sub(r"<path:\w+>", "999999", route)
    route = re.sub(r"<(?:str:|slug:)?\w+>/", "nothing/", route)
    route = re.sub(r"\(\?P<\w+>(\w+)[\w|]*\)", r"\1", route)
    route = re.sub(r"\(\?P<\w+>[^)]*\)", "nothing", route)
    return "/" + route.replace("^", "").replace("$", "")


STOCK = [(route, pattern) for namespace, route, pattern in routes() if namespace == ADMIN]
CLOSED = [(route, pattern) for route, pattern in STOCK if f"admin:{pattern.name}" not in OPEN_IN_THE_ADMIN]


def example(name: str) -> str:
    """Some address of that name: keys are filled with ones that nothing has."""
    for kwargs in _guesses():
        try:
            return reverse(name, kwargs=kwargs) if isinstance(kwargs, dict) else reverse(name, args=kwargs)
        except NoReverseMatch:
            continue
    raise AssertionError(f"no example address for {name}: add its arguments to _guesses")


def _guesses():
    number, text = 999_999, "nothing"
    yield {}
    yield [number]
    yield [text]
    yield [number, number]
    yield [text, number]
    yield [number, text]
    yield [text, text]
    yield ["customers", "customer", number]
    yield ["1a", "abc-123"]


def test_every_address_is_in_the_matrix():
    missing = [name for name, _ in OURS if name not in MATRIX]
    assert not missing, f"say who may open: {missing}"


def test_the_matrix_names_no_address_that_is_gone():
    known = {name for name, _ in ALL}
    assert not [name for name in MATRIX if name not in known]


@pytest.mark.parametrize(("name", "pattern"), OURS, ids=[name for name, _ in OURS])
def test_the_matrix_and_the_door_agree(name, pattern):
    """Where a view says what it needs, the matrix says the same: neither can drift alone."""
    needs = getattr(pattern.callback, "needs", None)
    if needs is not None:
        assert MATRIX.get(name) in needs, (name, needs)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, _ in OURS])
def test_a_stranger_is_sent_to_sign_in(name):
    needs = MATRIX[name]
    for method in ("get", "post"):
        answer = getattr(Client(), method)(example(name))
        if needs == PUBLIC:
            assert answer.status_code != 403 or method == "post"
        else:
            assert answer.status_code in {302, 401, 403, 404, 405}, (method, answer.status_code)
            if answer.status_code == 302:
                assert "/accounts/" in answer.headers["Location"]


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, _ in OURS if MATRIX.get(name) not in {PUBLIC, SIGNED_IN}])
def test_somebody_without_grants_is_refused(name):
    client = Client()
    client.force_login(EmployeeFactory(), backend="privacy.access.backends.PasswordBackend")
    for method in ("get", "post"):
        answer = getattr(client, method)(example(name))
        assert answer.status_code in {403, 405}, (method, answer.status_code)


@pytest.mark.parametrize(("route", "pattern"), STOCK, ids=[route for route, _ in STOCK])
def test_every_address_of_the_admin_has_an_example_that_leads_there(route, pattern):
    assert resolve(address_of(route)).func is pattern.callback


def table_of(route: str) -> str:
    """The part that the addresses of one table share: admin/customers/order."""
    return "/".join(route.split("/")[:3])


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted({table_of(route) for route, _ in CLOSED}))
def test_the_tables_of_the_admin_are_closed_to_somebody_without_grants(table):
    client = Client()
    client.force_login(EmployeeFactory(), backend="privacy.access.backends.PasswordBackend")
    for route, pattern in (one for one in CLOSED if table_of(one[0]) == table):
        for ask in (client.get, client.post):
            address = address_of(route)
            answer = ask(address)
            if answer.status_code == 302 and pattern.name is None:
                address = answer.headers["Location"]  # old addresses of the stock admin lead on to where a record is now
                answer = ask(address)
            assert answer.status_code in {403, 404, 405}, (address, answer.status_code)


def test_the_admin_has_no_table_of_a_package():
    """Authenticators, sessions, jobs, groups: no grant opens them, so they have no address."""
    tables = {route.split("/")[1] for route, pattern in STOCK if (pattern.name or "").endswith("_changelist")}
    assert tables == {"customers", "privacy"}
