"""Somebody reads a long export slowly, over a real connection to the real server, and their access ends meanwhile."""

import contextlib
import http.client
import os
import re
import socket
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from customers.models import Customer
from privacy.access import actions
from privacy.models import AccessGrant, Employee, Nda
from privacy.workforce.models import WorkerType
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory
from tests.factories.processes import ROOT, environment_here, running_web
from tests.factories.scim import Provider
from tests.factories.systems import wait_until
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db(transaction=True)
CUSTOMERS, FEWER = 12_000, 4_000
EXPORT = "/admin/access/export/customers.csv"
STOPPED = b"stopped: access ended"
LAST_CHUNK = b"\r\n0\r\n\r\n"  # of an answer that came to its end (RFC 9112, 7.1)


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    """The server that `make run` starts, on the tests' database, for all of them. Gives its address."""
    with running_web(tmp_path_factory.mktemp("server")) as (address, _):
        yield address


@pytest.fixture
def ana():
    """A contractor who may export customers, of whom there are many."""
    return somebody_who_exports(CUSTOMERS)


@pytest.fixture
def ben():
    """The same of fewer customers: still more than is on its way to a reader at once."""
    return somebody_who_exports(FEWER)


def somebody_who_exports(customers):
    first = CustomerFactory(name="Maria " * 12, email="", email_key="", member_id="LM0")
    others = [f.column for f in Customer._meta.concrete_fields if f.name not in ("id", "member_id")]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO customers_customer (member_id, {', '.join(others)}) SELECT 'LM' || n, {', '.join(others)}"
            " FROM customers_customer, generate_series(1, %s) n WHERE id = %s",
            [customers - 1, first.pk],
        )
    ana = EmployeeFactory(login="ana", worker_type=WorkerType.CONTRACTOR)
    grant(ana, "customers.export", ends_at=timezone.now() + timedelta(days=9))
    return ana


class Download:
    """An export, read through a small window."""

    def __init__(self, server, browser, page=None):
        self.server = server
        page = page or browser.get(EXPORT)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())[1]
        self.cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in browser.cookies.items())
        body = urlencode({"reason": "asked for by the board", "csrfmiddlewaretoken": token}).encode()
        self.link = socket.socket()
        self.link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        self.link.settimeout(20)
        self.link.connect(server)
        self.link.sendall(
            f"POST {EXPORT} HTTP/1.1\r\nHost: 127.0.0.1:{server[1]}\r\nCookie: {self.cookie}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n"
            f"Origin: http://127.0.0.1:{server[1]}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            + body
        )
        self.read = b""
        while self.read.count(b"LM") < 20:
            piece = self.link.recv(4096)
            assert piece, self.read[:300]
            self.read += piece

    def rest(self, *, bytes_a_second):
        """What still comes, read at that speed; and the seconds it took."""
        began, rest = time.monotonic(), b""
        while piece := self.link.recv(16 * 1024):
            rest += piece
            time.sleep(len(piece) / bytes_a_second)
        return rest, time.monotonic() - began

    def status_of_next_request(self):
        link = http.client.HTTPConnection(*self.server, timeout=10)
        link.request("GET", "/admin/access/", headers={"Cookie": self.cookie})
        return link.getresponse().status


def by_roster(ana, server, tmp_path):
    file = tmp_path / "roster.csv"
    header = "login,name,email,worker_type,job_function,department,manager_login,start_on,end_on"
    staying = Employee.objects.exclude(pk=ana.pk)
    rows = [
        f"{e.login},{e.name},,employee,{e.job_function.code},{e.department.code},,{e.starts_on},{e.ends_on or ''}"
        for e in staying
    ]
    file.write_text("\n".join([header, *rows]) + "\n")
    call_command("import_roster", str(file), "--json")


def by_scim(ana, server, tmp_path):
    okta = Provider("http://{}:{}".format(*server))
    answer = okta.patch(f"/Users/{okta.find('ana')['id']}", {"op": "replace", "path": "active", "value": "False"})
    assert answer.status_code == 200
    okta.close()


def by_raw_sql(ana, server, tmp_path):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_employee SET left_at = now() - interval '1 second' WHERE id = %s", [ana.pk])


def by_one_grant(ana, server, tmp_path):
    held = AccessGrant.objects.get(employee=ana)
    actions.revoke_grant(held.pk, by=None, reason="over", now=timezone.now())


def by_the_end_of_the_nda(ana, server, tmp_path):
    Nda.objects.filter(employee=ana).update(ends_on=timezone.localdate() - timedelta(days=1))


@pytest.mark.slow(35)
@pytest.mark.parametrize("end", [by_roster, by_scim, by_raw_sql, by_one_grant, by_the_end_of_the_nda])
def test_an_export_stops_and_the_cookie_is_dead_for_good(server, ana, tmp_path, end):
    download = Download(server, sign_in(Client(), ana))
    assert download.status_of_next_request() == 200
    end(ana, server, tmp_path)
    try:
        rest, seconds = download.rest(bytes_a_second=200_000)
    except ConnectionResetError:
        rest, seconds = STOPPED, 0.0
    assert download.status_of_next_request() == 302
    cut_off = not rest.endswith(LAST_CHUNK)  # on a busy machine this reader is as slow as those who are
    assert STOPPED in rest[-200:] or cut_off, rest[-200:]
    assert (download.read + rest).count(b"LM") < CUSTOMERS
    assert seconds < 5, f"{seconds:.1f} s, {len(rest)} bytes"
    # Back again, in every way: the old cookie stays dead.
    Employee.objects.filter(pk=ana.pk).update(left_at=None, ends_on=None)
    Nda.objects.filter(employee=ana).update(ends_on=None)
    if not AccessGrant.objects.active().filter(employee=ana).exists():
        grant(ana, "customers.export", ends_at=timezone.now() + timedelta(days=9))
    assert Employee.objects.get(pk=ana.pk).has_perm("customers.export_customers")
    assert download.status_of_next_request() == 302


