"""docs/security.md names tests: each of them exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_the_checklist_names_exists():
    missing, path = [], ""
    for file, name in re.findall(r"`(tests/[\w/]+\.py)?(?:::(\w+))?`", (ROOT / "docs" / "security.md").read_text()):
        path = file or path
        if not path or not (ROOT / path).is_file():
            missing.append(file)
        elif name and f"def {name}(" not in (ROOT / path).read_text():
            missing.append(f"{path}::{name}")
    assert path
    assert not missing
