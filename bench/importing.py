"""`import_customers` against bare COPY of the same rows: the file read, checked, made canonical and written with its ledger,
against finished rows that COPY puts into the same tables (constraints and indexes, no triggers of the ledger)."""

import csv
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from django.db import connection, transaction

from bench.company import UNTIL
from bench.ratio import Ratio
from customers.actions.demonstration import generate_customers
from customers.actions.import_rows import COLUMNS

FULL = 1_000_000
LARGEST_MB = 200
CUSTOMER = "id, member_id, name, email, email_key, phone, preferred_contact, source, source_detail, collected_at, purpose"
ADDRESS = (
    "customer_id, kind, recipient, line1, line2, city, region, postal_code, country, source, source_detail, collected_at, purpose"
)


def run(scale: float) -> list[Ratio]:
    count = max(1_000, int(FULL * scale))
    with tempfile.TemporaryDirectory(prefix="lumens-bench-") as folder:
        given, customers, addresses = (Path(folder) / name for name in ("given.csv", "customers.copy", "addresses.copy"))
        _make_files(count, given, customers, addresses)
        bare_ms = _bare(customers, addresses)
        _empty()
        ours_ms, peak_mb = _ours(given)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM customers_addressledgerevent WHERE pgh_context_id IS NOT NULL")
        assert cursor.fetchone()[0] == count, "every row has its event and its act"
    return [
        Ratio(
            f"{count:,} customers and addresses", ours_ms, bare_ms, goal=2, remark=f"peak memory {peak_mb:.0f} MB of {LARGEST_MB}"
        ),
        Ratio("memory, MB", peak_mb, LARGEST_MB, goal=1),
    ]


def _make_files(count: int, given: Path, customers: Path, addresses: Path) -> None:
    """The same people as a file for the command, and as finished rows for COPY."""
    with connection.cursor() as cursor:
        for table in ("customers_customer", "customers_address"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        generate_customers(count, seed=3, until=UNTIL, stamp=lambda: None)
        for table in ("customers_customer", "customers_address"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        for path, table, columns in ((customers, "customers_customer", CUSTOMER), (addresses, "customers_address", ADDRESS)):
            with path.open("wb") as file, cursor.copy(f"COPY (SELECT {columns} FROM {table} ORDER BY id) TO STDOUT") as copy:
                for block in copy:
                    file.write(block)
        with given.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            cursor.execute(
                "DECLARE people NO SCROLL CURSOR WITH HOLD FOR SELECT member_id, name, email,"
                " CASE WHEN phone <> '' THEN '(' || substr(phone, 3, 3) || ') '"
                " || substr(phone, 6, 3) || '-' || substr(phone, 9) END,"
                " line1, line2, city, region, postal_code, country, customer.source, customer.collected_at"
                " FROM customers_customer AS customer JOIN customers_address AS address ON address.customer_id = customer.id"
                " ORDER BY customer.id"
            )
            while True:
                cursor.execute("FETCH 20000 FROM people")
                rows = cursor.fetchall()
                if not rows:
                    break
                writer.writerows([*row[:-1], row[-1].isoformat()] for row in rows)
            cursor.execute("CLOSE people")
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE customers_customer CASCADE")
        cursor.execute("TRUNCATE customers_customerledgerevent, customers_addressledgerevent")
        cursor.execute("VACUUM customers_customer")
        cursor.execute("CHECKPOINT")


def _bare(customers: Path, addresses: Path) -> float:
    with connection.cursor() as cursor:
        for table in ("customers_customer", "customers_address"):
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    begun = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        for path, table, columns in ((customers, "customers_customer", CUSTOMER), (addresses, "customers_address", ADDRESS)):
            with path.open("rb") as file, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                while block := file.read(65_536):
                    copy.write(block)
    took = (time.perf_counter() - begun) * 1000
    with connection.cursor() as cursor:
        for table in ("customers_customer", "customers_address"):
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return took


# The peak is read by the process itself: what `wait4` tells begins with the memory of the process that started it.
_COMMAND = """
import sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
call_command("import_customers", sys.argv[2])
Path(sys.argv[3]).write_text(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""


def _ours(given: Path) -> tuple[float, float]:
    """Milliseconds and peak memory (MB) of the command in a process of its own."""
    peak = given.with_suffix(".peak")
    command = [sys.executable, "-c", _COMMAND, str(connection.settings_dict["NAME"]), str(given), str(peak)]
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)  # 1: the import refused something
    return (time.perf_counter() - begun) * 1000, int(peak.read_text()) / 1024
