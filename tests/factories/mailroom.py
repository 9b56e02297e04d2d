"""Messages as they come in: ordinary, robots', hostile. Built in code: nobody's real mail lies in the repository."""

import io
import itertools
import json

from django.core.management import call_command

_numbers = itertools.count(1)


def run(*paths):
    """`receive_mail PATH…`: what it printed, and its exit code."""
    out, code = io.StringIO(), 0
    try:
        call_command("receive_mail", *paths, "--json", stdout=out)
    except SystemExit as stop:
        code = stop.code
    return json.loads(out.getvalue()), code


def outcomes(result):
    return [message["outcome"] for message in result["messages"]]


def mail(
    text="Hello, where is my lamp?\n",
    *,
    sender="Ann Example <ann@example.com>",
    subject="My lamp",
    to="customerservice@lumens.com",
    message_id=None,
    content_type="text/plain; charset=utf-8",
    more="",
    ends="\r\n",
):
    """One message as bytes. `more`: further header lines; message_id="" leaves it out."""
    if message_id is None:
        message_id = f"<{next(_numbers)}.ordinary@example.com>"
    lines = [
        *([f"From: {sender}"] if sender else []),
        f"To: {to}",
        f"Subject: {subject}",
        *([f"Message-ID: {message_id}"] if message_id else []),
        "Date: Mon, 23 Nov 2026 10:00:00 -0500",
        "MIME-Version: 1.0",
        f"Content-Type: {content_type}",
        *[line for line in more.split("\n") if line],
        "",
    ]
    whole = "\n".join(lines) + "\n" + text
    return whole.replace("\n", ends).encode("utf-8", "surrogateescape")


def feedback_report(kind="abuse", *, recipient="carl@example.net", redacted=False, removal=""):
    """A complaint of a mailbox provider (RFC 5965)."""
    fields = f"Feedback-Type: {kind}\nUser-Agent: Provider/1.0\nVersion: 1\n"
    if not redacted:
        fields += f"Original-Rcpt-To: <{recipient}>\n"
    if removal:
        fields += f"Removal-Recipient: {removal}\n"
    original_to = "redacted" if redacted else recipient
    return mail(
        "--b\nContent-Type: text/plain\n\nThis is an abuse report.\n"
        f"--b\nContent-Type: message/feedback-report\n\n{fields}\n"
        "--b\nContent-Type: message/rfc822\n\nFrom: offers@lumens.com\n"
        f"To: {original_to}\nSubject: Unsubscribe\n\nBuy lamps\n--b--\n",
        sender="Feedback <feedback@provider.example>",
        subject="FW: Unsubscribe",
        content_type='multipart/report; report-type=feedback-report; boundary="b"',
    )


def delivery_report(*, recipient="gone@example.net", status="5.1.1", subject="Undelivered Mail Returned to Sender"):
    """A failed delivery (RFC 3464)."""
    return mail(
        "--b\nContent-Type: text/plain\n\nI'm sorry to have to inform you. unsubscribe\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.example.net\n\n"
        f"Original-Recipient: rfc822; {recipient}\nFinal-Recipient: rfc822; {recipient}\nAction: failed\nStatus: {status}\n\n"
        "--b\nContent-Type: text/rfc822-headers\n\nFrom: offers@lumens.com\nSubject: stop\n\n--b--\n",
        sender="MAILER-DAEMON@mail.example.net (Mail Delivery System)",
        subject=subject,
        content_type='multipart/report; report-type=delivery-status; boundary="b"',
        more="Auto-Submitted: auto-replied\nReturn-Path: <>",
    )


def read_receipt(*, recipient="dora@example.net"):
    """A disposition notification (RFC 8098)."""
    return mail(
        "--b\nContent-Type: text/plain\n\nYour message was displayed.\n"
        f"--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;{recipient}\n"
        "Disposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n",
        sender=recipient,
        subject="Read: Unsubscribe",
        content_type="multipart/report; report-type=disposition-notification; boundary=b",
    )


OLD_BOUNCES = {
    "qmail": mail(
        "Hi. This is the qmail-send program at example.net.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<eve@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n",
        sender="MAILER-DAEMON@example.net",
        subject="failure notice",
        more="Return-Path: <>",
    ),
    "exim": mail(
        "This message was created automatically by mail delivery software.\n\n  eve@example.net\n    unknown user\n",
        sender="Mail Delivery System <Mailer-Daemon@example.net>",
        subject="Mail delivery failed: returning message to sender",
        more="X-Failed-Recipients: eve@example.net",
    ),
    "sendmail": mail(
        "   ----- The following addresses had permanent fatal errors -----\n<eve@example.net>\n\n550 5.1.1 User unknown\n",
        sender="Mail Delivery Subsystem <MAILER-DAEMON@example.net>",
        subject="Returned mail: User unknown",
    ),
}

