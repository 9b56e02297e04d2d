"""Whoever is signed out while a part of a page loads is led to the sign-in as a whole; no card ever shows a password field."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from privacy.models import Employee
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
HERE = "http://testserver/admin/customers/customer/7/"
PART = {"HX-Request": "true", "HX-Current-URL": f"{HERE}?x=1"}


def goes_to(answer):
    """Where the answer makes the browser go as a whole."""
    assert answer.status_code == 200
    assert not answer.content, "nothing to be put into the page"
    where = urlsplit(answer.headers["HX-Redirect"])
    return where.path, parse_qs(where.query).get("next")


def test_the_part_that_hides_a_value_leads_to_the_sign_in_and_back_to_the_page_it_was_on(client):
    ana = EmployeeFactory()
    grant(ana, "requests.work", "reveal.contact")
    customer: Customer = CustomerFactory()
    sign_in(client, ana)
    asked = {"subject": "customers.customer", "pk": str(customer.pk), "category": "contact", "reason": "ticket 12"}
    shown = client.post(reverse("access:reveal"), asked, headers=PART).content.decode()
    hides = re.search(r'hx-get="([^"]+)"', shown)[1].replace("&amp;", "&")
    Employee.objects.filter(pk=ana.pk).update(session_epoch=9)
    answer = client.get(hides, headers=PART)
    assert goes_to(answer) == (reverse("account_login"), ["/admin/customers/customer/7/?x=1"])
    assert "password" not in answer.content.decode()


@pytest.mark.parametrize(
    "address", ["/", "/admin/access/", "/admin/customers/customer/", "/accounts/sessions/", "/admin/search/"]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_page_answers_so(address, method):
    answer = getattr(Client(), method)(address, headers=PART)
    if answer.status_code not in (403, 405):
        assert goes_to(answer)[0] == reverse("account_login")


@pytest.mark.parametrize("current", ["https://evil.example/x", "javascript:alert(1)", "", "//evil.example"])
def test_nobody_is_led_to_another_house_afterwards(current):
    answer = Client().get("/admin/access/", headers={"HX-Request": "true", "HX-Current-URL": current})
    assert goes_to(answer) == (reverse("account_login"), None)


def test_a_whole_page_is_redirected_as_ever():
    assert Client().get("/admin/access/").url == f"{reverse('account_login')}?next=/admin/access/"
