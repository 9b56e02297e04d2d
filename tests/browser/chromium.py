"""Chromium from the distribution's packages, as the tests and the photographer start it."""

import shutil
from pathlib import Path
from typing import Any

FOUND = next(
    (
        path
        for path in ("/usr/bin/chromium", shutil.which("chromium"), shutil.which("google-chrome"))
        if path and Path(path).exists()
    ),
    "",
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    # A page lives for a second here: optimising its scripts (by either compiler), collecting their garbage often, and sharing
    # that out among threads cost more than they give.
    "--js-flags=--no-opt --no-maglev --single-threaded-gc --min-semi-space-size=64",
]


def start(playwright: Any) -> Any:
    return playwright.chromium.launch(executable_path=FOUND, args=FLAGS, headless=True)
