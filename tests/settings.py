"""Settings for the tests: the house's own, on a throwaway PostgreSQL where DATABASE_URL names none."""

import atexit
import os
from contextlib import ExitStack
from pathlib import Path

_VAR = Path(__file__).resolve().parent.parent / "var" / "test"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ.setdefault("LUMENS_VAR", str(_VAR))

from lumens_admin.database import VAR_DIR
from lumens_admin.embedded import EmbeddedPostgres
from lumens_admin.secrets_file import ensure_secrets

VAR_DIR.mkdir(parents=True, exist_ok=True)
for _name, _value in ensure_secrets(VAR_DIR).items():
    os.environ.setdefault(_name, _value)
os.environ.setdefault("SERVED_OVER_TLS", "false")

if not os.environ.get("DATABASE_URL"):
    _server = EmbeddedPostgres(VAR_DIR / "postgres", durable=False)
    _held = ExitStack()
    _held.enter_context(_server.hold())
    atexit.register(_held.close)
    # Workers of pytest-xdist inherit the environment: they share this one server.
    os.environ["DATABASE_URL"] = _server.dsn()
    os.environ["LUMENS_TEST_SERVER"] = "ours"

from lumens_admin.settings import *  # noqa: F403

# Several runs at once, each with a database of its own on the one server.
os.environ.setdefault("LUMENS_TEST_RUN", str(os.getpid()))
DATABASES["default"].setdefault("TEST", {})["NAME"] = f"test_run_{os.environ['LUMENS_TEST_RUN']}"  # noqa: F405
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
# People are made by the hundred; a slow hash would only slow the tests.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405
INSTALLED_APPS += ["django_linear_migrations"]  # noqa: F405
