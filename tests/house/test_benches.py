"""The door of the benches; what they measure is for people to read, never a test."""

import subprocess
import sys
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[2]


@pytest.mark.parametrize("named", [["make", "bench", "NAME=nothing"], [sys.executable, "-m", "bench", "nothing"]])
def test_only_the_bench_that_was_named_is_run(named):
    """All of them take half an hour; a name that make does not hand on would start that."""
    answer = subprocess.run(named, cwd=HOUSE, capture_output=True, text=True, timeout=120, check=False)
    assert answer.returncode != 0
    assert "there is no bench called nothing" in answer.stderr
