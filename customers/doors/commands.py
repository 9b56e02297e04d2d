"""What every command of the house does alike (INTERFACES.md, "Commands"): --json, exit codes, errors that name file and line."""

import json
import os
import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import OperationalError, ProgrammingError
from psycopg.errors import UndefinedTable
from rich.console import Console
from rich.progress import Progress

from customers.actions import KeysDoNotFit, check_keys

EXIT_DONE, EXIT_FOUND, EXIT_BAD_INPUT, EXIT_STOPPED = 0, 1, 2, 130


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
        except KeyboardInterrupt:
            # What is done is done in whole acts; whatever was under way is undone by the database.
            self._refuse("Stopped. What was done before is kept, nothing is half done; the same command goes on from there.")
            sys.exit(EXIT_STOPPED)
        except (BadInput, KeysDoNotFit) as error:
            self._refuse(f"Nothing was changed. {error}", {"error": str(error)})
            sys.exit(EXIT_BAD_INPUT)
        except ProgrammingError as error:
            if not isinstance(error.__cause__, UndefinedTable):
                raise
            # Whoever types the first command before the first start is not shown a stack of calls.
            self._refuse("Nothing was changed. The database is not prepared yet: `make run` does it, or `manage.py migrate`.")
            sys.exit(EXIT_BAD_INPUT)
        except OperationalError as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            self._refuse(f"The database refuses or does not answer ({said}). What was done before is kept; nothing is half done.")
            sys.exit(EXIT_BAD_INPUT)

    def run(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError

    def finish(self, result: Any, lines: Iterable[str] = (), *, found: bool = False) -> None:
        """Print the result (as JSON, or the lines for people) and leave with 1 where something was refused or found, else 0."""
        self._print([self._as_json(result)] if self.as_json else lines)
        if found:
            sys.exit(EXIT_FOUND)

    def progress(self) -> Progress:
        """A progress bar on standard error, shown only on a terminal. Use as a context manager."""
        return Progress(console=Console(stderr=True), disable=self.as_json or not sys.stderr.isatty(), transient=True)

    def _refuse(self, sentence: str, result: dict[str, str] | None = None) -> None:
        if self.as_json:
            self._print([self._as_json(result or {"error": sentence})])
        else:
            self.stderr.write(sentence)

    def _print(self, lines: Iterable[str]) -> None:
        """To standard output. Whoever has read enough (`| head`) ends the printing, and nothing else."""
        try:
            for line in lines:
                self.stdout.write(line)
            self.stdout.flush()
        except BrokenPipeError:
            # Nobody reads any more: without this, Python complains at its end of what it could not write.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    @staticmethod
    def _as_json(result: Any) -> str:
        return json.dumps(result, cls=DjangoJSONEncoder, ensure_ascii=False)
