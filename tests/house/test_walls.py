"""Rules of the house that no linter knows (HOUSE.md)."""

import ast
import importlib
import re
import sys
from pathlib import Path

import pytest
from django import forms
from django.apps import apps
from django.urls import get_resolver

from customers.cards import refuse_card_number
from customers.doors.days import DayField, InstantField
from customers.doors.pages import PUBLIC
from customers.doors.words import WordsField
from privacy.models import Seal, SealedPart

ROOT = Path(__file__).resolve().parents[2]
NOT_ROOMS = {"migrations", "management", "templatetags", "__pycache__"}
ROOMS = sorted(path for path in (ROOT / "privacy").iterdir() if path.is_dir() and path.name not in NOT_ROOMS)
FLOOR_PLAN = set("__init__ errors models policies queries actions gateways forms jobs promises admin views urls api".split())  # noqa: SIM905
# Ports of Django that a room answers have the file names that Django's own documentation gives them.
FLOOR_PLAN |= {"signals", "middleware", "backends", "adapters", "urls_accounts"}
WRITES = {"create", "bulk_create", "get_or_create", "update_or_create", "bulk_update"}
WRITES_ON_ROWS = {"save", "delete"}


def sources(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.py") if "migrations" not in path.parts]


def is_action(path: Path) -> bool:
    return path.name == "actions.py" or path.parent.name == "actions"


def chain(node: ast.expr) -> list[str]:
    """Names along an attribute chain: `Grant.objects.filter(x).update` → ["Grant", "objects", "filter", "update"]."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Name):
            return [node.id, *names[::-1]]
        else:
            return names[::-1]


def writes_in(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        names = chain(node.func)
        verb = node.func.attr
        on_a_queryset = bool({"objects", "_default_manager", "_base_manager", "filter", "exclude"} & set(names))
        on_a_row = verb in WRITES_ON_ROWS and not {"session", "store", "form", "cache", "buffer"} & set(names[:-1])
        if verb in WRITES or (verb in {"update", "delete"} and on_a_queryset) or on_a_row:
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {'.'.join(names)}")
    return found


A_WRITE_IN_SQL = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?\S+\s+SET|DELETE\s+FROM|TRUNCATE\s+\S|MERGE\s+INTO|COPY\s+\S+.*\sFROM)\b", re.I | re.S
)


def writes_in_sql(path: Path) -> list[str]:
    """Statements that write, among the strings of a file: what a cursor is given counts as much as a queryset's verb."""
    tree, found, seen = ast.parse(path.read_text()), [], set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            seen.add(node.value)  # a docstring
        if isinstance(node, ast.JoinedStr):
            seen |= {part for part in node.values if isinstance(part, ast.Constant)}
            said = "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in seen:
            said = node.value
        else:
            continue
        if A_WRITE_IN_SQL.search(said) and not said.lstrip().upper().startswith("SELECT"):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno} {' '.join(said.split())[:80]}")
    return found


def test_only_actions_write():
    found = [
        line
        for folder in (ROOT / "privacy", ROOT / "customers")
        for path in sources(folder)
        if not is_action(path)
        for line in writes_in(path)
    ]
    assert not found, "\n".join(found)


def test_only_actions_write_in_sql_either():
    """Triggers are declared beside their models: what they write, the database writes."""
    found = [
        line
        for folder in (ROOT / "privacy", ROOT / "customers")
        for path in sources(folder)
        if not is_action(path) and path.name != "models.py" and path.parent.name != "models"
        for line in writes_in_sql(path)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "Grant._default_manager.update(state='x')",
        "person.notices.create(subject='x')",
        "Grant.objects.filter(pk=1).delete()",
    ],
)
def test_the_wall_sees_whoever_writes_through_another_door(tmp_path, monkeypatch, line):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "views.py").write_text(line)
    assert writes_in(tmp_path / "views.py")


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("cursor.execute('UPDATE privacy_grant SET state = 1')", True),
        ("cursor.execute(f'DELETE FROM {table} WHERE true')", True),
        ("cursor.execute(f'UPDATE {table}' ' SET x = 1')", True),
        ("cursor.execute('insert into t values (1)')", True),
        ("cursor.execute('SELECT 1 FROM t FOR UPDATE')", False),
        ("said = 'Update your settings'", False),
    ],
)
def test_the_wall_sees_a_statement_that_writes(tmp_path, monkeypatch, line, seen):
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "views.py").write_text(line)
    assert bool(writes_in_sql(tmp_path / "views.py")) is seen


def test_a_rooms_actions_write_only_its_own_tables():
    found = []
    for room in ROOMS:
        for path in sources(room):
            if not is_action(path):
                continue
            tree = ast.parse(path.read_text())
            foreign = {
                alias.asname or alias.name: node.module
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom)
                and node.module
                and ".models" in node.module
                and not node.module.startswith(f"privacy.{room.name}.")
                and node.module.startswith(("privacy.", "customers."))
                for alias in node.names
            }
            found += [line for line in writes_in(path) if line.split(" ")[1].split(".")[0] in foreign]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_only_the_files_of_the_floor_plan(room):
    extra = {path.stem for path in room.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()} - FLOOR_PLAN
    assert not extra


