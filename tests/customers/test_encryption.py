"""Sensitive columns are ciphertext, tampering is refused, and keys rotate while others write."""

import base64
import json
import os
import threading
from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from customers.actions import rotation
from customers.encryption import CannotDecrypt, current_key_id, decrypt, encrypt, key_id_of, keyed_digest
from customers.models import KeyMark, PaymentMethod, Referral
from tests.factories.customers import PaymentMethodFactory, ReferralFactory, SurveyEntryFactory
from tests.factories.workforce import TOTP_SECRET, EmployeeFactory

MARK = 1  # the mark of the keys is an encrypted value itself


def new_key():
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def stored(table="customers_paymentmethod", column="processor_token"):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} ORDER BY id")
        return [None if value is None else bytes(value) for (value,) in cursor.fetchall()]


def rotate(*options):
    out = StringIO()
    code = 0
    try:
        call_command("rotate_field_keys", "--json", *options, stdout=out)
    except SystemExit as left:
        code = left.code
    return code, json.loads(out.getvalue())


@settings(max_examples=60)
@given(st.binary(max_size=80), st.data())
def test_every_flipped_bit_is_refused(value, data):
    sealed = encrypt(value, label="a.b.c")
    assert decrypt(sealed, label="a.b.c") == value
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1 << data.draw(st.integers(0, 7))
        with pytest.raises(CannotDecrypt):
            decrypt(bytes(changed), label="a.b.c")


@given(st.binary(max_size=40))
def test_what_was_never_encrypted_is_refused(value):
    with pytest.raises(CannotDecrypt):
        decrypt(value, label="a.b.c")


def test_a_value_moved_to_another_column_is_refused():
    with pytest.raises(CannotDecrypt):
        decrypt(encrypt(b"tok", label="customers.paymentmethod.processor_token"), label="customers.paymentmethod.expiry")


def test_equal_values_do_not_look_equal_and_digests_of_other_purposes_differ():
    assert encrypt(b"same", label="x") != encrypt(b"same", label="x")
    assert keyed_digest("a@b.example", purpose="email") == keyed_digest("a@b.example", purpose="email")
    assert keyed_digest("a@b.example", purpose="email") != keyed_digest("a@b.example", purpose="search")


@pytest.mark.django_db
def test_a_token_is_ciphertext_in_the_database_and_plain_in_the_program():
    payment = PaymentMethodFactory(processor_token="tok_secret")
    assert PaymentMethod.objects.get(pk=payment.pk).processor_token == "tok_secret"
    assert b"tok_secret" not in stored()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT processor_token FROM customers_paymentmethodledgerevent")
        assert b"tok_secret" not in bytes(cursor.fetchone()[0])


@pytest.mark.django_db
def test_the_ledgers_copy_of_an_encrypted_column_decrypts():
    PaymentMethodFactory(processor_token="tok_secret")
    assert PaymentMethod.pgh_event_models["insert"].objects.get().processor_token == "tok_secret"


@pytest.mark.django_db
def test_a_new_first_key_encrypts_everything_anew(settings):
    PaymentMethodFactory.create_batch(3)
    ReferralFactory()
    SurveyEntryFactory()  # anonymous: nothing to rotate
    old = current_key_id()
    settings.FIELD_KEYS = [new_key(), *settings.FIELD_KEYS]
    tokens = [payment.processor_token for payment in PaymentMethod.objects.order_by("pk")]
    assert rotate("--dry-run")[1]["rotated"] == 3 * 2 + 2 + MARK
    assert all(key_id_of(value) == old for value in stored())

    code, result = rotate()

    assert (code, result["rotated"], result["unreadable"]) == (0, 8 + MARK, 0)
    assert all(key_id_of(value) == current_key_id() != old for value in stored())
    assert [payment.processor_token for payment in PaymentMethod.objects.order_by("pk")] == tokens
    assert rotate()[1]["rotated"] == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.metadata->>'verb' FROM customers_paymentmethodledgerevent e"
            " JOIN pghistory_context c ON c.id = e.pgh_context_id WHERE e.pgh_label = 'update'"
        )
        assert cursor.fetchall() == [("rotate_field_keys",)]


