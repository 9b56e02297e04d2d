"""The list of a table as a file for people: what its page shows, masked as there (SCREENS.md, "Every list"; ASVS 8.3.2).

Written down before the first row leaves and again at the end; it stops within a piece when its reader's access ends.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import models
from django.dispatch import Signal
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from customers.doors.files import csv_lines
from customers.doors.masks import NOTHING, mask_of

PIECE = 500  # rows between two checks of the right to go on
STOPPED = "— stopped: access ended —\r\n"

# Sent before the first row leaves (rows None) and after the last (how many left; whether access ended or the reader went away).
# A receiver that cannot write it down raises, and then nothing leaves (ASVS 16.5.3).
exported = Signal()


def csv_answer(
    request: HttpRequest,
    model: type[models.Model],
    header: Sequence[str],
    pieces: Iterable[Sequence[Sequence[object]]],
    *,
    permissions: Sequence[str],
) -> StreamingHttpResponse:
    """A streamed file of these rows, for as long as its reader has all of these permissions and the session that asked for it.

    Raises PermissionDenied where they ended while it was asked for.
    """
    may_go_on = _still(request, permissions)
    if not may_go_on():
        raise PermissionDenied

    def tell(rows: int | None, stopped: bool) -> None:
        exported.send(model, request=request, subject=f"{model._meta.label_lower} list", rows=rows, stopped=stopped)

    tell(None, False)
    lines = lines_while(may_go_on, header, pieces, ended=tell)
    return as_file(lines, str(model._meta.verbose_name_plural).replace(" ", "-"))


class Lines(Iterator[str]):
    """Lines of a file, with what is asked before each piece of them.

    The web server asks it, too, while it waits for a slow reader (`lumens_admin.serve.connections`).
    """

    def __init__(self, lines: Generator[str, None, None], may_go_on: Callable[[], bool]) -> None:
        self._lines, self.may_go_on = lines, may_go_on

    def __next__(self) -> str:
        return next(self._lines)

    def close(self) -> None:
        self._lines.close()


def as_file(lines: Lines, name: str) -> StreamingHttpResponse:
    """The answer that hands out these lines as `name` of today, as they are made."""
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response.may_go_on = lines.may_go_on  # type: ignore[attr-defined]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate()}.csv"'
    response.headers["X-Accel-Buffering"] = "no"
    return response


def lines_while(
    may_go_on: Callable[[], bool],
    header: Sequence[str],
    pieces: Iterable[Sequence[Sequence[object]]],
    *,
    ended: Callable[[int, bool], object],
) -> Lines:
    """CSV, a piece at a time, each asked for before it leaves. ended: told how many rows left, and whether it was cut off."""
    return Lines(_lines(may_go_on, header, pieces, ended), may_go_on)


def _lines(
    may_go_on: Callable[[], bool],
    header: Sequence[str],
    pieces: Iterable[Sequence[Sequence[object]]],
    ended: Callable[[int, bool], object],
) -> Generator[str, None, None]:
    rows, stopped = 0, True
    try:
        yield "".join(csv_lines(header, []))
        for piece in pieces:
            if not may_go_on():
                yield STOPPED
                return
            rows += len(piece)
            lines = csv_lines([], piece)
            next(lines)  # the header, which went before
            yield "".join(lines)
        stopped = False
    finally:
        ended(rows, stopped)


def _still(request: HttpRequest, permissions: Sequence[str]) -> Callable[[], bool]:
    """Whoever lost access lost the session too, and it stays lost where access was given back meanwhile."""
    reader: Any = request.user
    session = reader.get_session_auth_hash()

    def still() -> bool:
        now: Any = get_user_model()._default_manager.filter(pk=reader.pk).first()
        return now is not None and now.get_session_auth_hash() == session and now.has_perms(permissions)

    return still


def cell_writer(field: "models.Field[Any, Any] | None", write: Callable[[Any], str]) -> Callable[[Any], str]:
    """As the page writes it, but days and instants so that programs sort them, and nothing where nothing is."""
    plain = field is None or mask_of(field) is None

    def cell(value: Any) -> str:
        if plain and isinstance(value, datetime):
            return timezone.localtime(value).isoformat(sep=" ", timespec="seconds")
        if plain and isinstance(value, date):
            return value.isoformat()
        text = write(value)
        return "" if text == NOTHING else text

    return cell
