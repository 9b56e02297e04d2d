"""Who works on requests in these tests: Ana, and her browser."""

import pytest

from tests.factories.access import grant, sign_in
from tests.factories.workforce import EmployeeFactory


@pytest.fixture
def ana(db):
    employee = EmployeeFactory(login="ana", name="Ana Agent")
    grant(employee, "requests.work", "reveal.mail")
    return employee


@pytest.fixture
def page(client, ana):
    return sign_in(client, ana)