def test_every_table_of_ours_is_in_the_ledger():
    ours = [m for m in apps.get_models() if m._meta.app_label in {"customers", "privacy"} and not hasattr(m, "pgh_tracked_model")]
    tracked = {m.pgh_tracked_model for m in apps.get_models() if hasattr(m, "pgh_tracked_model")}
    assert ours
    tracked |= {Seal, SealedPart}  # rows of the ledger themselves, which nobody can change
    assert [m._meta.label for m in ours if m not in tracked and m._meta.managed and not m._meta.proxy] == []


def test_no_table_of_ours_has_an_automatic_through_table():
    for model in apps.get_models():
        if model._meta.app_label in {"customers", "privacy"}:
            assert not model._meta.local_many_to_many, model


def test_every_constraint_has_a_sentence_for_people():
    for model in apps.get_models():
        if model._meta.app_label in {"customers", "privacy"} and not hasattr(model, "pgh_tracked_model"):
            for constraint in model._meta.constraints:
                assert constraint.violation_error_message != constraint.default_violation_error_message, constraint.name


TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_needs_what_the_page_policy_forbids(template):
    text = template.read_text()
    assert not re.search(r"\sstyle\s*=", text), "inline style"
    assert not re.search(r"\son[a-z]+\s*=\s*[\"']", text), "inline handler"
    assert "<style" not in text
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", text, re.S):
        assert "src=" in attributes or "application/json" in attributes, "inline script"
        assert not body.strip() or "application/json" in attributes
    assert "hx-on" not in text
    assert not re.search(r"hx-(vals|headers)=['\"]js:", text)


LONGEST_LINE_OF_A_TEMPLATE = 240  # characters: a tag of Django's cannot be broken, nor what stands together without a blank


def test_templates_are_broken_into_lines_that_people_can_read():
    """djade formats tags, not markup: without this, whole tables end up on one line."""
    long = {
        str(path.relative_to(ROOT)): number
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > LONGEST_LINE_OF_A_TEMPLATE
    }
    assert not long, "white space may stand beside a block element, and wherever some stands already"


def doors(patterns=None):
    """Every view of ours that an address leads to; tables of the stock admin ask their own permission of each model."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        if hasattr(pattern, "url_patterns"):
            yield from doors(pattern.url_patterns)
        elif pattern.callback.__module__.startswith(("privacy.", "customers.")) and not hasattr(pattern.callback, "model_admin"):
            yield pattern.callback


def test_a_public_door_says_so():
    assert [f"{door.__module__}.{door.__name__}" for door in doors() if not getattr(door, "needs", ())] == []
    public = {door.__name__ for door in doors() if getattr(door, "needs", ()) == (PUBLIC,)}
    assert public == {"current", "one", "changes", "one_click", "again", "scim", "not_here", "came_back"}, (
        "SCIM asks for a client's token itself"
    )


def test_every_public_verb_has_a_docstring():
    missing = []
    for path in sources(ROOT / "privacy") + sources(ROOT / "customers"):
        if not is_action(path):
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name}")
    assert not missing, "\n".join(missing)


LOOKED_UP = {  # asked of the database, or of another system, and kept nowhere in the words that were typed
    "address", "code", "customer", "duplicate_of", "external_id", "secret", "to", "who",
}  # fmt: skip


FORM_FILES = {"forms", "views", "doors"}


def forms_of_ours() -> set[type[forms.Form]]:
    files = [
        path
        for path in sources(ROOT / "privacy") + sources(ROOT / "customers")
        if path.stem in FORM_FILES or path.parent.name in FORM_FILES
    ]
    modules = [importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts)) for path in files]
    return {
        form
        for module in modules
        for form in vars(module).values()
        if isinstance(form, type) and issubclass(form, forms.Form) and form.__module__ == module.__name__
    }


def test_forms_live_in_a_rooms_forms_and_not_among_its_views():
    assert [form for form in forms_of_ours() if "views" in form.__module__.split(".")] == []


def test_no_form_takes_down_a_card_number():
    ours = forms_of_ours()
    assert len(ours) > 30
    taking = [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in ours
        for name, field in form.base_fields.items()
        if type(field) in (forms.CharField, WordsField) and name not in LOOKED_UP and refuse_card_number not in field.validators
    ]
    assert taking == []


def test_no_form_takes_a_day_of_nobodys_working_life():
    assert [
        f"{form.__module__}.{form.__name__}.{name}"
        for form in forms_of_ours()
        for name, field in form.base_fields.items()
        if isinstance(field, forms.DateField | forms.DateTimeField) and not isinstance(field, DayField | InstantField)
    ] == []
