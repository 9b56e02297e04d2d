"""What makes two logins one: said by the database, which keeps them unique."""

from collections.abc import Iterable

from django.db import connection


def login_keys(logins: Iterable[str]) -> dict[str, str]:
    """By each login, what it shares with those that are the same login: its lower case as this database makes it.

    Python's would not do: casefold() makes ss of ß, lower() two characters of İ, and each version and locale of PostgreSQL has
    its own answer. Whoever looks up one login asks Employee.objects.called.
    """
    asked = {login: login.replace("\x00", "") for login in logins}
    with connection.cursor() as cursor:
        cursor.execute("SELECT said, lower(said) FROM unnest(%s::text[]) AS said", [list(set(asked.values()))])
        keys: dict[str, str] = dict(cursor.fetchall())
    return {login: keys[said] for login, said in asked.items()}
