"""Messages in files: each is found once, whole, in bounded memory."""

import io
import os

import pytest

from privacy.mailroom.actions import keeping
from privacy.mailroom.gateways import files
from privacy.mailroom.gateways.files import files_of, messages_in, messages_of_stream
from privacy.models import Message
from tests.factories.mailroom import mail, outcomes, run

FROM = b"From ann@example.com Mon Nov 23 10:38:21 2026\n"


def bodies(raw):
    return [found.raw.partition(b"\n\n")[2] for found in messages_of_stream(io.BytesIO(raw))]


@pytest.mark.django_db
def test_an_mbox_a_maildir_and_standard_input(tmp_path, monkeypatch):
    mbox = tmp_path / "inbox"
    body = mail("From here on it is mine.\n>From the start, too.\n", ends="\n")
    mbox.write_bytes(
        b"From ann@example.com Mon Nov 23 10:38:21 2026\n" + body + b"\nFrom bob@example.com  Mon Nov 23 10:39:21 2026\n"
        b"From: bob@example.com\nSubject: stop\n\nx\n"
    )
    for part in ("cur", "new", "tmp"):
        (tmp_path / "Maildir" / part).mkdir(parents=True)
    (tmp_path / "Maildir" / "new" / "1.a:2,").write_bytes(mail(sender="maildir@example.com", subject="quit"))
    (tmp_path / "Maildir" / "tmp" / "half").write_bytes(b"From: half")
    result, _ = run(str(mbox), str(tmp_path / "Maildir"))
    assert [(m["outcome"], m["number"]) for m in result["messages"]] == [("ticket_opened", 1), ("opted_out", 2), ("opted_out", 1)]
    first = Message.objects.order_by("pk").first()
    assert first.text == "From here on it is mine.\nFrom the start, too."
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(mail(sender="pipe@example.com", subject="end"))))
    result, _ = run("-")
    assert result["messages"][0]["path"] == "-"
    assert outcomes(result) == ["opted_out"]


@pytest.mark.django_db
def test_a_path_that_does_not_exist_changes_nothing(tmp_path):
    (tmp_path / "good.eml").write_bytes(mail(subject="unsubscribe"))
    result, code = run(str(tmp_path / "good.eml"), str(tmp_path / "nope"))
    assert code == 2
    assert "nope" in result["error"]
    assert not Message.objects.exists()


def test_quoted_from_lines_are_unquoted_in_the_body_only():
    raw = FROM + b"Subject: a\n>From the top: kept\n\n>From here\n>>From there\n> From nobody\n"
    (found,) = messages_of_stream(io.BytesIO(raw))
    assert b">From the top: kept" in found.raw
    assert bodies(raw) == [b"From here\n>From there\n> From nobody\n"]


def test_a_sentence_that_begins_with_from_does_not_end_a_message():
    raw = FROM + b"Subject: a\n\nhello\n\nFrom ann we heard on Mon Nov 23 10:38:21 2026\nnothing but this sentence\n"
    assert bodies(raw) == [raw.partition(b"\n\n")[2]]


def test_a_message_that_a_program_put_right_behind_another_is_found():
    assert bodies(FROM + b"Subject: a\n\none\n" + FROM + b"Subject: b\n\ntwo\n") == [b"one\n", b"two\n"]


def test_blank_lines_before_the_first_message_of_an_mbox_do_not_hide_the_others():
    raw = b"\n \n" + FROM + b"Subject: a\n\none\n\n" + FROM + b"Subject: b\n\ntwo\n"
    assert bodies(raw) == [b"one\n\n", b"two\n"]


def test_an_mbox_that_ends_in_a_from_line_loses_no_byte():
    raw = FROM + b"Subject: a\n\none\n\n" + FROM
    assert bodies(raw) == [b"one\n\n" + FROM]


FORWARDED = b"see this:\n\n" + FROM + b"Subject: unsubscribe\n\nunsubscribe\n"


def counted(body, length=None):
    return FROM + b"Subject: a\nContent-Length: %d\n\n" % (len(body) if length is None else length) + body + b"\n"


def test_a_mailbox_that_counts_its_bytes_keeps_a_message_whole_that_quotes_another_mailbox():
    assert bodies(counted(FORWARDED) + counted(b"two\n") + counted(b"")) == [FORWARDED + b"\n", b"two\n\n", b"\n"]
    assert bodies(counted(b">From here on\n")) == [b"From here on\n\n"]
    assert bodies(counted(b">From ann\nFrom here\n")) == [b">From ann\nFrom here\n\n"]


@pytest.mark.parametrize("length", [0, 3, 5, len(counted(b"two\n")), 10_000, 999_999_999])
def test_a_made_up_length_hides_no_message(length):
    first = FROM + b"Subject: a\n\nhonest\n\n"
    made_up = counted(b"one\n", length) + counted(b"two\n") + counted(b"three\n")
    assert bodies(first + made_up) == [b"honest\n\n", b"one\n\n", b"two\n\n", b"three\n\n"]


def test_of_a_huge_message_that_says_how_long_it_is_no_more_is_read_ahead_than_the_bound(monkeypatch):
    monkeypatch.setattr(files, "LONGEST_COUNTED", 10)
    assert bodies(counted(FORWARDED) + counted(b"two\n"))[-1] == b"two\n\n"


