"""Believable customers in any number, the same ones for the same seed, made where they are kept: by the database.

Nobody real can be reached: every address ends in .example (RFC 2606), every telephone number has the exchange 555.
"""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

PROVIDERS = ("gmail", "gmail", "gmail", "gmail", "yahoo", "yahoo", "hotmail", "outlook", "icloud", "aol", "comcast", "verizon")
STREETS = (
    "Oak", "Maple", "Cedar", "Pine", "Elm", "Washington", "Lake", "Hill", "Walnut", "Spring", "North", "Ridge", "Church",
    "Willow", "Mill",
    "Sunset", "Railroad", "Jackson", "Highland", "Cherry", "Lincoln", "River", "Park", "Meadow", "Franklin", "Dogwood",
)  # fmt: skip
STREET_KINDS = ("St", "Ave", "Rd", "Dr", "Ln", "Ct", "Blvd", "Way")
# city, state, first three digits of its postal codes, telephone area
PLACES = (
    ("Sacramento", "CA", "958", "916"), ("Los Angeles", "CA", "900", "213"), ("San Diego", "CA", "921", "619"),
    ("San Francisco", "CA", "941", "415"), ("Fresno", "CA", "937", "559"), ("Oakland", "CA", "946", "510"),
    ("Portland", "OR", "972", "503"), ("Seattle", "WA", "981", "206"), ("Spokane", "WA", "992", "509"),
    ("Boise", "ID", "837", "208"), ("Salt Lake City", "UT", "841", "801"), ("Denver", "CO", "802", "303"),
    ("Phoenix", "AZ", "850", "602"), ("Tucson", "AZ", "857", "520"), ("Albuquerque", "NM", "871", "505"),
    ("Dallas", "TX", "752", "214"), ("Houston", "TX", "770", "713"), ("Austin", "TX", "787", "512"),
    ("San Antonio", "TX", "782", "210"), ("Tulsa", "OK", "741", "918"), ("Omaha", "NE", "681", "402"),
    ("Kansas City", "MO", "641", "816"), ("St. Louis", "MO", "631", "314"), ("Minneapolis", "MN", "554", "612"),
    ("Milwaukee", "WI", "532", "414"), ("Chicago", "IL", "606", "312"), ("Indianapolis", "IN", "462", "317"),
    ("Detroit", "MI", "482", "313"), ("Columbus", "OH", "432", "614"), ("Cleveland", "OH", "441", "216"),
    ("Pittsburgh", "PA", "152", "412"), ("Philadelphia", "PA", "191", "215"), ("New York", "NY", "100", "212"),
    ("Brooklyn", "NY", "112", "718"), ("Buffalo", "NY", "142", "716"), ("Boston", "MA", "021", "617"),
    ("Hartford", "CT", "061", "860"), ("Baltimore", "MD", "212", "410"), ("Richmond", "VA", "232", "804"),
    ("Charlotte", "NC", "282", "704"), ("Atlanta", "GA", "303", "404"), ("Miami", "FL", "331", "305"),
    ("Tampa", "FL", "336", "813"), ("Nashville", "TN", "372", "615"), ("New Orleans", "LA", "701", "504"),
)  # fmt: skip
UNUSUAL_NAMES = (
    "Zoë Çelik", "Nguyễn Thị Hương", "José Ángel Ruiz-Peña", "Łukasz Wójcik", "李 娜", "Seán O’Súilleabháin",
    "Björk Guðmundsdóttir", "أحمد سعيد", "Ørjan Nilsen", "Şebnem Yıldız", "Анна Ковалёва", "Μαρία Παπαδοπούλου",
    "D'Angelo M. St. John III", "X Æ Nakamoto",
    "Ngọc", "Maria-José de la Cruz y Martínez de Irujo Fitz-James Stuart", "田中 さくら", "김 민준", "Noël L’Écuyer", "Null",
)  # fmt: skip
HISTORY_DAYS = 6 * 365

