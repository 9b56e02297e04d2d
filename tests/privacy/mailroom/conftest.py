"""The mailroom's door, as these tests use it."""

from contextlib import nullcontext

import pytest

from privacy.mailroom import jobs
from privacy.mailroom.gateways.reader import ProcessReader
from tests.factories.mailroom import run


@pytest.fixture(scope="session")
def one_reader():
    """The real reader's process, started once: it serves two thousand messages before it is replaced."""
    with ProcessReader() as reader:
        yield reader


@pytest.fixture
def receive(tmp_path, monkeypatch, one_reader):
    """Write messages to files and take them in; returns what the command printed, and its exit code."""
    monkeypatch.setattr(jobs, "ProcessReader", lambda: nullcontext(one_reader))

    def go(*messages, name="m"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for number, message in enumerate(messages):
            (folder / f"{number:04d}.eml").write_bytes(message)
        return run(str(folder))

    return go