@pytest.mark.slow(10)
def test_what_is_on_its_way_to_a_very_slow_reader_when_access_ends_does_not_arrive(server, ana):
    download = Download(server, sign_in(Client(), ana))
    actions.end_employment(ana.pk, by=None, reason="left", now=timezone.now(), source="test")
    began, rest = time.monotonic(), b""
    with contextlib.suppress(ConnectionError):
        while piece := download.link.recv(1024):
            rest += piece
            time.sleep(0.1)  # 10 KB a second: what the system holds for it alone would last a quarter of a minute
    assert len(rest) < 70_000, f"{time.monotonic() - began:.1f} s"


def test_whoever_goes_on_reading_gets_all_of_it(server, ana):
    download = Download(server, sign_in(Client(), ana))
    rest, _ = download.rest(bytes_a_second=20_000_000)
    assert (download.read + rest).count(b"\nLM") == CUSTOMERS
    assert STOPPED not in rest


def test_who_was_ended_and_restored_while_a_reader_waited_does_not_go_on_with_the_old_session(server, ana):
    download = Download(server, sign_in(Client(), ana))
    Employee.objects.filter(pk=ana.pk).update(left_at=timezone.now() - timedelta(seconds=1))
    Employee.objects.filter(pk=ana.pk).update(left_at=None)
    assert Employee.objects.get(pk=ana.pk).has_perm("customers.export_customers")
    rest, _ = download.rest(bytes_a_second=2_000_000)
    assert STOPPED in rest[-200:]


PATIENCE = 1.0  # seconds, instead of 30


@pytest.fixture(scope="module")
def impatient_server(django_db_setup, tmp_path_factory):
    """The same server, which waits a second for a reader who takes nothing. Gives its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    environment = environment_here(
        LUMENS_VAR=str(tmp_path_factory.mktemp("impatient")), DJANGO_SETTINGS_MODULE="lumens_admin.settings"
    )
    program = (
        "import sys; from lumens_admin.serve import connections, web; "
        f"connections.UNREAD_SECONDS = {PATIENCE}; web.THREADS = 2; web.SILENT_CLIENT_SECONDS = 3; "
        "web.main(int(sys.argv[1]), int(sys.argv[2]))"
    )
    command = [sys.executable, "-c", program, str(os.getpid()), str(listener.fileno())]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, pass_fds=[listener.fileno()])
    yield listener.getsockname()
    process.terminate()
    process.wait(30)
    listener.close()


def connections_to(address):
    """Connections of its visitors that the server has in its hands."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening, nobodys = "0A", "0"
    return sum(line[1].endswith(f":{address[1]:04X}") and line[3] != listening and line[9] != nobodys for line in lines)


def test_who_reads_nothing_is_cut_off_and_holds_up_nobody(impatient_server, ben):
    address = impatient_server
    browser = sign_in(Client(), ben)
    page = browser.get(EXPORT)  # asked for before the first of them is waited for
    silent = [Download(address, browser, page) for _ in range(2)]  # as many as there are threads
    assert connections_to(address) in (1, 2)  # on a slow machine the first is cut off by now
    began = time.monotonic()
    assert silent[0].status_of_next_request() == 200
    assert time.monotonic() - began < PATIENCE + 2.5
    wait_until(lambda: connections_to(address) == 0, seconds=PATIENCE + 2)
    for download in silent:
        with pytest.raises(ConnectionResetError):
            download.rest(bytes_a_second=20_000_000)


def test_who_never_takes_an_ordinary_answer_is_cut_off_too(impatient_server):
    address = impatient_server
    request = f"GET /accounts/login/ HTTP/1.1\r\nHost: 127.0.0.1:{address[1]}\r\n\r\n".encode()
    assert b" 200 OK" in exchange(address, request)
    silent = [socket.socket() for _ in range(3)]  # more than there are threads
    for link in silent:
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(address)
        link.sendall(request * 80)  # and none of the answers is read
    wait_until(lambda: connections_to(address) == len(silent))
    began = time.monotonic()
    assert b" 200 OK" in exchange(address, request)
    assert time.monotonic() - began < 2 * PATIENCE + 2.5
    wait_until(lambda: connections_to(address) == 0, seconds=10)
    for link in silent:
        link.close()


def exchange(address, request):
    """The beginning of what is answered to that."""
    with socket.create_connection(address, timeout=20) as link:
        link.sendall(request)
        return link.recv(4096)


def test_who_takes_a_little_now_and_then_is_not_cut_off(impatient_server, ben):
    address = impatient_server
    download = Download(address, sign_in(Client(), ben))
    give_up_at = time.monotonic() + 2 * PATIENCE
    while time.monotonic() < give_up_at:
        for _ in range(4):  # Linux hands on what was taken in pieces of some 40 KB
            download.read += download.link.recv(16 * 1024)
        time.sleep(PATIENCE / 4)
    rest, _ = download.rest(bytes_a_second=20_000_000)
    assert (download.read + rest).count(b"\nLM") == FEWER
