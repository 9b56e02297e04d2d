"""One form for what people write in many: e-mail addresses and telephone numbers (REQUESTS.md, "Finding the person").

Two different people are never merged by look-alike characters: those are refused, not repaired.
"""

import re
import unicodedata
from functools import lru_cache

import idna
import phonenumbers

HOME_REGION = "US"
# What people write with more than one script at once (UTS 39, 5.1): Japanese, Chinese, Korean. Not with Latin beside it: that
# would let an address imitate another one.
_WRITTEN_TOGETHER = (frozenset({"HAN", "HIRAGANA", "KATAKANA"}), frozenset({"HAN", "BOPOMOFO"}), frozenset({"HAN", "HANGUL"}))
_KANA = frozenset({"HIRAGANA", "KATAKANA"})
_LONG_VOWEL = "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}"
LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64
_ORDINARY_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
)
_NORTH_AMERICAN = re.compile(r"(?:\+?1[ .-]?)?(?:\(([2-9][0-9]{2})\) ?|([2-9][0-9]{2})[ .-]?)([2-9][0-9]{2})[ .-]?([0-9]{4})")

_POSSIBLE = (phonenumbers.ValidationResult.IS_POSSIBLE, phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY)


class NotAnAddress(ValueError):
    """This is not an e-mail address that mail could go to, or it imitates another one."""


class NotAPhoneNumber(ValueError):
    """This is not a telephone number."""


def email_key(address: str) -> str:
    """The canonical form of an e-mail address: local part in lower case, domain as lower-case A-labels, Unicode NFC.

    Dots and +tags stay: only the receiving provider knows what they mean. Raises NotAnAddress for what is no address, and for
    zero-width, invisible and look-alike characters.
    """
    address = address.strip(" \t\r\n")
    lower = address.lower()
    # Nearly every address there is; lower() of an ASCII string maps nothing but A-Z.
    if address.isascii() and len(lower) <= LONGEST_ADDRESS and _ORDINARY_ADDRESS.fullmatch(lower) and "xn--" not in lower:
        if lower.index("@") > LONGEST_LOCAL_PART:
            raise NotAnAddress("The part before the @ is too long.")
        return lower
    return _unusual_email_key(address)


def _unusual_email_key(address: str) -> str:
    local, at, domain = address.rpartition("@")
    if not at or not local or not domain:
        raise NotAnAddress("An e-mail address has a part before and a part after its @.")
    for character in address:
        _refuse_impostor(character)
    local = unicodedata.normalize("NFC", local)
    if len(local) > 2 and local[0] == local[-1] == '"':
        local = local[1:-1]
    if len(local.encode()) > LONGEST_LOCAL_PART:
        raise NotAnAddress("The part before the @ is too long.")
    if re.search(r'[\s()<>,;:\\"@\[\]]|\.\.', local) or local.startswith(".") or local.endswith("."):
        raise NotAnAddress("The part before the @ has characters that no address has.")
    if _mixes_scripts(local):
        raise NotAnAddress("The address mixes scripts that look alike.")
    try:
        labels = idna.encode(unicodedata.normalize("NFC", domain).rstrip("."), uts46=True, std3_rules=True).decode()
        shown = idna.decode(labels)
    except (idna.IDNAError, UnicodeError) as error:
        raise NotAnAddress("The part after the @ is not a domain.") from error
    if "." not in labels or re.fullmatch(r"[0-9.]+", labels):
        raise NotAnAddress("The part after the @ is not a domain.")
    if any(_mixes_scripts(label) for label in shown.split(".")):
        raise NotAnAddress("The domain mixes scripts that look alike.")
    key = f"{local.lower()}@{labels.lower()}"
    if len(key) > LONGEST_ADDRESS:
        raise NotAnAddress("The address is too long.")
    return key


def _mixes_scripts(part: str) -> bool:
    if part.isascii():
        return False
    # Reads the tables of Unicode, for the few addresses that need them.
    from confusable_homoglyphs import categories, confusables

    scripts = categories.unique_aliases(part) - {"COMMON"}
    if not any(scripts <= together for together in _WRITTEN_TOGETHER):
        return _LONG_VOWEL in part or bool(confusables.is_dangerous(part))
    return any(_imitates_its_neighbours(part, place) for place in range(len(part)))


def _imitates_its_neighbours(part: str, place: int) -> bool:
    """Whether a sign stands among those of another script that has one alike: the katakana ニ among kanji, for the kanji 二."""
    from confusable_homoglyphs import categories, confusables

    sign = part[place]
    if sign == _LONG_VOWEL:  # it lengthens a kana, and behind anything else looks like the kanji for one
        before = part[:place].rstrip(_LONG_VOWEL)[-1:]
        return not before or categories.alias(before) not in _KANA
    script = categories.alias(sign)
    beside = {
        categories.alias(one) for one in part[max(place - 1, 0) : place] + part[place + 1 : place + 2] if one != _LONG_VOWEL
    }
    if script in {"COMMON", "HAN"} or script in beside:  # nearly every kanji has a kana beside it
        return False
    alike = confusables.is_confusable(sign, greedy=True) or []
    return any(categories.alias(one["c"][0]) in beside for found in alike for one in found["homoglyphs"])


def looks_like(text: str) -> str:
    """The text with each letter of another script as the Latin one that looks the same: what a reader takes it for."""
    return text if text.isascii() else "".join(map(_in_latin, text))


@lru_cache(maxsize=4096)
def _in_latin(character: str) -> str:
    if character.isascii():
        return character
    from confusable_homoglyphs import confusables

    found = confusables.is_confusable(character, greedy=True, preferred_aliases=["latin"]) or []
    alike = (one["c"] for entry in found for one in entry["homoglyphs"])
    return next((one for one in alike if one.isascii() and len(one) == 1), character)


@lru_cache(maxsize=4096)
def _refuse_impostor(character: str) -> None:
    """Refuse what cannot be seen, and what becomes an ASCII character in another case or width (Kelvin sign, dotless i)."""
    if character.isascii():
        if not character.isprintable():
            raise NotAnAddress("The address holds a control character.")
        return
    if unicodedata.category(character) in {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"}:
        raise NotAnAddress("The address holds a character that cannot be seen.")
    if any(
        form.isascii() and len(form) == 1
        for form in (character.lower(), character.upper(), unicodedata.normalize("NFKC", character))
    ):
        raise NotAnAddress("The address holds a character that only looks like another one.")


def phone_key(number: str, *, region: str = HOME_REGION, as_before: bool = False) -> str:
    """A telephone number in E.164 ("+18774454486"); without a country code it is one of `region`. Raises NotAPhoneNumber.

    as_before: for searching only, where rows from before November 2026 hold numbers without an area code ("+15550100").
    """
    number = number.strip()
    ordinary = _NORTH_AMERICAN.fullmatch(number) if region == HOME_REGION else None
    if ordinary and number.isascii():
        return f"+1{ordinary[1] or ordinary[2]}{ordinary[3]}{ordinary[4]}"
    if len(number) > 40:
        raise NotAPhoneNumber("This is too long for a telephone number.")
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        raise NotAPhoneNumber("This is not a telephone number.") from error
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible == phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY and not as_before:
        raise NotAPhoneNumber("This number has no area code: write all of it.")
    if possible not in _POSSIBLE:
        raise NotAPhoneNumber("A telephone number of that country has another length.")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