# Every choice is made by digits of two hashes of the row's number and the seed: the same rows for the same seed, on any machine.
_ROWS = """
CREATE TEMPORARY TABLE demo_rows ON COMMIT DROP AS
SELECT n,
    CASE WHEN unusual THEN odd.a ELSE first.a || ' ' || last.a END AS name,
    CASE WHEN no_email THEN ''
         WHEN unusual THEN 'member' || n || '@' || provider.a || '.example'
         WHEN n %% 3 = 0 THEN lower(left(first.a, 1) || last.a) || n || '@' || provider.a || '.example'
         ELSE initcap(first.a) || '.' || last.a || n %% 9973 || '@' || provider.a || '.example' END AS email,
    CASE WHEN no_phone AND NOT no_email THEN '' ELSE '+1' || place.d || '555' || lpad(last_digits::text, 4, '0') END AS phone,
    by_phone OR no_email AS by_phone,
    house || ' ' || street.a || ' ' || kind.a AS line1,
    CASE WHEN flat > 412 THEN '' ELSE 'Apt ' || flat END AS line2,
    place.a AS city, place.b AS region, place.c || lpad(post_digits::text, 2, '0') AS postal_code,
    acquired,
    %(until)s::timestamptz - make_interval(secs => (%(first)s + %(count)s - n)::double precision / %(count)s * %(seconds)s) AS at
FROM (
    SELECT n, a %% 50 = 0 AS unusual, a / 50 %% 25 = 0 AS no_email, a / 1250 %% 7 = 0 AS no_phone, a / 8750 %% 30 = 0 AS acquired,
        a / 262500 %% 10 = 0 AS by_phone, a / 2625000 %% 10000 AS last_digits, (a / 26250000000 %% %(odds)s)::int AS odd_i,
        (a / 26250000000 / %(odds)s %% %(firsts)s)::int AS first_i,
        (b %% %(lasts)s)::int AS last_i, (b / %(lasts)s %% %(providers)s)::int AS provider_i, b / 100000 %% 9899 + 1 AS house,
        b / 1000000000 %% 2472 + 1 AS flat, b / 2472000000000 %% 100 AS post_digits,
        (b / 247200000000000 %% %(places)s)::int AS place_i, (b / 247200000000000 / %(places)s %% %(streets)s)::int AS street_i,
        (b / 247200000000000 / %(places)s / %(streets)s %% %(kinds)s)::int AS kind_i
    FROM (
        SELECT n, hashint8extended(n, %(seed)s * 2) & 9223372036854775807 AS a,
            hashint8extended(n, %(seed)s * 2 + 1) & 9223372036854775807 AS b
        FROM generate_series(%(from)s::bigint, %(to)s::bigint) AS n
    ) AS hashed
) AS numbered
JOIN demo_first AS first ON first.i = first_i
JOIN demo_last AS last ON last.i = last_i
JOIN demo_provider AS provider ON provider.i = provider_i
JOIN demo_place AS place ON place.i = place_i
JOIN demo_street AS street ON street.i = street_i
JOIN demo_kind AS kind ON kind.i = kind_i
JOIN demo_odd AS odd ON odd.i = odd_i
"""
_CUSTOMERS = """
INSERT INTO customers_customer
    (member_id, name, email, email_key, phone, preferred_contact, source, source_detail, collected_at, purpose)
SELECT 'LM' || n, name, email, lower(email), phone, CASE WHEN by_phone THEN 'phone' ELSE 'email' END,
    CASE WHEN acquired THEN 'acquired' ELSE 'customer' END, CASE WHEN acquired THEN 'Homestyle Lists' ELSE '' END, at,
    CASE WHEN acquired THEN 'marketing' ELSE 'orders' END
FROM demo_rows ORDER BY n
"""
_ADDRESSES = """
INSERT INTO customers_address
    (customer_id, kind, recipient, line1, line2, city, region, postal_code, country, source, source_detail, collected_at, purpose)
SELECT customer.id, 'mailing', '', line1, line2, city, region, postal_code, 'US', customer.source, customer.source_detail,
    customer.collected_at, customer.purpose
FROM demo_rows JOIN customers_customer AS customer ON customer.member_id = 'LM' || n ORDER BY n
"""
ROWS_AT_A_TIME = 250_000
FIRST_NUMBER = 1_000_000


def generate_customers(
    count: int,
    *,
    seed: int,
    until: datetime,
    stamp: Callable[[], None],
    with_addresses: bool = True,
    advance: Callable[[int], None] = lambda done: None,
) -> int:
    """Make `count` customers, each with a mailing address, collected over the six years before `until`. Returns how many.

    stamp: gives the running act to the connection (privacy.ledger.actions.stamp_connection); run inside an act. Member ids
    continue after the highest of earlier generations. advance: told how many more are done.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        stamp()
        cursor.execute("SET LOCAL work_mem = '64MB'")
        cursor.execute("SELECT coalesce(max(id), 0) FROM customers_customer")
        first = FIRST_NUMBER + int(cursor.fetchone()[0])
        sizes = {f"{what}s": _write_choices(cursor, what, rows) for what, rows in _choices().items()}
        for start in range(first, first + count, ROWS_AT_A_TIME):
            end = min(start + ROWS_AT_A_TIME, first + count) - 1
            cursor.execute(
                _ROWS,
                {
                    "until": until, "first": first, "count": count, "seconds": HISTORY_DAYS * 86400.0, "seed": seed,
                    "from": start, "to": end, **sizes,
                },
            )  # fmt: skip
            cursor.execute(_CUSTOMERS)
            if with_addresses:
                cursor.execute(_ADDRESSES)
            cursor.execute("DROP TABLE demo_rows")
            advance(end + 1 - start)
    return count


def _choices() -> dict[str, list[tuple[str, ...]]]:
    from faker.providers.person.en_US import Provider as Names  # slow to import, and only wanted here

    return {
        "first": _weighted(Names.first_names),
        "last": _weighted(Names.last_names),
        "provider": [(name,) for name in PROVIDERS],
        "place": list(PLACES),
        "street": [(name,) for name in STREETS],
        "kind": [(name,) for name in STREET_KINDS],
        "odd": [(name,) for name in UNUSUAL_NAMES],
    }


def _weighted(names: dict[str, float]) -> list[tuple[str, ...]]:
    """As many rows of each name as its share of 5,000 people, at least one."""
    total = sum(names.values())
    return [(name,) for name, weight in names.items() for _ in range(max(1, round(5000 * weight / total)))]


def _write_choices(cursor: CursorWrapper, what: str, rows: list[tuple[str, ...]]) -> int:
    table = f"demo_{what}"  # one of the keys above
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMPORARY TABLE {table} (i integer PRIMARY KEY, a text, b text, c text, d text) ON COMMIT DROP")
    with cursor.copy(f"COPY {table} (i, a, b, c, d) FROM STDIN") as copy:
        for number, row in enumerate(rows):
            copy.write_row((number, *row, *[None] * (4 - len(row))))
    cursor.execute(f"ANALYZE {table}")
    return len(rows)
