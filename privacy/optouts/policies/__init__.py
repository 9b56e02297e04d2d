"""Who a choice is about, how it is hashed for others, and which links are ours."""

from privacy.optouts.policies.subjects import MOST_LETTERS_A_DAY, SUBJECT_DIGEST, Subject, owed_sha256, serves
from privacy.optouts.policies.tokens import (
    UNSUBSCRIBE_PREFIX,
    Choice,
    one_click_token,
    read_one_click_token,
    read_unsubscribe_address,
    read_withdrawal_token,
    unsubscribe_address,
    withdrawal_token,
)

__all__ = [
    "MOST_LETTERS_A_DAY",
    "SUBJECT_DIGEST",
    "UNSUBSCRIBE_PREFIX",
    "Choice",
    "Subject",
    "one_click_token",
    "owed_sha256",
    "read_one_click_token",
    "read_unsubscribe_address",
    "read_withdrawal_token",
    "serves",
    "unsubscribe_address",
    "withdrawal_token",
]
