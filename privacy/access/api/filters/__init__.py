"""SCIM filters and orders as SQL: where the attributes are kept, and what may be said of them."""

from privacy.access.api.filters.attributes import GROUPS, USERS, NotInSql, Sql, Table
from privacy.access.api.filters.conditions import check_size, order_sql, to_sql

__all__ = ["GROUPS", "USERS", "NotInSql", "Sql", "Table", "check_size", "order_sql", "to_sql"]