@pytest.mark.parametrize("mbox", [True, False])
def test_of_a_huge_message_the_beginning_is_held_and_its_size_is_known(monkeypatch, mbox):
    monkeypatch.setattr(files, "LARGEST_KEPT", 10_000)
    monkeypatch.setattr(files, "BEGINNING", 1_000)
    monkeypatch.setattr(files, "LINE", 100)
    after = mail()
    huge = b"Subject: huge\n\n" + b"x" * 49_985
    found = list(messages_of_stream(io.BytesIO((FROM if mbox else b"") + huge + (b"\n\n" + FROM + after if mbox else b""))))
    assert (found[0].raw, found[0].size) == (huge[:1_000], 50_002 if mbox else 50_000)
    if mbox:
        assert (found[1].raw, found[1].size) == (after, len(after))


@pytest.mark.django_db
def test_huge_messages_are_quarantined_and_not_taken_for_one_another(monkeypatch, tmp_path):
    for module in (files, keeping):
        monkeypatch.setattr(module, "LARGEST_KEPT", 10_000)
        monkeypatch.setattr(module, "BEGINNING", 1_000)
    (tmp_path / "1.eml").write_bytes(mail("unsubscribe\n" + "x" * 20_000, subject="stop", message_id="<a@b>"))
    (tmp_path / "2.eml").write_bytes(mail("unsubscribe\n" + "x" * 20_001, subject="stop", message_id="<a@b>"))
    (tmp_path / "3.eml").write_bytes(mail("unsubscribe\n" + "x" * 20_001, subject="stop", message_id="<a@b>"))
    (tmp_path / "4.eml").write_bytes(mail(subject="stop"))
    result, _ = run(str(tmp_path))
    assert outcomes(result) == ["quarantined", "quarantined", "duplicate", "opted_out"]
    assert "only its beginning is kept" in result["messages"][0]["reason"]
    kept = Message.objects.order_by("pk").first()
    assert (len(kept.raw), kept.raw_size) == (1_000, (tmp_path / "1.eml").stat().st_size)


def test_a_maildir_with_folders_and_a_link_to_itself_is_walked_once(tmp_path):
    for folder in ("box", "box/.Archive"):
        for part in ("cur", "new", "tmp"):
            (tmp_path / folder / part).mkdir(parents=True)
    for name in ("new/1", "cur/2", "tmp/3", ".Archive/cur/4", ".hidden", "dovecot.index.eml", "dovecot-uidlist",
                 "subscriptions", "maildirsize"):  # fmt: skip
        (tmp_path / "box" / name).write_bytes(mail())
    (tmp_path / "box" / "loop").symlink_to(tmp_path / "box")
    (tmp_path / "box" / "cur" / "loop").symlink_to(tmp_path / "box")
    unreadable = []
    found = [str(path.relative_to(tmp_path / "box")) for path in files_of(tmp_path / "box", unreadable)]
    assert sorted(found) == [".Archive/cur/4", "cur/2", "dovecot.index.eml", "new/1"]
    assert unreadable == []


@pytest.mark.django_db
def test_what_cannot_be_opened_is_told_and_the_rest_is_taken_in(monkeypatch, tmp_path):
    for name in ("1.eml", "2.eml", "3.eml"):
        (tmp_path / name).write_bytes(mail(name))
    (tmp_path / "closed").mkdir()

    def vanishes(path):
        if path.name == "2.eml":  # a mail program moved it meanwhile
            raise FileNotFoundError(path)
        return messages_in(path)

    real = files.Path.iterdir

    def refuses(folder):
        if folder.name == "closed":  # root may open everything, so a refusal is made by hand
            raise PermissionError(folder)
        return real(folder)

    monkeypatch.setattr("privacy.management.commands.receive_mail.messages_in", vanishes)
    monkeypatch.setattr(files.Path, "iterdir", refuses)
    result, code = run(str(tmp_path))
    assert code == 1
    assert sorted(os.path.basename(path) for path in result["unreadable"]) == ["2.eml", "closed"]
    assert outcomes(result) == ["ticket_opened", "ticket_opened"]


@pytest.mark.django_db
def test_a_file_whose_name_is_no_text_is_taken_in_and_told_in_words_that_can_be_printed(tmp_path):
    (tmp_path / os.fsdecode(b"caf\xe9.eml")).write_bytes(mail(subject="unsubscribe"))
    (tmp_path / os.fsdecode(b"gone\xe9.eml")).symlink_to(tmp_path / "nowhere")
    result, _ = run(str(tmp_path))
    assert outcomes(result) == ["opted_out"]
    assert result["messages"][0]["path"].endswith("caf\\xe9.eml")
    assert result["unreadable"][0].endswith("gone\\xe9.eml")


@pytest.mark.django_db
def test_pipes_and_links_to_nowhere_are_told_and_hold_nothing_up(tmp_path):
    for part in ("new", "cur", "tmp"):
        (tmp_path / part).mkdir()
    os.mkfifo(tmp_path / "new" / "pipe")
    (tmp_path / "new" / "gone").symlink_to(tmp_path / "nowhere")
    (tmp_path / "cur" / "1.host:2,S").write_bytes(mail(subject="unsubscribe"))
    result, code = run(str(tmp_path))
    assert outcomes(result) == ["opted_out"]
    assert result["unreadable"] == [str(tmp_path / "new" / name) for name in ("gone", "pipe")]
    assert code == 1
