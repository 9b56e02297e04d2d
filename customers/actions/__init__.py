"""The verbs of the ground floor. Each runs inside an act of the ledger, which its caller opens."""

from customers.actions.demonstration import generate_customers
from customers.actions.imports import CannotRead, Imported, Refusal, import_customers

__all__ = ["CannotRead", "Imported", "Refusal", "generate_customers", "import_customers"]
