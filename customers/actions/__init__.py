"""The verbs of the ground floor. Each runs inside an act of the ledger, which its caller opens."""

from customers.actions.demonstration import generate_customers
from customers.actions.import_rows import Imported, Refusal
from customers.actions.imports import CannotRead, import_customers
from customers.actions.keys import KeysDoNotFit, check_keys, mark_keys
from customers.actions.referrals import FriendKnown, ask_removal, mark_invited, refer_friend, remove_friend
from customers.actions.rotation import Rotated, count_retired, encrypted_columns, rotate_column
from customers.actions.shopping import generate_shopping

__all__ = [
    "CannotRead",
    "FriendKnown",
    "Imported",
    "KeysDoNotFit",
    "Refusal",
    "Rotated",
    "ask_removal",
    "check_keys",
    "count_retired",
    "encrypted_columns",
    "generate_customers",
    "generate_shopping",
    "import_customers",
    "mark_invited",
    "mark_keys",
    "refer_friend",
    "remove_friend",
    "rotate_column",
]
