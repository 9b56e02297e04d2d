"""What the Makefile starts: any Python reads this file, and one that cannot read bootstrap.py says so in one line."""

import os
import runpy
import sys

if sys.version_info < (3, 6):
    # ruff: noqa: UP031, UP036
    sys.exit("Lumens Admin needs Python 3.11 or later; this python3 is %d.%d." % sys.version_info[:2])
runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap.py"), run_name="__main__")
