"""A login is one person's in any case: what the database takes for one, every look-up and every roster does too."""

from contextlib import suppress

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from privacy.models import Employee
from privacy.workforce.actions import hire
from privacy.workforce.errors import LoginTaken
from privacy.workforce.queries import login_keys

pytestmark = pytest.mark.django_db
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


def both_can_be_hired(one, other):
    now, taken = timezone.now(), False
    with suppress(Undone), transaction.atomic():
        hire(login=one, name="One", starts_on=timezone.localdate(now), by=None, now=now, source="page")
        try:
            hire(login=other, name="Other", starts_on=timezone.localdate(now), by=None, now=now, source="page")
        except LoginTaken:
            taken = True
            assert Employee.objects.called(other).get().login == one
        else:
            assert Employee.objects.called(other).get().login == other
        raise Undone
    return not taken


def test_two_logins_are_one_exactly_where_the_database_says_so():
    @given(PAIRS)
    @example(("ß", "ss"))
    @example(("ẞ", "ß"))
    @example(("İ", "i̇"))
    @example(("ſ", "s"))
    def holds(pair):
        one, other = (f"w{letters}x" for letters in pair)
        keys = login_keys([one, other])
        assert both_can_be_hired(one, other) == (keys[one] != keys[other])

    holds()


def test_a_login_that_cannot_be_kept_has_a_key_all_the_same():
    assert login_keys(["a\x00b", "", "A"]) == {"a\x00b": "ab", "": "", "A": "a"}
    assert login_keys([]) == {}
