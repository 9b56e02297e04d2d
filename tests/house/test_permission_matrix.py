"""Every address, and who may open it (ASVS 8.2.1). An address that no matrix names fails."""

import pkgutil
from importlib import import_module

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from customers.doors.pages import PUBLIC, SIGNED_IN
from tests.factories.workforce import EmployeeFactory
from tests.house import matrix

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
STOCK = [(name, pattern) for name, pattern in ALL if name.startswith("admin:")]


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
@pytest.mark.parametrize("name", [name for name, _ in OURS])
def test_somebody_without_grants_is_refused(name):
    needs = MATRIX[name]
    if needs in {PUBLIC, SIGNED_IN}:
        pytest.skip("open to everyone who works here")
    client = Client()
    client.force_login(EmployeeFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    for method in ("get", "post"):
        answer = getattr(client, method)(example(name))
        assert answer.status_code in {403, 405}, (method, answer.status_code)


@pytest.mark.django_db
@pytest.mark.parametrize("name", [name for name, _ in STOCK])
def test_the_tables_of_the_admin_are_closed_to_somebody_without_grants(name):
    client = Client()
    client.force_login(EmployeeFactory(), backend="allauth.account.auth_backends.AuthenticationBackend")
    if name in {
        "admin:index",
        "admin:logout",
        "admin:login",
        "admin:jsi18n",
        "admin:password_change",
        "admin:password_change_done",
    }:
        return
    try:
        answer = client.get(example(name))
    except AssertionError:
        return
    assert answer.status_code in {302, 403, 404, 405}, answer.status_code