# Robots: each says "unsubscribe" where a person would, and none may opt out, open a request or be answered.
ROBOTS = {
    "auto-replied": mail("unsubscribe\n", subject="Unsubscribe", more="Auto-Submitted: auto-replied"),
    "auto-generated, with a comment": mail("stop\n", subject="Stop", more="Auto-Submitted: auto-generated (rejected)"),
    "X-Autoreply": mail("stop\n", subject="unsubscribe", more="X-Autoreply: yes"),
    "empty Return-Path": mail("stop\n", subject="unsubscribe", more="Return-Path: <>"),
    "mailer-daemon": mail("stop\n", subject="unsubscribe", sender="MAILER-DAEMON@example.org"),
    "Precedence bulk": mail("stop\n", subject="unsubscribe", more="Precedence: bulk"),
    "Precedence list": mail("stop\n", subject="unsubscribe", more="Precedence: List"),
    "Precedence junk": mail("stop\n", subject="unsubscribe", more="precedence: junk"),
    "out of office": mail("unsubscribe\n", subject="Out of Office: Your offer"),
    "automatic reply": mail("stop\n", subject="Automatic reply: Lamps for less"),
    "Abwesenheit": mail("stop\n", subject="=?utf-8?Q?Abwesenheitsnotiz=3A_Lampen?="),
    "réponse automatique": mail("stop\n", subject="=?iso-8859-1?Q?R=E9ponse_automatique_=3A_lampes?="),
}

_NESTED = "".join(f'Content-Type: multipart/mixed; boundary="b{i}"\n\n--b{i}\n' for i in range(1000))
# What was sent to break the mailroom. Each gets an outcome; the next one is read all the same.
HOSTILE = {
    "empty": b"",
    "only NULs": b"\x00" * 1000,
    "no headers": b"hello there\nno headers at all\n",
    "an image": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "nested a thousand deep": b"From: a@example.com\n" + _NESTED.encode() + b"\n\nhi\n",
    "twenty thousand encoded words": b"From: a@example.com\nSubject: " + b"=?utf-8?Q?aaaa?= " * 20_000 + b"\n\nx\n",
    "twenty thousand folded words": b"From: a@example.com\nSubject: x" + b"\n =?utf-8?Q?aaaa?=" * 20_000 + b"\n\nx\n",
    "twenty thousand encoded words in From": b"From: " + b"=?utf-8?Q?aaaa?= " * 20_000 + b"<a@example.com>\n\nx\n",
    "a hundred thousand parts": b"From: a@example.com\nContent-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhi\n" * 100_000,
    "fifty thousand headers": b"From: a@example.com\n" + b"X-H: y\n" * 50_000 + b"\nx\n",
    "a header of two megabytes": b"From: a@example.com\nSubject: " + b"a" * 2_000_000 + b"\n\nx\n",
    "unknown charset": mail("\udce9t\udce9\n", content_type="text/plain; charset=no-such-charset"),
    "unknown charset in the subject": mail(subject="=?no-such?Q?abc?= =?utf-8?B?####?="),
    "eight-bit headers": b"From: \xe9t\xe9 <x@example.com>\nSubject: caf\xe9\n\nhi\n",
    "base64 garbage": mail("!!!!====\x00\n", more="Content-Transfer-Encoding: base64"),
    "NULs inside": mail("a\x00b\x00c\n", subject="nu\x00l"),
    "address group": mail(sender="undisclosed-recipients:;", to="Friends: a@example.com, b@example.com;"),
    "broken address": mail(sender='"Ann <ann@@example..com>, , <<>>', subject="unsubscribe"),
    "no From": mail(sender="", subject="unsubscribe"),
    "boundary missing": mail("--x\n\nhi\n", content_type="multipart/mixed"),
    "boundary never ends": mail("--x\nContent-Type: text/plain\n\nhi", content_type='multipart/mixed; boundary="x"'),
    "content type nonsense": mail(content_type=";;;===/////"),
    "line ends CR only": mail(ends="\r"),
    "a line of five megabytes": mail("a" * 5_000_000),
    "html that never closes": mail("<div><blockquote>" * 20_000, content_type="text/html"),
    "regular expression bait": mail("On " + "a " * 50_000 + "\n" + ">" * 50_000 + "\n", subject="Re: " * 500 + "x"),
    "quoted-printable without end": mail("=" * 10_000, more="Content-Transfer-Encoding: quoted-printable"),
}
