"""`.env`, read before anything else of the house."""

import sys
from pathlib import Path

import environ

FILE = Path(__file__).resolve().parent.parent / ".env"


def read_dotenv() -> None:
    """Put what `.env` says into the environment, where that does not say it already. One line and exit 2 where it is no text."""
    try:
        environ.Env.read_env(FILE)
    except UnicodeDecodeError as error:
        print(f"{FILE}: byte {error.start + 1} is not UTF-8 text; save the file as UTF-8.", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        print(f"{FILE}: {error.strerror}.", file=sys.stderr)
        sys.exit(2)
