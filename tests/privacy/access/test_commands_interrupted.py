"""At the terminal, as other processes: a reader that has enough, Ctrl-C in the middle, two at once, a database that is away."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from privacy.access.actions.employment import end_employments
from privacy.models import AccessGrant, ChangeState, Message, SystemChange, SystemKind
from tests.factories import warm
from tests.factories.mailroom import mail
from tests.factories.processes import ROOT, environment_here
from tests.factories.systems import SystemFactory, deaf_port, held, wait_until
from tests.factories.workforce import EmployeeFactory

pytestmark = [pytest.mark.slow(60), pytest.mark.django_db(transaction=True)]


@contextmanager
def command(*arguments, stdin=None, **more):
    """A command of the house in a process of its own, ended with the block."""
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment_here(**more),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # As at a terminal: a shell starts what runs in its background, this test run perhaps, deaf to Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def interrupt_a_worker(process):
    """Ctrl-C at the moment at which it does not wake the main thread from its waiting: a thread at work takes it."""
    worker = min(int(thread.name) for thread in Path(f"/proc/{process.pid}/task").iterdir() if thread.name != str(process.pid))
    assert ctypes.CDLL(None).tgkill(process.pid, worker, signal.SIGINT) == 0


def leavers(system, *, count, group):
    """People with an account there who have just left; the changes that follow."""
    people = EmployeeFactory.create_batch(count)
    for person in people:
        held(person, system, group)
    end_employments([one.pk for one in people], by=None, reason="left", now=timezone.now(), source="test")
    return SystemChange.objects.removals().filter(system=system)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["check_promises"], None),
        (["check_promises", "--json"], None),
        (["push_removals"], 1),
        (["reconcile_access", "hangs"], 1),
        (["revoke_access", "ana", "--reason", "over", "--dry-run"], 0),
        (["reconcile_access", "nowhere", "--json"], 2),
    ],
)
def test_whoever_stops_reading_ends_no_command_and_is_told_nothing(arguments, status):
    EmployeeFactory(login="ana")
    leavers(
        SystemFactory(kind=SystemKind.POSTGRESQL, code="hangs", address="postgresql://u:p@127.0.0.1:1/x"),
        count=1,
        group="readers",
    )
    with command(*arguments) as process:
        process.stdout.close()
        said = process.stderr.read()
        assert said == ""
        assert process.wait(60) in ((0, 1) if status is None else (status,))


def test_ctrl_c_lets_the_account_in_hand_be_finished_and_the_same_command_goes_on(cluster):
    one, two = cluster.system(), cluster.system()
    first, second = cluster.group(), cluster.group()
    accounts = 20
    removals = [leavers(one, count=accounts, group=first), leavers(two, count=accounts, group=second)]
    proven = SystemChange.objects.removals().filter(state=ChangeState.PROVEN)
    with command("push_removals", "--json") as process:
        wait_until(lambda: proven.count() >= 4, 60)
        interrupt_a_worker(process)
        said, complained = process.communicate(timeout=20)
        assert process.returncode == 130
        assert "goes on from there" in json.loads(said)["error"]
        assert complained == ""
    assert 4 <= proven.count() < 2 * accounts
    assert not SystemChange.objects.filter(taken_until__gt=timezone.now()).exists()  # nobody waits for a lease to end
    again = warm.command("push_removals", "--json")
    assert json.loads(again.said_at_its_end())["outstanding"] == again.returncode == 0
    assert proven.count() == sum(one.count() for one in removals) == 2 * accounts
    assert not AccessGrant.objects.filter(state="revoking").exists()


def test_ctrl_c_while_a_system_hangs_ends_within_the_time_of_one_account():
    with deaf_port() as one, deaf_port() as two:
        for number, port in enumerate((one, two)):
            system = SystemFactory(
                kind=SystemKind.POSTGRESQL, code=f"deaf-{number}", address=f"postgresql://u:p@127.0.0.1:{port}/x"
            )
            leavers(system, count=3, group="readers")
        with command("push_removals") as process:
            wait_until(lambda: SystemChange.objects.filter(taken_until__isnull=False).count() >= 2, 30)
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            _, complained = process.communicate(timeout=30)
            assert process.returncode == 130
            assert time.monotonic() - began < 15
            assert complained.count("\n") == 1
    assert not SystemChange.objects.filter(taken_until__gt=timezone.now()).exists()


def test_two_at_once_prove_each_removal_once(cluster):
    removals = leavers(cluster.system(), count=20, group=cluster.group())
    both = [warm.command("push_removals", "--json") for _ in range(2)]
    said = [json.loads(process.said_at_its_end()) for process in both]
    assert sum(one["proven"] for one in said) == removals.count() == 20
    again = warm.command("push_removals", "--json")
    assert json.loads(again.said_at_its_end())["proven"] == again.returncode == 0


def test_a_database_that_is_away_is_told_in_one_line_without_its_password():
    away = "postgresql://somebody:sekret@127.0.0.1:1/gone"
    for more in ([], ["--json"]):
        with command("push_removals", *more, DATABASE_URL=away) as process:
            said, complained = process.communicate(timeout=60)
        assert process.returncode == 2
        line = json.loads(said)["error"] if more else complained
        assert "does not answer" in line
        assert line.strip().count("\n") == 0
        assert "sekret" not in said + complained


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_a_database_that_goes_away_between_two_acts_is_exit_1_and_says_how_far_it_came(more):
    first, second = ("From ann@example.com Mon Nov 23 10:38:21 2026\n" + mail(ends="\n").decode() + "\n" for _ in range(2))
    heading, rest = second[:200], second[200:]
    with command("receive_mail", "-", *more, stdin=subprocess.PIPE) as process:
        process.stdin.write(first + heading)
        process.stdin.flush()
        wait_until(lambda: Message.objects.exclude(outcome="").count() == 1, 20)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            assert cursor.fetchone()[0] >= 1
        said, complained = process.communicate(rest, timeout=60)
    assert process.returncode == 1
    assert "1 messages received" in (json.loads(said)["error"] if more else complained)
    assert not more or json.loads(said)["received"] == 1
    assert Message.objects.count() == 1


def test_progress_is_for_terminals_only():
    reader, writer = os.openpty()
    try:
        seen = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), "push_removals"],
            cwd=ROOT,
            env=environment_here(TERM="xterm"),
            stdout=subprocess.PIPE,
            stderr=writer,
            timeout=60,
            check=False,
        )
        os.set_blocking(reader, False)
        assert b"pushing to 0 systems" in os.read(reader, 65536)
    finally:
        os.close(reader)
        os.close(writer)
    assert (seen.returncode, seen.stdout) == (0, b"0 proven, 0 failed, 0 outstanding.\n")
    assert warm.command("push_removals").said_at_its_end() == "0 proven, 0 failed, 0 outstanding.\n"
