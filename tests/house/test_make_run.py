"""`make run`, with real processes: it starts, it refuses in one line, it stops, and a kill -9 does not stop the next start."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lumens_admin.embedded import EmbeddedPostgres, processes

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 120  # the first start loads the demonstration company
STOP_SECONDS = 5
SLOW_CLIENTS = 60

pytestmark = pytest.mark.slow(100)

# Another database, and what an outer make tells an inner one.
NOT_INHERITED = {
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
    "DJANGO_SETTINGS_MODULE",
    "SERVED_OVER_TLS",
}


@dataclass
class House:
    """One directory of data and one port, and every `make run` over them that a test started."""

    var: Path
    port: int
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, **settings: str) -> subprocess.Popen[str]:
        environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED}
        environment |= {"LUMENS_VAR": str(self.var), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(
            ["make", "--silent", "run"],
            cwd=REPOSITORY,
            env=environment | settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def request(self, path: str = "/healthz") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request("GET", path)
        return connection.getresponse().status

    def processes(self) -> list[int]:
        """Those of the supervisors over this directory, and of everything below them."""
        mark = f"LUMENS_VAR={self.var}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
            except OSError:
                continue
        return found

    def supervisor(self) -> int:
        children = [pid for pid in self.processes() if "lumens_admin.serve\0" in Path(f"/proc/{pid}/cmdline").read_text()]
        return children[0]


def until_ready(process: subprocess.Popen[str]) -> str:
    """What it printed up to the line that says it is ready, or all of it if it ended instead."""
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if "is ready" in line:
            break
    return said


def refusal(process: subprocess.Popen[str]) -> str:
    """The line it printed before it ended with 2, without make's own remark."""
    said, _ = process.communicate(timeout=60)
    lines = [line for line in said.splitlines() if not re.match(r"make(\[\d+\])?:", line)]
    assert process.returncode == 2, said
    assert len(lines) == 1, said
    return lines[0]


def stop(process: subprocess.Popen[str]) -> None:
    """Ctrl-C at the terminal: the signal reaches everything in the foreground."""
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house") / "var", free_port())
    first = house.start()
    said = until_ready(first)
    assert "is ready" in said, said
    stop(first)
    yield house
    for process in house.started:
        if process.poll() is None:
            stop(process)
    EmbeddedPostgres(house.var / "postgres").stop()


@pytest.fixture
def running(house: House) -> subprocess.Popen[str]:
    """The house at work; it goes on for the next test, unless this one ends it."""
    alive = [process for process in house.started if process.poll() is None]
    if alive:
        return alive[0]
    process = house.start()
    assert "is ready" in until_ready(process)
    return process


def test_the_second_start_prepares_nothing_again_and_prints_the_addresses(house):
    """What takes seconds is done once; how many seconds a start takes is for `make bench` and for people to see."""
    process = house.start()
    said = until_ready(process)
    assert "is ready" in said, said
    assert not [word for word in ("Preparing", "Collecting", "Loading") if word in said], said
    assert process.stdout
    assert f"http://127.0.0.1:{house.port}/" in process.stdout.readline()
    assert house.request() == 200


def test_after_a_kill_of_the_supervisor_it_starts_again(house, running):
    os.kill(house.supervisor(), signal.SIGKILL)
    running.communicate(timeout=30)
    again = house.start()
    assert "is ready" in until_ready(again)
    assert house.request() == 200


def test_after_a_kill_of_make_it_starts_again(house, running):
    running.kill()
    again = house.start()
    assert "is ready" in until_ready(again)


def test_after_a_kill_of_everything_it_starts_again(house, running):
    server = EmbeddedPostgres(house.var / "postgres")
    for pid in [*house.processes(), *processes.of_server(server.data_dir, server._name)]:
        processes.send([pid], signal.SIGKILL)
    running.communicate(timeout=30)
    again = house.start()
    assert "is ready" in until_ready(again)


def test_a_crashed_web_server_is_started_again(house, running):
    web = [pid for pid in house.processes() if b"lumens_admin.serve.web" in Path(f"/proc/{pid}/cmdline").read_bytes()]
    processes.send(web, signal.SIGKILL)
    assert processes.until(lambda: _answers(house), 60)


def test_a_killed_database_is_started_again(house, running):
    server = EmbeddedPostgres(house.var / "postgres")
    before = server._postmaster()
    processes.send([before], signal.SIGKILL)
    assert processes.until(lambda: server._postmaster() not in (None, before), 30)
    assert processes.until(lambda: _answers(house, "/statement/"), 60)


