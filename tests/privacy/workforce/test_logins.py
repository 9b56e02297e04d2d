"""A login is one person's in any case: what the database takes for one, every look-up and every roster does too."""

from contextlib import suppress
from datetime import date

import pytest
from django.db import IntegrityError, transaction
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.models import Employee
from privacy.workforce.queries import login_keys

pytestmark = pytest.mark.django_db
FIRST_DAY = date(2026, 1, 5)
LETTER = st.characters(categories=["Lu", "Ll", "Lt", "Lo", "Mn"])
# Letters whose cases are written with two letters, or do not come back from one case in the other.
TROUBLE = st.sampled_from("ßẞİıſKÅςσΣŉǰΐǅﬁ")
PAIRS = (LETTER | TROUBLE).flatmap(
    lambda letter: st.tuples(
        st.just(letter), st.sampled_from([letter.lower(), letter.upper(), letter.title(), letter.casefold(), letter.swapcase()])
    )
)


class Undone(Exception):
    pass


def both_can_work_here(one, other):
    is_free = True
    with suppress(Undone), transaction.atomic():
        Employee.objects.create(login=one, name="One", starts_on=FIRST_DAY)
        try:
            with transaction.atomic():
                Employee.objects.create(login=other, name="Other", starts_on=FIRST_DAY)
        except IntegrityError:
            is_free = False
        assert Employee.objects.called(other).get().login == (other if is_free else one)
        raise Undone
    return is_free


def test_two_logins_are_one_exactly_where_the_database_says_so():
    @given(PAIRS)
    @example(("ß", "ss"))
    @example(("ẞ", "ß"))
    @example(("İ", "i̇"))
    @example(("ſ", "s"))
    def holds(pair):
        one, other = (f"w{letters}x" for letters in pair)
        keys = login_keys([one, other])
        assert both_can_work_here(one, other) == (keys[one] != keys[other])

    holds()


def test_a_login_that_cannot_be_kept_has_a_key_all_the_same():
    assert login_keys(["a\x00b", "", "A"]) == {"a\x00b": "ab", "": "", "A": "a"}
    assert login_keys([]) == {}
