"""Do words in capitals name an office or a company, or are they a remark? ("Acme Group" below a name, "Company Car" below it)"""

import re
from itertools import pairwise

from privacy.mailroom.policies.beside.vocabulary import BESIDE_OFFICES, FIRST_OF_COMPANIES, LINKING, OF_COMPANIES, OFFICES

STREETS = re.compile(r"(rue|avenue|av|bd|boulevard|place|chemin|allée|calle|via|viale|corso|piazza|rua|bis|ter)")


def names_a_house(lower: list[str]) -> bool:
    """Whether words name an office or a company, which one of them says where such words stand: at the end ("Acme Group"),
    before "of" ("University of Lisbon"), or, where languages have it so, at the beginning ("Klinik Rosenheim").

    "Company Car" and "Electrical Hazard" name none: elsewhere such a word may stand in any remark.
    """
    before_of = any(is_known(word) and after in LINKING for word, after in pairwise(lower))
    return bool(lower) and (is_known(lower[-1]) or before_of or lower[0] in FIRST_OF_COMPANIES)


def is_known(plain: str) -> bool:
    """Whether a word in small letters is one of offices, companies or streets."""
    return plain in OFFICES or plain in OF_COMPANIES or plain in BESIDE_OFFICES or bool(STREETS.fullmatch(plain))