def _answers(house: House, path: str = "/healthz") -> bool:
    try:
        return house.request(path) == 200
    except OSError:
        return False


def test_a_second_start_beside_the_first_is_told_so(house, running):
    assert "already runs here" in refusal(house.start())
    assert house.request() == 200


def test_sixty_slow_clients_do_not_stop_an_ordinary_request(house, running):
    head = f"POST /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{house.port}\r\nContent-Length: 1000\r\n\r\nx"
    slow = [socket.create_connection(("127.0.0.1", house.port)) for _ in range(SLOW_CLIENTS)]
    for client in slow:
        client.sendall(head.encode())
    began_at = time.monotonic()
    for _ in range(10):
        assert house.request() == 200
    assert time.monotonic() - began_at < 5
    for client in slow:
        client.close()


def test_ctrl_c_stops_everything_quickly(house, running):
    began_at = time.monotonic()
    stop(running)
    assert time.monotonic() - began_at < STOP_SECONDS
    assert processes.until(lambda: not house.processes(), 1), "a process of ours goes on"
    assert not (house.var / "postgres" / "postmaster.pid").exists()


def test_of_two_starts_at_once_one_serves(house):
    both = [house.start(), house.start()]
    said: dict[int, str] = {}
    readers = [threading.Thread(target=lambda p=p: said.update({p.pid: until_ready(p)})) for p in both]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(START_SECONDS)
    assert sorted("is ready" in text for text in said.values()) == [False, True], said
    for process in both:
        if process.poll() is None:
            stop(process)


def test_a_port_of_another_program_is_named(house):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", house.port))
        other.listen()
        line = refusal(house.start())
    assert f"Port {house.port} is used" in line
    assert "PORT=" in line


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://root@localhost/shop", "does not name a PostgreSQL"),
        ("postgresql://u:secret-word@127.0.0.1:1/lumens", "Connection refused"),
        ("postgresql://u:secret-word@nowhere.invalid/lumens", "nowhere.invalid"),
        ("postgresql://u:secret@word@127.0.0.1:1/lumens", "%40"),
    ],
)
def test_a_wrong_database_url_is_refused_without_its_password(house, url, told):
    line = refusal(house.start(DATABASE_URL=url))
    assert told in line
    assert "secret" not in line


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
@pytest.mark.parametrize("megabytes", [20, 60])
def test_a_full_disk_is_said_in_one_line_wherever_it_ends_the_first_start(tmp_path, megabytes):
    """Where the database is made, and where it ends itself because it cannot write its journal."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", tmp_path]
    small = subprocess.run(command, capture_output=True, check=False)
    if small.returncode != 0:
        pytest.skip("this machine does not let us mount")
    house = House(tmp_path / "var", free_port())
    try:
        said, _ = house.start().communicate(timeout=START_SECONDS)
        assert said.lower().count("disk is full") == 1, said
        assert house.started[0].returncode == 2
    finally:
        EmbeddedPostgres(house.var / "postgres").stop()
        subprocess.run(["umount", "--lazy", tmp_path], check=True)


def test_an_impossible_port_is_refused(house):
    assert "is not a port" in refusal(house.start(PORT="eighty"))


PYTHON_2 = next(
    (str(path) for path in [*Path.home().glob(".pyenv/versions/2*/bin/python2"), Path("/usr/bin/python2")] if path.exists()),
    "",
)


@pytest.mark.skipif(not PYTHON_2, reason="there is no Python 2 on this machine")
def test_a_python_of_another_age_says_so_in_one_line(tmp_path):
    """As the Makefile starts it, where `python3` is a Python 2."""
    (tmp_path / "python3").symlink_to(PYTHON_2)
    answer = subprocess.run(
        ["make", "--silent", "setup"],
        cwd=REPOSITORY,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode != 0
    assert answer.stderr.splitlines()[0] == "Lumens Admin needs Python 3.11 or later; this python3 is 2.7."
    assert "SyntaxError" not in answer.stderr


def test_an_old_python_says_so_in_one_line(tmp_path):
    script = (
        "import sys; sys.version_info = (3, 8, 0); sys.argv = [{0!r}, 'run']; exec(compile(open({0!r}).read(), {0!r}, 'exec'))"
    )
    bootstrap = str(REPOSITORY / "lumens_admin" / "bootstrap.py")
    code = script.format(bootstrap).replace("exec(", f"__file__ = {bootstrap!r}; exec(", 1)
    done = subprocess.run([sys.executable, "-c", code], env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr == "Lumens Admin needs Python 3.11 or later; this is 3.8, and the PATH has no newer one.\n"
