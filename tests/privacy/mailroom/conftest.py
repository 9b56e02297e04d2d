"""The mailroom's door, as these tests use it."""

import pytest

from tests.factories.mailroom import run


@pytest.fixture
def receive(tmp_path):
    """Write messages to files and take them in; returns what the command printed, and its exit code."""

    def go(*messages, name="m"):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        for number, message in enumerate(messages):
            (folder / f"{number:04d}.eml").write_bytes(message)
        return run(str(folder))

    return go
