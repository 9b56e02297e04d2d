"""What every command of the house does alike (INTERFACES.md, "Commands"): --json, exit codes, errors that name file and line."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from errno import EBADF
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db import InterfaceError, OperationalError, ProgrammingError
from psycopg.errors import UndefinedTable
from rich.console import Console
from rich.progress import Progress

from customers.actions import KeysDoNotFit, check_keys
from customers.visible import visible

_OF_LINES = "\n\t"
_UNSEEN = re.compile("[\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")  # which JSON takes as they are

EXIT_DONE, EXIT_FOUND, EXIT_BAD_INPUT, EXIT_STOPPED = 0, 1, 2, 130


# What is committed, as a sentence without its full stop ("" for nothing), and the same for `--json`.
HowFar = Callable[[], tuple[str, dict[str, Any]]]


class BadInput(Exception):
    """The input cannot be used; nothing was changed. The message names file, line or field."""


def database_went_away(error: Exception) -> bool:
    """Whether the connection is lost, not something refused over it: then a commit under way may have happened, or not."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def was_in_the_way(error: Exception) -> bool:
    """Whether somebody else's act was: two waited for each other, or one too long. Nothing is done; a moment later it can be."""
    return getattr(error.__cause__, "sqlstate", None) in ("40P01", "40001", "55P03")


class HouseCommand(BaseCommand):
    """Subclasses write `run(**options)` and end it with `self.finish(...)`.

    With other keys than the database was written with, none of them does anything; `needs_keys = False` for those that ask
    the database nothing.
    """

    needs_keys = True
    _how_far: HowFar

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON object on standard output and nothing else")

    def add_dry_run(self, parser: CommandParser, help: str = "say what would change, change nothing") -> None:
        """For every command that changes something."""
        parser.add_argument("--dry-run", action="store_true", help=help)

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """What argparse complains of is one JSON object, too, where that is asked for."""
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        complain: Callable[[str], NoReturn] = parser.error

        def error(message: str) -> NoReturn:
            if parser.called_from_command_line and "--json" in sys.argv:
                self._print([self._as_json({"error": f"Nothing was changed. {message}"})])
                sys.exit(EXIT_BAD_INPUT)
            complain(message)

        parser.error = error  # type: ignore[method-assign]
        return parser

    def handle(self, *args: Any, **options: Any) -> None:
        self.as_json = bool(options.pop("json", False))
        self._how_far = lambda: ("", {})
        reached = False
        try:
            if self.needs_keys:
                check_keys()
                reached = True
            self.run(**options)
        except KeyboardInterrupt:
            # What is done is done in whole acts; whatever was under way is undone by the database.
            said = "Stopped. What was done before is kept, nothing is half done; the same command goes on from there."
            self._refuse(said, {"error": said, **self._how_far()[1]})
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
        except (OperationalError, InterfaceError) as error:
            said = (str(error).strip().splitlines() or [type(error).__name__])[0]
            away = f"The database refuses or does not answer ({said})."
            stands, so_far = self._how_far()
            if not stands and reached and database_went_away(error):
                whole = f"{away} What was under way has happened whole or not at all; run the same command again."
                self._refuse(whole, {"error": whole})
                sys.exit(EXIT_FOUND)
            if not stands:
                self._refuse(f"Nothing was changed. {away}")
                sys.exit(EXIT_BAD_INPUT)
            told = f"{away} What was done before is kept, nothing is half done: {stands}."
            self._refuse(told, {"error": told, **so_far})
            sys.exit(EXIT_FOUND)

    def tells_how_far(self, how_far: HowFar) -> None:
        """For a command of several acts: asked what stands, if the database fails under the rest of it."""
        self._how_far = how_far

    def run(self, *args: Any, **options: Any) -> None:
        raise NotImplementedError

    def finish(self, result: Any, lines: Iterable[str] = (), *, found: bool = False) -> None:
        """Print the result (as JSON, or the lines for people) and leave with 1 where something was refused or found, else 0."""
        said = self._print([self._as_json(result)] if self.as_json else [visible(line, keep=_OF_LINES) for line in lines])
        if found or not said:
            sys.exit(EXIT_FOUND)

    def progress(self) -> Progress:
        """A progress bar on standard error, shown only on a terminal. Use as a context manager."""
        return Progress(console=Console(stderr=True), disable=self.as_json or not sys.stderr.isatty(), transient=True)

    def _refuse(self, sentence: str, result: dict[str, Any] | None = None) -> None:
        if self.as_json:
            self._print([self._as_json(result or {"error": sentence})])
        else:
            self.complain(sentence)

    def complain(self, sentence: str) -> None:
        """To standard error, for people; a name or a cell out of a file steers no terminal."""
        self.stderr.write(visible(sentence, keep=_OF_LINES))

    def _print(self, lines: list[str]) -> bool:
        """To standard output. Whoever has read enough (`| head`) ends the printing, and nothing else.

        Where it cannot be written at all (a full disk, a closed output) it is said on standard error, because it may not be said
        again: what was done is done, and a token is shown once. Returns False then.
        """
        try:
            if getattr(self.stdout, "closed", True):
                raise OSError(EBADF, os.strerror(EBADF))
            for line in lines:
                self.stdout.write(line)
            self.stdout.flush()
        except OSError as error:
            self._write_no_more()
            if isinstance(error, BrokenPipeError):
                return True
            with suppress(OSError):
                self.stderr.write("\n".join([f"This could not be written ({error.strerror}):", *lines]))
            return False
        return True

    @staticmethod
    def _write_no_more() -> None:
        """Nobody reads: without this, Python complains at its end of what it could not write."""
        if sys.stdout is not None and not sys.stdout.closed:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, sys.stdout.fileno())
            os.close(nowhere)

    @staticmethod
    def _as_json(result: Any) -> str:
        said = json.dumps(result, cls=DjangoJSONEncoder, ensure_ascii=False)
        return _UNSEEN.sub(lambda unseen: f"\\u{ord(unseen[0]):04x}", said)
