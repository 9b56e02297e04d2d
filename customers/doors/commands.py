"""What every command of the house does alike (INTERFACES.md, "Commands"): --json, exit codes, errors that name file and line."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import ProgrammingError
from psycopg.errors import UndefinedTable
from rich.console import Console
from rich.progress import Progress

from customers.actions import KeysDoNotFit, check_keys

EXIT_DONE, EXIT_FOUND, EXIT_BAD_INPUT = 0, 1, 2


class BadInput(Exception):
    """The input cannot be used; nothing was changed. The message names file, line or field."""


class HouseCommand(BaseCommand):
    """Subclasses write `run(**options)` and end it with `self.finish(...)`.

    With other keys than the database was written with, none of them does anything; `needs_keys = False` for those that ask
    the database nothing.
    """

    needs_keys = True

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = bool(options.pop("json", False))
        self._options = options
        try:
            if self.needs_keys:
                check_keys()
            self.run(**options)
        except (BadInput, KeysDoNotFit) as error:
            if self.as_json:
                self._print_json({"error": str(error)})
            else:
                self.stderr.write(f"Nothing was changed. {error}")
            sys.exit(EXIT_BAD_INPUT)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable):
                raise
            # Whoever types the first command before the first start is not shown a stack of calls.
            self.stderr.write(
                "Nothing was changed. The database is not prepared yet: `make run` does it, or `manage.py migrate`."
            )
            sys.exit(EXIT_BAD_INPUT)

    def run(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError

    def finish(self, result: Any, lines: Iterable[str] = (), *, found: bool = False) -> None:
        """Print the result (as JSON, or the lines for people) and leave with 1 where something was refused or found, else 0."""
        if self.as_json:
            self._print_json(result)
        else:
            for line in lines:
                self.stdout.write(line)
        if found:
            sys.exit(EXIT_FOUND)

    def progress(self) -> Progress:
        """A progress bar on standard error, shown only on a terminal. Use as a context manager."""
        return Progress(console=Console(stderr=True), disable=self.as_json or not sys.stderr.isatty(), transient=True)

    def _print_json(self, result: Any) -> None:
        self.stdout.write(json.dumps(result, cls=DjangoJSONEncoder, ensure_ascii=False))
