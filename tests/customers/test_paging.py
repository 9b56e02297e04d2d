"""Pages by key: every row once, whatever comes meanwhile and whatever somebody types into the address."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from customers.doors.paging import key_of, newest_first, read_key
from privacy.models import OptOut
from tests.factories.access import grant, sign_in
from tests.factories.optouts import OptOutFactory
from tests.factories.workforce import EmployeeFactory


@pytest.mark.django_db
def test_every_row_stands_on_one_page_though_rows_come_meanwhile():
    now = timezone.now()
    for n in range(7):  # some at the same instant
        OptOutFactory(email=f"p{n}@example.com", received_at=now - timedelta(days=n // 3))
    there, seen, after = set(OptOut.objects.values_list("pk", flat=True)), [], ""
    while True:
        rows, after = newest_first(OptOut.objects.all(), after=after, size=2)
        seen += [row.pk for row in rows]
        OptOutFactory(email=f"new{len(seen)}@example.com", received_at=now + timedelta(seconds=1))
        if not after:
            break
    assert set(seen) == there
    assert len(seen) == len(there)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)) | st.none(), st.integers(0, 2**63 - 1))
def test_a_key_is_read_as_it_was_written(at, pk):
    assert read_key(key_of(at, pk)) == (at, pk)


@given(st.text(max_size=60))
def test_no_text_breaks_it(text):
    read_key(text)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "after",
    ["~", "x~1", "2026-11-23~1", "2026-11-23T10:00:00+00:00~" + "9" * 30, "2026-11-23T10:00:00+00:00~²", "\x00~1",
     "0001-01-01T00:00:00+14:00~1", "9999-12-31T23:59:59-14:00~1", "~" + "9" * 19, "2026-11-23T10:00:00+00:00~-1"],
)  # fmt: skip
def test_what_somebody_types_into_the_address_of_a_page_begins_at_the_beginning(client, after):
    person = EmployeeFactory()
    grant(person, "requests.work", "optouts.manage")
    sign_in(client, person)
    for name, more in (("optouts:list", {}), ("mailroom:inbox", {}), ("tickets:queue", {"tab": "all"}), ("tickets:queue", {})):
        assert client.get(reverse(name), {"after": after, **more}).status_code == 200
