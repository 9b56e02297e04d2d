"""The harness: a throwaway database, the benches that were asked for, one table."""

import argparse
import importlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from bench.ratio import Ratio

NAMES = ("changelist", "permission", "audit", "import", "leaver", "bulk", "inforce", "map", "mail")
MODULES = {"import": "bench.importing"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"which: {', '.join(NAMES)}; else those of the environment's NAME; else all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full number of rows, for a quick look: 0.01")
    parser.add_argument("--keep", action="store_true", help="keep the database, and use a kept one again")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args()
    # `make bench NAME=map`: make hands what is named on its command line on in the environment.
    names = options.name or os.environ.get("NAME", "").replace(",", " ").split() or list(NAMES)
    if unknown := sorted(set(names) - set(NAMES)):
        parser.error(f"there is no bench called {', '.join(unknown)}")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    os.environ["LUMENS_AS_OWNER"] = "1"  # the schema is made here

    from lumens_admin.database import held_database

    measured: dict[str, list[Ratio]] = {}
    with held_database():
        import django

        django.setup()
        for name in names:
            bench = importlib.import_module(MODULES.get(name, f"bench.{name}"))
            with throwaway_database(name, options.scale, keep=options.keep):
                measured[name] = bench.run(options.scale)
    if options.json:
        print(json.dumps({name: [{**vars(line), "ratio": line.ratio, "reached": line.reached} for line in lines]
                          for name, lines in measured.items()}))  # fmt: skip
    else:
        print_table(measured)
    return 0 if all(line.reached for lines in measured.values() for line in lines) else 1


@contextmanager
def throwaway_database(name: str, scale: float, *, keep: bool) -> Iterator[None]:
    """A migrated database of its own on the same server; Django's default connection leads to it meanwhile."""
    from django.core.management import call_command
    from django.db import connection

    settings = connection.settings_dict
    usual, throwaway = settings["NAME"], f"{settings['NAME']}_bench_{name}_{scale:g}".replace(".", "_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = %s)", [throwaway])
        there = bool(cursor.fetchone()[0])
        if there and not keep:
            cursor.execute(f'DROP DATABASE "{throwaway}" WITH (FORCE)')
        if not (there and keep):
            cursor.execute(f'CREATE DATABASE "{throwaway}" TEMPLATE template0')
    connection.close()
    settings["NAME"] = throwaway
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        connection.close()
        settings["NAME"] = usual
        if not keep:
            with connection.cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{throwaway}" WITH (FORCE)')
            connection.close()


def print_table(measured: dict[str, list[Ratio]]) -> None:
    table = Table(title="Ours against the bare work, in one run")
    for heading, side in (("bench", "left"), ("what", "left"), ("ours ms", "right"), ("bare ms", "right"), ("ratio", "right"),
                          ("goal", "right"), ("", "left"), ("remark", "left")):  # fmt: skip
        table.add_column(heading, justify=side)  # type: ignore[arg-type]
    for name, lines in measured.items():
        for line in lines:
            goal = f"≤ {line.goal:g}" + (f", ≤ {line.ceiling_ms:g} ms" if line.ceiling_ms is not None else "")
            table.add_row(name, line.what, f"{line.ours_ms:,.1f}", f"{line.bare_ms:,.1f}", f"{line.ratio:.2f}", goal,
                          "reached" if line.reached else "MISSED", line.remark)  # fmt: skip
    Console(width=None if sys.stdout.isatty() else 150).print(table)
