"""The functions and departments that a roster names, by code or by name as every screen shows them. No writes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from django.utils.text import slugify

from privacy.access.forms.roster import RefusedRow, RosterRow
from privacy.workforce.models import Department, JobFunction

LONGEST_CODE = 50
MOST_NEAR = 3
MOST_GUESSED = 100  # names for which what is near is looked up: a hundredth of a second each, with a thousand functions
_CODE = re.compile(r"[\w-]+")


def with_codes(rows: Sequence[RosterRow], *, create_missing: bool) -> tuple[list[RosterRow], list[RefusedRow]]:
    """The rows with the codes of what they name, and those that name what is not here, or may not be made.

    create_missing: what is new is made later under its code, or under the code that follows from its name; never a second one
    beside one that reads the same.
    """
    named = {"job_function": _Named(JobFunction, "function"), "department": _Named(Department, "department")}
    good, refused = [], []
    for row in rows:
        try:
            codes = {field: names.code_of(getattr(row, field), create_missing) for field, names in named.items()}
        except _Unknown as unknown:
            field = next(name for name, names in named.items() if names is unknown.names)
            refused.append(RefusedRow(row.line, row.login, field, str(unknown), key=row.key))
        else:
            good.append(
                replace(
                    row,
                    job_function=codes["job_function"],
                    department=codes["department"],
                    function_called=row.job_function,
                    department_called=row.department,
                )
            )
    return good, refused


class _Unknown(Exception):
    def __init__(self, names: "_Named", problem: str) -> None:
        super().__init__(problem)
        self.names = names


class _Named:
    """All functions, or all departments, by code and by name."""

    def __init__(self, model: type[JobFunction | Department], word: str) -> None:
        self.word = word
        self.names: dict[str, str] = dict(model._default_manager.values_list("code", "name"))
        self.by_code = {code.casefold(): code for code in self.names}
        self.by_name: dict[str, list[str]] = {}
        self.read_alike: dict[str, str] = {}
        self.near: dict[str, str] = {}
        for code, name in sorted(self.names.items()):
            self.by_name.setdefault(_spaced(name), []).append(code)
            self.read_alike.setdefault(_letters(code), code)
            self.read_alike.setdefault(_letters(name), code)

    def code_of(self, written: str, create_missing: bool) -> str:
        """The code of what is written; nothing has none. Raises _Unknown.

        A code that is another one's name, too, is neither: every screen shows names, so that whoever wrote it may mean either.
        """
        if not written:
            return written
        called = self.by_name.get(_spaced(written), [])
        if code := written if written in self.names else self.by_code.get(written.casefold()):
            if called and code not in called:
                others = ", ".join(called)
                known = f"“{written}” is the code of {self._known(code)} and the name of {others}"
                raise _Unknown(self, f"{known}; write “{self.names[code]}” or {others}")
            return code
        if len(called) == 1:
            return called[0]
        if called:
            raise _Unknown(self, f"“{written}” is what {len(called)} are called; write the code: {', '.join(called)}")
        if not create_missing:
            raise _Unknown(self, f"“{written}” is no {self.word} here{self._near(written)}; --create-missing makes new ones")
        if alike := self.read_alike.get(_letters(written)):
            raise _Unknown(self, f"“{written}” reads like {self._known(alike)}; write that")
        return self._new(written)

    def _new(self, written: str) -> str:
        """The code under which this will be made; its name then is the code in words."""
        code = written if _CODE.fullmatch(written) else slugify(written, allow_unicode=True)
        if len(code) > LONGEST_CODE or _letters(code) != _letters(written) or not _letters(code):
            example = slugify(written)[:LONGEST_CODE].strip("-") or self.word
            rule = f"letters, digits, - and _, {LONGEST_CODE} at most"
            raise _Unknown(self, f"no code follows from “{written}”: write one ({rule}), such as “{example}”")
        if code.casefold() in self.by_code:  # made of another name, further up in the file
            raise _Unknown(self, f"“{written}” and another new {self.word} of this file have one code, {code}; write codes")
        self.by_code[code.casefold()] = code
        self.names[code] = written
        self.by_name.setdefault(_spaced(written), [code])
        self.read_alike.setdefault(_letters(written), code)
        return code

    def _near(self, written: str) -> str:
        """What it may have meant, each once, by name and code; asked once for a name, and for so many names only."""
        asked = _spaced(written)
        if asked not in self.near and len(self.near) < MOST_GUESSED:
            words = {_spaced(name): code for code, name in self.names.items()} | {code.casefold(): code for code in self.names}
            found = get_close_matches(asked, list(words), n=2 * MOST_NEAR, cutoff=0.7)
            codes = list(dict.fromkeys(words[word] for word in found))[:MOST_NEAR]
            self.near[asked] = f" (near: {', '.join(self._known(code) for code in codes)})" if codes else ""
        return self.near.get(asked, "")

    def _known(self, code: str) -> str:
        return f"“{self.names[code]}” ({code})"


def _spaced(text: str) -> str:
    return " ".join(text.casefold().split())


def _letters(text: str) -> str:
    return "".join(character for character in text.casefold() if character.isalnum())