@pytest.mark.django_db
def test_second_factors_move_to_the_new_key_and_still_work(settings):
    from allauth.mfa.adapter import get_adapter
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    from privacy.access.actions import enrol_authenticator

    ana = EmployeeFactory(second_factor=None)
    codes = enrol_authenticator(ana, secret=TOTP_SECRET)
    before = {factor.type: factor.data for factor in Authenticator.objects.filter(user=ana)}
    old_keys, settings.FIELD_KEYS = settings.FIELD_KEYS, [new_key(), *settings.FIELD_KEYS]
    assert rotate("--dry-run")[1]["rotated"] == 2 + MARK
    assert rotate()[1]["rotated"] == 2 + MARK
    assert rotate()[1]["rotated"] == 0
    settings.FIELD_KEYS = settings.FIELD_KEYS[: -len(old_keys)]  # the retired key is gone for good
    after = {factor.type: factor for factor in Authenticator.objects.filter(user=ana)}
    assert {kind: factor.data != before[kind] for kind, factor in after.items()} == dict.fromkeys(before, True)
    assert get_adapter().decrypt(after["totp"].data["secret"]) == TOTP_SECRET
    assert RecoveryCodes(after["recovery_codes"]).validate_code(codes[0])


@pytest.mark.django_db
def test_a_value_whose_key_is_lost_is_named_and_left_as_it_is(settings):
    lost = PaymentMethodFactory()
    settings.FIELD_KEYS = [new_key()]
    KeyMark.objects.all().delete()  # one database in two hands: marked with either's keys, the other would be refused
    kept = PaymentMethodFactory()
    before = stored()
    code, result = rotate()
    assert (code, result["unreadable"], result["rotated"]) == (1, 2, 0)
    named = {column["column"]: column["unreadable"] for column in result["columns"] if column["unreadable"]}
    assert named == {"customers.paymentmethod.processor_token": [lost.pk], "customers.paymentmethod.expiry": [lost.pk]}
    assert stored() == before
    assert PaymentMethod.objects.get(pk=kept.pk).processor_token == kept.processor_token


@pytest.mark.django_db
def test_a_rotation_that_was_stopped_goes_on_where_it_was(settings, monkeypatch):
    PaymentMethodFactory.create_batch(5)
    settings.FIELD_KEYS = [new_key(), *settings.FIELD_KEYS]
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    model, column = next(pair for pair in rotation.encrypted_columns() if pair[1].name == "processor_token")
    batches = []

    @contextmanager
    def stopped_after_one():
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        with transaction.atomic():
            yield

    with pytest.raises(KeyboardInterrupt):
        rotation.rotate_column(model, column, in_act=stopped_after_one)
    assert rotation.count_retired(model, column) == 3
    assert rotate()[1]["unreadable"] == 0
    assert rotation.count_retired(model, column) == 0


@pytest.mark.django_db(transaction=True)
def test_what_somebody_writes_meanwhile_is_never_overwritten(settings, monkeypatch):
    payment = PaymentMethodFactory(processor_token="tok_old")
    settings.FIELD_KEYS = [new_key(), *settings.FIELD_KEYS]
    model, column = next(pair for pair in rotation.encrypted_columns() if pair[1].name == "processor_token")
    real = rotation.encrypt

    def somebody_writes():
        PaymentMethod.objects.filter(pk=payment.pk).update(processor_token="tok_new")
        connection.close()

    def encrypt_slowly(value, *, label):
        writer = threading.Thread(target=somebody_writes)
        writer.start()
        writer.join()
        return real(value, label=label)

    monkeypatch.setattr(rotation, "encrypt", encrypt_slowly)
    result = rotation.rotate_column(model, column, in_act=transaction.atomic)
    assert (result.rotated, result.overtaken) == (0, 1)
    assert PaymentMethod.objects.get().processor_token == "tok_new"


@pytest.mark.django_db
def test_encrypted_columns_can_be_neither_filtered_nor_ordered_by_value():
    ReferralFactory()
    with pytest.raises(Exception, match="Unsupported lookup"):
        Referral.objects.filter(friend_email__contains="friend").exists()
    with pytest.raises(Exception, match="Unsupported lookup"):
        Referral.objects.filter(friend_email="friend0@mail.example").exists()
