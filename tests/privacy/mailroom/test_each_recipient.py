"""Reports about several people: each is noted for what happened to their own mail, and nobody is left out in silence."""

import pytest

from privacy.models import Letter, OptOut, Undeliverable
from tests.factories.mailroom import feedback_report, mail, outcomes

pytestmark = pytest.mark.django_db


def status_report(*groups, kind="message/delivery-status"):
    """A delivery report (RFC 3464) about several recipients: (address, action, status) each."""
    fields = "\n".join(
        f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {status}\n" for address, action, status in groups
    )
    return mail(
        f"--b\nContent-Type: text/plain\n\nDelivery report\n--b\nContent-Type: {kind}\n\n"
        f"Reporting-MTA: dns; mx.example\n\n{fields}\n--b--\n",
        sender="MAILER-DAEMON@mx.example",
        subject="Delivery Status Notification",
        content_type="multipart/report; report-type=delivery-status; boundary=b",
    )


def noted():
    return {(one.address, one.action, one.status) for one in Undeliverable.objects.all()}


BAD, LATE = ("bad@x.example", "failed", "5.1.1"), ("late@x.example", "delayed", "4.4.1")
GOOD = [(f"{action}@x.example", action, "2.0.0") for action in ("delivered", "relayed", "expanded")]


@pytest.mark.parametrize("groups", [[BAD, *GOOD, LATE], [*GOOD, LATE, BAD]], ids=["failed first", "failed last"])
def test_each_recipient_of_a_report_is_noted_for_what_happened_to_their_own_mail(receive, groups):
    result, _ = receive(status_report(*groups))
    assert outcomes(result) == ["undeliverable"]
    assert noted() == {BAD, LATE}
    assert result["messages"][0]["reason"] == "delivery failed 5.1.1: 1 failed, 1 delayed, 3 delivered"


def test_whose_mail_arrived_is_never_undeliverable(receive):
    result, _ = receive(status_report(*GOOD))
    assert outcomes(result) == ["automatic"]
    assert result["messages"][0]["reason"] == "delivery report: 3 delivered"
    assert noted() == set()


def test_a_report_that_says_failed_and_gives_the_code_of_success_is_noted_without_the_code(receive):
    receive(status_report(("bad@x.example", "failed", "2.0.0"), ("odd@x.example", "Failed (bounced)", "5.0.0 (no such user)")))
    assert noted() == {("bad@x.example", "failed", ""), ("odd@x.example", "failed", "5.0.0")}


def test_sixty_recipients_of_one_report_are_all_noted(receive):
    receive(status_report(*[(f"b{number}@x.example", "failed", "5.1.1") for number in range(60)]))
    assert Undeliverable.objects.count() == 60


def test_sixty_people_of_one_complaint_are_all_opted_out(receive):
    removals = "\nRemoval-Recipient: ".join(f"<v{number}@v.example>" for number in range(60))
    result, _ = receive(feedback_report("opt-out", removal=removals))
    assert OptOut.objects.count() == 60
    assert result["messages"][0]["reason"] == "opt-out: 60 opted out"


@pytest.mark.parametrize("which", ["delivery", "opt-out", "one long field"])
def test_a_report_about_more_people_than_anybody_writes_is_looked_at_by_a_person(receive, which):
    many = [f"v{number}@v.example" for number in range(201)]
    between = ", " if which == "one long field" else "\nRemoval-Recipient: "
    report = (
        status_report(*[(address, "failed", "5.1.1") for address in many])
        if which == "delivery"
        else feedback_report("opt-out", removal=between.join(many))
    )
    result, code = receive(report)
    assert outcomes(result) == ["quarantined"], "where a person finds it"
    assert "it reports about more than 200 recipients" in result["messages"][0]["reason"]
    assert code == 1
    assert not OptOut.objects.exists()
    assert not Undeliverable.objects.exists()


def test_everybody_whom_a_complaint_opts_out_is_told_so_at_their_own_address(receive):
    removal = "<ann@v.example>\nRemoval-Recipient: <bob@v.example>\nRemoval-Recipient: <no-reply@v.example>"
    receive(feedback_report("opt-out", removal=removal))
    assert OptOut.objects.count() == 3
    letters = list(Letter.objects.order_by("pk"))
    assert [letter.to_address for letter in letters] == ["ann@v.example", "bob@v.example"]
    assert {letter.subject for letter in letters} == {"You are unsubscribed"}
    assert all("If you did not ask for this" in letter.body and letter.in_reply_to is None for letter in letters)
    receive(feedback_report("opt-out", removal=removal), name="again")
    assert Letter.objects.count() == 2, "who was opted out already is told nothing new"


def test_who_complains_of_spam_gets_no_further_mail_about_it(receive):
    receive(feedback_report("abuse", recipient="carl@example.net"))
    assert OptOut.objects.get().address == "carl@example.net"
    assert not Letter.objects.exists()


# (sender, subject, text, whom it is about, status)
IN_WORDS = {
    "how addresses are written there": (
        "postmaster@lab.example", 'FAILED MAIL to "ann1" regarding "Lamps"',
        "The standard form of email address at the Lab is lastnameNumber@lab.example\nalthough individuals may choose an "
        "alternate email address. The address to\nwhich your message was addressed, ann1@lab.example, did not exactly match an\n"
        "address.\n", ["ann1@lab.example"], "",
    ),
    "two in a row": (
        "Postmaster <postmaster@mail.example.net>", "Undeliverable Mail",
        "Unknown user: a@y.net\n\nRCPT TO generated following response:\n553 5.3.0 <a@y.net>... Addressee unknown\n\n"
        "Unknown user: b@y.net\n\nRCPT TO generated following response:\n553 5.3.0 <b@y.net>... Addressee unknown\n\n"
        "Original message follows.\n\nTo: c@y.net\n", ["a@y.net", "b@y.net"], "5.3.0",
    ),
    "the mailbox behind the address": (
        "MAILER-DAEMON@y.net", "failure notice",
        "Sorry, unable to deliver your message to a@y.net for\nthe following reason:\n\n 552 Quota violation for b@y.net\n\n"
        "A copy of the original message below this line:\n\nTo: c@y.net\n", ["a@y.net", "b@y.net"], "",
    ),
    "a version in the mail that came back": (
        "Jetmail System <>", "Mail Error",
        "Your mail cannot be delivered to the following address(es):\n\n <a@y.net>\n\n---- Header of the source mail ----\n\n"
        "X-Mailman-Version: 2.0.1 (101270)\nX-Other: 5.1.1\n", ["a@y.net"], "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", IN_WORDS)
def test_a_notice_in_words_names_each_address_and_its_own_status(receive, which):
    sender, subject, text, about, status = IN_WORDS[which]
    result, _ = receive(mail(text, sender=sender, subject=subject, more="X-Autogenerated: Mirror"))
    assert outcomes(result) == ["undeliverable"]
    assert sorted(one.address for one in Undeliverable.objects.all()) == about
    assert {one.status for one in Undeliverable.objects.all()} == {status}


def test_an_address_in_unicode_is_read_as_it_is_written(receive):
    report = status_report(("x", "failed", "5.1.1"), kind="message/global-delivery-status")
    receive(report.replace(b"rfc822; x", rb"utf-8; f\x{FC}nf@x.example"))
    assert noted() == {("fünf@x.example", "failed", "5.1.1")}
