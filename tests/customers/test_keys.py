"""The keys of the house fit its database, or nothing is done with it (statement E.3)."""

import json
import secrets
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from contextlib import nullcontext

import pytest
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.db import IntegrityError, transaction
from django.test import override_settings

from customers.actions import KeysDoNotFit, check_keys, mark_keys
from customers.models import KeyMark
from lumens_admin.secrets_file import field_keys, index_key

pytestmark = pytest.mark.django_db


def fresh_key():
    return urlsafe_b64encode(secrets.token_bytes(32)).decode()


@pytest.fixture
def marked():
    mark_keys(in_act=nullcontext)


def test_migrating_marks_a_new_database_so_that_the_first_file_cannot_be_read_in_with_two_sets_of_keys(tmp_path, capsys):
    """Without ever being served: `migrate`, `import_customers`, and later a server that has other keys."""
    KeyMark.objects.all().delete()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    assert check_keys() is True
    file = tmp_path / "customers.csv"
    file.write_text("member_id,name,email,phone,line1,line2,city,region,postal_code,country,source,collected_at\n")
    with override_settings(FIELD_KEYS=[fresh_key()]), pytest.raises(SystemExit) as left:
        call_command("import_customers", str(file), json=True)
    assert left.value.code == 2
    assert "FIELD_KEYS" in json.loads(capsys.readouterr().out)["error"]


def test_migrating_again_with_other_keys_does_not_mark_the_database_with_those(marked):
    with override_settings(FIELD_KEYS=[fresh_key()]):
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
        with pytest.raises(KeysDoNotFit):
            check_keys()
    assert check_keys() is True


def test_a_new_database_is_marked_once_with_the_keys_of_its_first_start():
    KeyMark.objects.all().delete()
    assert check_keys() is False
    for _ in range(2):
        mark_keys(in_act=nullcontext)
    assert check_keys() is True
    assert KeyMark.objects.count() == 1
    with pytest.raises(IntegrityError, match="there_is_one_mark_of_the_keys"), transaction.atomic():
        KeyMark.objects.create(pk=2, index_digest=b"x" * 32, sealed="x")


def test_another_index_key_is_refused_before_an_opt_out_can_be_missed(marked, tmp_path, capsys):
    message = tmp_path / "one.eml"
    message.write_bytes(b"From: mary@example.com\r\nSubject: unsubscribe\r\n\r\nunsubscribe\r\n")
    with override_settings(INDEX_KEY="another"), pytest.raises(SystemExit) as left:
        call_command("receive_mail", str(message), json=True)
    assert left.value.code == 2
    said = json.loads(capsys.readouterr().out)
    assert "INDEX_KEY" in said["error"]
    assert "another" not in said["error"]


def test_lost_field_keys_are_refused_and_a_new_one_before_the_old_is_taken(marked, settings):
    old, new = settings.FIELD_KEYS, fresh_key()
    with override_settings(FIELD_KEYS=[new]), pytest.raises(KeysDoNotFit, match="FIELD_KEYS"):
        mark_keys(in_act=nullcontext)
    with override_settings(FIELD_KEYS=[new, *old]):
        assert check_keys()
        call_command("rotate_field_keys")
    with override_settings(FIELD_KEYS=[new]):
        assert check_keys()


def test_keys_that_are_not_named_follow_from_the_secret_key_and_differ_from_each_other():
    (followed,) = field_keys("", "secret one")
    assert len(urlsafe_b64decode(followed)) == 32
    assert field_keys("", "secret one") == [followed] != field_keys("", "secret two")
    assert index_key("", "secret one") not in (followed, index_key("", "secret two"))
    assert index_key("named", "secret one") == "named"


def test_field_keys_are_read_in_either_alphabet_and_a_wrong_one_is_named_by_its_place_only():
    key = b"\xfb\xff" * 16
    assert field_keys(f" {b64encode(key).decode()} ,", "s") == [urlsafe_b64encode(key).decode()]
    for wrong in ("short", "!" * 44):
        with pytest.raises(ValueError, match="FIELD_KEYS, key 2") as refused:
            field_keys(f"{fresh_key()},{wrong}", "s")
        assert wrong not in str(refused.value)
