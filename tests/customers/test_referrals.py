"""A friend gets one invitation, and is gone when they ask."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from customers.actions import FriendKnown, ask_removal, mark_invited, refer_friend, remove_friend
from customers.canonical import NotAnAddress
from customers.models import Referral
from tests.factories.customers import COLLECTED_AT as NOW
from tests.factories.customers import CustomerFactory, ReferralFactory


@pytest.mark.django_db
def test_a_friend_is_told_once_however_the_address_is_written():
    refer_friend(CustomerFactory(), name="Ben", address="Ben@mail.example", now=NOW)
    with pytest.raises(FriendKnown):
        refer_friend(CustomerFactory(), name="Benjamin", address="ben@MAIL.example", now=NOW)
    assert Referral.objects.get().friend_name == "Ben"


@pytest.mark.django_db
def test_an_invitation_is_taken_once():
    referral = ReferralFactory()
    assert mark_invited(referral.pk, now=NOW).invited_at == NOW
    with pytest.raises(FriendKnown):
        mark_invited(referral.pk, now=NOW + timedelta(days=1))


@pytest.mark.django_db(transaction=True)
def test_two_senders_at_once_send_one_invitation():
    referral = ReferralFactory()
    ready, sent = threading.Barrier(2), []

    def send():
        ready.wait()
        try:
            mark_invited(referral.pk, now=NOW)
            sent.append(1)
        except FriendKnown:
            pass
        finally:
            connection.close()

    senders = [threading.Thread(target=send) for _ in range(2)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sent == [1]


@pytest.mark.django_db
def test_who_asked_for_removal_is_not_invited_any_more():
    referral = ReferralFactory(friend_email="ben@mail.example")
    assert ask_removal("BEN@mail.example", now=NOW) == 1
    with pytest.raises(FriendKnown):
        mark_invited(referral.pk, now=NOW)


@pytest.mark.django_db
def test_removal_leaves_the_digest_and_nothing_else_and_holds_for_ever():
    ReferralFactory(friend_email="ben@mail.example", friend_name="Ben")
    assert remove_friend("ben@mail.example", now=NOW) == 1
    assert remove_friend("Ben@mail.example", now=NOW + timedelta(days=1)) == 0
    referral = Referral.objects.get()
    assert (referral.friend_name, referral.friend_email, referral.removed_at) == (None, None, NOW)
    with pytest.raises(FriendKnown):
        refer_friend(CustomerFactory(), name="Ben", address="ben@mail.example", now=NOW)


@pytest.mark.django_db
def test_somebody_who_was_never_referred_can_ask_never_to_be():
    assert remove_friend("carol@mail.example", now=NOW) == 0
    with pytest.raises(FriendKnown):
        refer_friend(CustomerFactory(), name="Carol", address="carol@mail.example", now=NOW)
    with pytest.raises(NotAnAddress):
        remove_friend("nobody", now=NOW)
