"""Chromium from the distribution's packages, as the tests and the photographer start it."""

import shutil
from typing import Any

from lumens_admin.check import CHROMIUMS

FOUND = next((path for name in (*CHROMIUMS, "google-chrome") if (path := shutil.which(name))), "")
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
    # A page lives for a second here: optimising its scripts, and collecting their garbage often, costs more than it gives.
    "--js-flags=--no-opt --min-semi-space-size=64",
]


def start(playwright: Any) -> Any:
    return playwright.chromium.launch(executable_path=FOUND, args=FLAGS, headless=True)
