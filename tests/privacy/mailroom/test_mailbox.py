"""The mailbox is read from a real IMAP server (Dovecot), where the machine has one."""

import getpass
import imaplib
import io
import json
import os
import pwd
import shutil
import socket
import subprocess
import time

import pytest
from django.core.management import call_command

from privacy.mailroom.errors import NoMailbox
from privacy.mailroom.gateways import mailbox
from privacy.mailroom.gateways.mailbox import ImapMailbox
from privacy.mailroom.models import Message
from privacy.models import OptOut
from tests.factories.mailroom import HOSTILE, ROBOTS, mail

DOVECOT = shutil.which("dovecot") or ("/usr/sbin/dovecot" if os.path.exists("/usr/sbin/dovecot") else None)


@pytest.fixture
def server(tmp_path):
    """(port, put): a Dovecot of our own with one mailbox; `put(raw)` delivers a message into it."""
    if DOVECOT is None or os.geteuid() != 0:
        pytest.skip("needs Dovecot and root: apt-get install dovecot-imapd")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.owner() == getpass.getuser() and str(parent).startswith("/tmp/"):
            parent.chmod(0o755)
    nobody = pwd.getpwnam("nobody")
    home = tmp_path / "mail"
    home.mkdir()
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    (tmp_path / "users").write_text("desk:{PLAIN}pass%word::::::\n")
    (tmp_path / "dovecot.conf").write_text(
        f"""
base_dir = {tmp_path}/run
log_path = {tmp_path}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{home}
first_valid_uid = 1
first_valid_gid = 1
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
passdb {{
  driver = passwd-file
  args = {tmp_path}/users
}}
userdb {{
  driver = static
  args = uid={nobody.pw_uid} gid={nobody.pw_gid} home={home}
}}
"""
    )
    process = subprocess.Popen([DOVECOT, "-F", "-c", str(tmp_path / "dovecot.conf")], stderr=subprocess.PIPE)
    until = time.monotonic() + 20
    while True:
        try:
            imap = imaplib.IMAP4("127.0.0.1", port, timeout=5)
            imap.login("desk", "pass%word")
            break
        except (OSError, imaplib.IMAP4.error):
            log = tmp_path / "log"
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until, log.read_text() if log.exists() else "no log"
            time.sleep(0.1)
    imap.create("Done")

    def put(*messages):
        for raw in messages:
            assert imap.append("INBOX", None, None, raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"))[0] == "OK"

    yield port, put
    imap.logout()
    process.terminate()
    process.wait(10)


def fetch():
    out, code = io.StringIO(), 0
    try:
        call_command("fetch_mail", "--json", stdout=out)
    except SystemExit as stop:
        code = stop.code
    return json.loads(out.getvalue()), code


@pytest.mark.slow(10)
@pytest.mark.django_db
def test_what_waits_in_the_mailbox_is_taken_in_once(server, settings):
    port, put = server
    settings.MAILBOX_URL = f"imap://desk:pass%25word@127.0.0.1:{port}/INBOX"
    put(mail(subject="unsubscribe"), ROBOTS["auto-replied"], HOSTILE["nested a thousand deep"], mail("a question\n"))
    result, code = fetch()
    assert [message["outcome"] for message in result["messages"]] == ["opted_out", "automatic", "quarantined", "ticket_opened"]
    assert code == 1
    assert OptOut.objects.count() == 1
    assert fetch()[0]["received"] == 0
    put(mail(subject="stop", sender="later@example.com"))
    assert fetch()[0]["received"] == 1
    assert Message.objects.filter(door="imap").count() == 5


@pytest.mark.slow(10)
@pytest.mark.django_db
def test_messages_are_moved_away_only_after_they_are_kept(server, settings, monkeypatch):
    from privacy.mailroom import jobs

    port, put = server
    settings.MAILBOX_URL = f"imap://desk:pass%25word@127.0.0.1:{port}/INBOX?move=Done"
    put(mail("one\n"), mail("two\n"))
    real = jobs.receive_one

    def dies(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "receive_one", dies)
    stopped, code = fetch()
    assert (code, stopped["received"]) == (130, 0)
    monkeypatch.setattr(jobs, "receive_one", real)
    assert fetch()[0]["received"] == 2
    with ImapMailbox(settings.MAILBOX_URL) as inbox, ImapMailbox(settings.MAILBOX_URL.replace("INBOX?move=", "")) as done:
        assert list(inbox.waiting()) == []
        done._keyword = False
        assert len(list(done.waiting())) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["", "http://a:b@c/", "imaps://nohost", "imap://a:secret@mail.example.com/INBOX", "imap://a:secret@127.0.0.1:1/INBOX"]
)
def test_a_mailbox_that_cannot_be_used_says_so_without_the_password(url, settings):
    settings.MAILBOX_URL = url
    result, code = fetch()
    assert code == 2
    assert "secret" not in result["error"]
    if url:
        with pytest.raises(NoMailbox), ImapMailbox(url):
            pass


class Server:
    """A connection of imaplib, as far as reading goes: message 2 is damaged, of message 3 the size is not what is sent."""

    def __init__(self, monkeypatch):
        monkeypatch.setattr(mailbox, "LARGEST_KEPT", 10)

    def uid(self, command, *arguments):
        if command == "SEARCH":
            return "OK", [b"1 2 3 4"]
        uid = arguments[0]
        if uid == "2":
            return "NO", [b"[SERVERBUG] Internal error"]
        raw, size = {"1": (b"first", 5), "3": (b"third", 7), "4": (b"x" * 10, 4_000)}[uid]
        envelope = f'1 (UID {uid} INTERNALDATE "23-Nov-2026 10:00:00 -0500" RFC822.SIZE {size} BODY[]<0> {{{len(raw)}}}'
        return "OK", [(envelope.encode(), raw), b")"]


def test_a_message_that_the_server_does_not_hand_out_holds_up_none_of_the_others(monkeypatch):
    box = ImapMailbox("imap://desk:secret@127.0.0.1/INBOX")
    box._imap = Server(monkeypatch)
    found = [(mail.uid, mail.raw, mail.size, mail.received_at.hour) for mail in box.waiting()]
    # Of a message that was cut the server's size counts, of any other what came.
    assert found == [("1", b"first", 5, 10), ("3", b"third", 5, 10), ("4", b"x" * 10, 4_000, 10)]
