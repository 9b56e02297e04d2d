"""What `make test` runs: every check of the house, all of them even when one fails, and a summary.

Format, lint, walls, templates and migrations, then the tests, on both cores; beside all of these the types and the browser
tests. Exit status 0 only if every step passed. `--format` only puts the files into the house's format.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from lumens_admin.database import BASE_DIR, VAR_DIR
from lumens_admin.secrets_file import ensure_secrets

# Packages of the distribution, called as their programs are; the first is the same browser without a window: less work.
CHROMIUMS = ("chromium-headless-shell", "chromium")
BROWSER_TESTS = "tests/browser"
PYTHON = sys.executable
SCRIPTS = Path(sys.executable).parent
PYTEST = [PYTHON, "-m", "pytest", "-q"]
# A file stays on one worker, the slow ones first (tests/conftest.py). One worker more than cores: many tests wait for processes.
FILES_WHOLE = ["--dist", "loadfile", "--no-loadscope-reorder"]


@dataclass(frozen=True)
class Step:
    """A named command; its output is worth reading when it fails."""

    name: str
    command: Sequence[str | Path]


@dataclass(frozen=True)
class Verdict:
    name: str
    passed: bool
    seconds: float
    ran: bool = True
    output: str = ""  # worth reading when it failed

    def __str__(self) -> str:
        return f"{('passed' if self.passed else 'FAILED') if self.ran else 'NOT RUN'}, {self.seconds:.0f} s"


def main(arguments: list[str]) -> int:
    os.chdir(BASE_DIR)
    if arguments == ["--format"]:
        return put_into_format()
    prepare_environment()
    began_at = time.monotonic()
    with ThreadPoolExecutor() as beside:
        chromium = beside.submit(install_chromium)
        types = beside.submit(run_quietly, Step("types", [PYTHON, "-m", "mypy", "."]))
        verdicts = [told(run_quietly(step)) for step in short_steps()]  # which compile what all others import
        browser_tests = beside.submit(run_browser_tests, chromium)
        verdicts.append(run_aloud("tests", [*PYTEST, "-n", "3", *FILES_WHOLE, "tests", f"--ignore={BROWSER_TESTS}"]))
        verdicts += [told(types.result()), told(browser_tests.result())]
    return summarise(verdicts, time.monotonic() - began_at)


def short_steps() -> list[Step]:
    """Those that need no running server and take a second or two each."""
    # Not manage.py, which would start the database of `make run` for them.
    manage = [PYTHON, "-W", "ignore::RuntimeWarning", "-m", "django"]
    return [
        Step("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Step("system checks", [*manage, "check", "--fail-level", "WARNING"]),
        Step("walls", [SCRIPTS / "lint-imports", "--no-cache"]),
        Step("format", [PYTHON, "-m", "ruff", "format", "--check", "."]),
        Step("lint", [PYTHON, "-m", "ruff", "check", "."]),
        Step("templates", [SCRIPTS / "djade", "--check", *templates()]),
    ]


def prepare_environment() -> None:
    """The settings need secrets, also where DATABASE_URL is set and they would refuse to make some."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    VAR_DIR.mkdir(parents=True, exist_ok=True)
    for name, value in ensure_secrets(VAR_DIR).items():
        os.environ.setdefault(name, value)


def templates() -> list[str]:
    return [str(path.relative_to(BASE_DIR)) for path in sorted((BASE_DIR / "templates").rglob("*.html"))]


def put_into_format() -> int:
    commands = [
        [PYTHON, "-m", "ruff", "check", "--fix", "."],
        [PYTHON, "-m", "ruff", "format", "."],
        [str(SCRIPTS / "djade"), *templates()],
    ]
    statuses = [subprocess.run(command, check=False).returncode for command in commands]
    return statuses[0]  # the formatters' own only say that they changed something


# --- running ----------------------------------------------------------------------------------------


def run_quietly(step: Step) -> Verdict:
    began_at = time.monotonic()
    done = subprocess.run(
        step.command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False
    )
    return Verdict(step.name, done.returncode == 0, time.monotonic() - began_at, output=done.stdout.rstrip())


def told(verdict: Verdict) -> Verdict:
    """The same, after a line about it, and all that was said when it failed or did not run."""
    said = "" if verdict.passed and verdict.ran else "\n" + verdict.output
    print(f"--- {verdict.name}: {verdict}{said}", flush=True)
    return verdict


def run_aloud(name: str, command: list[str]) -> Verdict:
    print(f"\n--- {name}", flush=True)
    began_at = time.monotonic()
    status = subprocess.run(command, check=False).returncode
    return Verdict(name, status == 0, time.monotonic() - began_at)


def run_browser_tests(chromium: Future[None]) -> Verdict:
    """One browser, beside the other tests: each of both waits often enough for the other. chromium: its installation."""
    if not any((BASE_DIR / BROWSER_TESTS).rglob("test_*.py")):
        return Verdict("browser tests", True, 0, ran=False)
    chromium.result()
    if not has_chromium():
        line = "!" * 78
        missing = "THE BROWSER TESTS DID NOT RUN: there is no Chromium (apt-get install chromium-headless-shell)."
        return Verdict("browser tests", True, 0, ran=False, output=f"{line}\n!!! {missing}\n{line}")
    return run_quietly(Step("browser tests", [*PYTEST, BROWSER_TESTS]))


def has_chromium() -> bool:
    return any(shutil.which(name) for name in CHROMIUMS)


def install_chromium() -> None:
    """From the distribution's packages, where it is missing and we may. Its absence is said when the browser tests do not run."""
    if has_chromium() or os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    print("--- installing Chromium", flush=True)
    apt("update")
    for package in CHROMIUMS:
        if apt("install", "-y", package) and has_chromium():
            return


def apt(*arguments: str) -> bool:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(["apt-get", *arguments], env=environment, capture_output=True, check=False)
    return done.returncode == 0


def summarise(verdicts: list[Verdict], seconds: float) -> int:
    print("\n--- summary")
    for verdict in verdicts:
        print(f"{verdict.name:16}{verdict}")
    failed = [verdict.name for verdict in verdicts if not verdict.passed]
    print(f"{'FAILED: ' + ', '.join(failed) if failed else 'Everything passed.'} {seconds:.0f} s in all.")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
