"""The embedded PostgreSQL survives what happens to it on people's machines."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import environ
import psycopg
import pytest

from lumens_admin.embedded import EmbeddedPostgres, EmbeddedPostgresError, binary, processes

REPOSITORY = Path(__file__).resolve().parents[2]

HOLD_UNTIL_KILLED = """
import sys, time
from pathlib import Path
from lumens_admin.embedded import EmbeddedPostgres

with EmbeddedPostgres(Path(sys.argv[1]), durable=False).hold():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    yield server
    server.stop()


def holder_of(server: EmbeddedPostgres) -> subprocess.Popen[str]:
    """Another process that holds the server until its standard input closes."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD_UNTIL_KILLED, str(server.data_dir)],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def told_that_it_holds(process: subprocess.Popen[str]) -> bool:
    assert process.stdout
    return process.stdout.readline() == "held\n"


def ask(server: EmbeddedPostgres, question: str) -> object:
    with psycopg.connect(server.dsn()) as connection:
        answer = connection.execute(question).fetchone()
    return answer[0] if answer else None


def answers(server: EmbeddedPostgres) -> bool:
    try:
        return ask(server, "SELECT 1") == 1
    except psycopg.OperationalError:
        return False


def postmaster_of(server: EmbeddedPostgres) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().split()[0])


def runs(server: EmbeddedPostgres) -> bool:
    return bool(processes.of_server(server.data_dir, server._name))


def kill_postmaster(server):
    """Kill -9, and wait until it is dead: the signal takes its time on a busy machine."""
    pid = postmaster_of(server)
    os.kill(pid, signal.SIGKILL)
    assert processes.until(lambda: not is_alive(pid), 10)


def is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_the_last_holder_stops_the_server(server):
    other = holder_of(server)
    assert told_that_it_holds(other)
    with server.hold():
        pass
    assert runs(server), "the other still holds it"
    other.communicate()
    assert not runs(server)


def test_two_first_starts_at_once_share_one_server(server):
    both = [holder_of(server), holder_of(server)]
    assert all(told_that_it_holds(process) for process in both)
    both[0].communicate()
    assert ask(server, "SELECT 1") == 1
    both[1].communicate()
    assert not runs(server)


def test_a_killed_holder_holds_nothing(server):
    killed = holder_of(server)
    assert told_that_it_holds(killed)
    killed.kill()
    killed.communicate()
    assert runs(server), "nobody was left to stop it"
    with server.hold():
        assert ask(server, "SELECT 1") == 1
    assert not runs(server)


def test_after_a_kill_of_the_server_nothing_committed_is_lost(tmp_path):
    server = EmbeddedPostgres(tmp_path / "postgres")
    with server.hold():
        with psycopg.connect(server.dsn(), autocommit=True) as connection, closing(psycopg.connect(server.dsn())) as busy:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
            busy.execute("LISTEN nothing")
            kill_postmaster(server)
            server.start()
        assert ask(server, "SELECT number FROM kept") == 42
    assert not runs(server)


def test_children_that_outlive_a_killed_server_are_ended(server):
    server.start()
    with closing(psycopg.connect(server.dsn())) as busy:
        backend = busy.info.backend_pid
        os.kill(backend, signal.SIGSTOP)  # it cannot notice that the postmaster died
        kill_postmaster(server)
        server.start()
        assert backend not in processes.of_server(server.data_dir, server._name)
    assert ask(server, "SELECT 1") == 1


def test_a_stale_pid_file_with_the_pid_of_another_process_does_not_matter(server):
    server.start()
    kill_postmaster(server)
    pid_file = server.data_dir / "postmaster.pid"
    reused = subprocess.Popen(["sleep", "60"])
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(reused.pid), *lines[1:]]) + "\n")
    (server.socket_dir / ".s.PGSQL.5432.lock").write_text(f"{reused.pid}\n{server.data_dir}\n")
    with server.hold():
        assert ask(server, "SELECT 1") == 1
    assert reused.poll() is None, "the other process is left alone"
    reused.kill()
    reused.wait()


def test_an_interrupted_initialisation_is_cleared_away(server):
    half_made = server.data_dir.with_name("postgres.partial-killed")
    (half_made / "base").mkdir(parents=True)
    with server.hold():
        assert ask(server, "SELECT 1") == 1
    assert not half_made.exists()


def test_another_major_version_is_refused_in_one_line(server):
    server.start()
    server.stop()
    (server.data_dir / "PG_VERSION").write_text("14\n")
    with pytest.raises(EmbeddedPostgresError, match=r"was made by PostgreSQL 14, and this is \d+") as refusal, server.hold():
        pass
    assert "\n" not in str(refusal.value)


def test_a_directory_with_other_files_is_left_alone(server):
    server.data_dir.mkdir()
    (server.data_dir / "thesis.odt").write_text("three years of work")
    with pytest.raises(EmbeddedPostgresError, match="holds something else"), server.hold():
        pass
    assert (server.data_dir / "thesis.odt").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk_is_said_in_one_line(tmp_path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", tmp_path], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let us mount")
    try:
        with pytest.raises(EmbeddedPostgresError, match="The disk is full") as refusal:
            EmbeddedPostgres(tmp_path / "postgres", durable=False).start()
        assert "\n" not in str(refusal.value)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_nobody_can_reach_it_over_a_network_or_from_another_account(server):
    with server.hold():
        assert ask(server, "SHOW listen_addresses") == ""
        assert server.socket_dir.stat().st_mode & 0o077 == 0


def test_what_people_typed_never_reaches_its_log(server):
    typed = "Wilhelmina Zzyzx"
    with server.hold():
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("CREATE TABLE person (name text PRIMARY KEY)")
            connection.execute("INSERT INTO person VALUES (%s)", [typed])
            for wrong in ("INSERT INTO person VALUES (%s)", "SELECT %s::text::integer", "SELECT raise(%s)"):
                with pytest.raises(psycopg.Error):
                    connection.execute(wrong, [typed])
        with closing(psycopg.connect(server.dsn())) as crashing:
            threading.Timer(0.3, os.kill, [crashing.info.backend_pid, signal.SIGSEGV]).start()
            with pytest.raises(psycopg.OperationalError):
                crashing.execute(f"SELECT '{typed}', pg_sleep(60)")
        assert processes.until(lambda: answers(server), 60)
    assert "Zzyzx" not in server.log.read_text()


def test_the_url_means_the_same_to_libpq_and_to_django(server):
    url = server.dsn(user="lumens_app", database="lumens")
    django = environ.Env.db_url_config(url)
    libpq = psycopg.conninfo.conninfo_to_dict(url)
    assert (django["USER"], django["NAME"], django["PORT"]) == ("lumens_app", "lumens", 5432)
    assert django["OPTIONS"]["host"] == libpq["host"] == str(server.socket_dir)
    assert (libpq["user"], libpq["dbname"], libpq["port"]) == ("lumens_app", "lumens", "5432")


@pytest.mark.parametrize("name", ["with space", "commas, too", "ümlaut", "long" * 30])
def test_any_directory_name_will_do(tmp_path, name):
    server = EmbeddedPostgres(tmp_path / name / "postgres", durable=False)
    with server.hold():
        assert ask(server, "SHOW data_directory") == str(server.data_dir)
    server.socket_dir.rmdir()


def test_other_rooms_get_its_programs(server):
    with server.hold():
        done = subprocess.run([binary("pg_dump"), "--schema-only", server.dsn()], capture_output=True, text=True, check=True)
    assert "PostgreSQL database dump complete" in done.stdout


@pytest.mark.slow(20)
def test_a_warm_start_takes_less_than_a_second(server):
    server.start()
    server.stop()
    began_at = time.monotonic()
    with server.hold():
        assert time.monotonic() - began_at < 1
