"""One form for many spellings; never one person for two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.canonical import _ORDINARY_ADDRESS, NotAnAddress, NotAPhoneNumber, _unusual_email_key, email_key, phone_key


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Maria.Gonzalez+lamps@Mail.Example", "maria.gonzalez+lamps@mail.example"),
        (" ana@example.com\n", "ana@example.com"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@XN--BCHER-KVA.example", "ana@xn--bcher-kva.example"),
        ("Jose\u0301@example.com", "josé@example.com"),
        ("анна@example.com", "анна@example.com"),
        ('"ana"@example.com', "ana@example.com"),
        ("ana@example.com.", "ana@example.com"),
    ],
)
def test_spellings_of_one_address_have_one_key(written, key):
    assert email_key(written) == key


@pytest.mark.parametrize(
    "imitation",
    [
        "\u212aim@example.com",  # Kelvin sign
        "d\u0131ana@example.com",  # dotless i
        "ana\u200b@example.com",
        "ana@exam\u200bple.com",
        "a\u0430na@example.com",  # Cyrillic a among Latin letters
        "ana@ex\u0430mple.com",
        "ａna@example.com",
        "ana@example.com\u202e",
        "a\u00adna@example.com",
        "a\x00na@example.com",
    ],
)
def test_look_alikes_are_refused_not_merged(imitation):
    with pytest.raises(NotAnAddress):
        email_key(imitation)


@pytest.mark.parametrize(
    "text",
    ["", "@", "ana", "ana@", "@example.com", "ana@example", "a b@example.com", "ana@1.2.3.4", ".ana@example.com",
     "a..b@example.com", "ana@-x.com", "x" * 65 + "@example.com", "ana@" + "x." * 130 + "com", "ana@b@c d.com",
     "<ana@example.com>"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(NotAnAddress):
        email_key(text)


@given(st.from_regex(_ORDINARY_ADDRESS, fullmatch=True))
def test_the_quick_way_and_the_thorough_way_agree(address):
    try:
        quick = email_key(address.upper())
    except NotAnAddress:
        with pytest.raises(NotAnAddress):
            _unusual_email_key(address.upper())
    else:
        try:
            thorough = _unusual_email_key(address.upper())
        except NotAnAddress:
            return  # the thorough way knows more domains that cannot be
        assert quick == thorough == email_key(quick)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("877-445-4486", "+18774454486"),
        ("(877) 445-4486", "+18774454486"),
        ("+1 877 445 4486", "+18774454486"),
        ("1.877.445.4486", "+18774454486"),
        ("+44 20 7946 0958", "+442079460958"),
        ("8774454486", "+18774454486"),
    ],
)
def test_spellings_of_one_number_have_one_key(written, key):
    assert phone_key(written) == key


@pytest.mark.parametrize("text", ["", "12", "call me", "+", "9" * 50, "+999 12"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NotAPhoneNumber):
        phone_key(text)
