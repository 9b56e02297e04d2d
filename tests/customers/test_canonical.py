"""One form for many spellings; never one person for two."""

import unicodedata

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


# Kanji with kana, bopomofo and hangul: one way of writing each (UTS 39, 5.1).
@pytest.mark.parametrize(
    "address",
    ["jp@例え.jp", "info@食べログ.jp", "カメラ屋@example.jp", "ann@東京タワー.jp", "口コミ@example.jp", "丸ノ内@example.jp",
     "サーバー@ルーメンス.jp", "ann@スーパーマーケット.jp", "ひらがなとカタカナ@example.jp", "注音ㄅㄆㄇ@例子.tw",
     "金선생@한국漢字.kr", "ann@例え.テスト"],
)  # fmt: skip
def test_whoever_writes_in_the_scripts_of_their_country_has_an_address(address):
    assert email_key(address) == _unusual_email_key(address)
    assert email_key(email_key(address)) == email_key(address)


@pytest.mark.parametrize(
    "imitation",
    [
        "ニ條@example.jp",  # the katakana among kanji, for the kanji 二
        "女子カ@example.jp",
        "ann@東京エ業.jp",
        "へアサロン@example.jp",  # the hiragana among katakana, for the katakana ヘ
        "東京ー@example.jp",  # the long vowel, for the kanji 一
        "ー@example.jp",
        "exーample@example.jp",
        "annー@example.com",
        "aニb@example.com",
        "ロbin@example.com",
        "\u0430例え@example.jp",  # Cyrillic
        "ann@例え\u03b1.jp",  # Greek
        "한국カナ@example.kr",  # no way of writing has both
        "ann@한국二ニ.kr",
    ],
)
def test_what_looks_like_a_sign_of_another_script_beside_it_is_refused(imitation):
    with pytest.raises(NotAnAddress):
        email_key(imitation)


@given(st.text(alphabet="二ニ一ー工エ力カ口ロ八ハへヘabоα例え", min_size=1, max_size=6))
def test_only_kanji_and_kana_go_together(local):
    try:
        key = email_key(f"{local}@example.jp")
    except NotAnAddress:
        return
    written_in = {unicodedata.name(sign).partition(" ")[0].partition("-")[0] for sign in key.partition("@")[0]}
    assert len(written_in) == 1 or written_in <= {"CJK", "HIRAGANA", "KATAKANA"}


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


@pytest.mark.parametrize("text", ["", "12", "call me", "+", "9" * 50, "+999 12", "555-0100", "5550100", "+15550100"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NotAPhoneNumber):
        phone_key(text)


@pytest.mark.parametrize("written", ["555-0100", "+1 555 0100", "7946 0958"])
def test_a_number_without_its_area_code_is_asked_for_again_for_no_call_reaches_it(written):
    with pytest.raises(NotAPhoneNumber, match="area code"):
        phone_key(written, region="GB" if written.startswith("7") else "US")
