"""Who says "unsubscribe" and something else is opted out, and a person reads the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.mailroom.policies import asks_to_unsubscribe, beside_the_wish
from privacy.models import Letter, OptOut, Ticket, TicketRight
from privacy.optouts.policies import unsubscribe_address
from privacy.tickets.actions import close_ticket
from privacy.tickets.policies import proposed_kind
from tests.factories.customers import CustomerFactory
from tests.factories.mailroom import mail, outcomes

# (subject, text, the kind of request that it is beside the wish)
MORE_THAN_THE_WORD = [
    ("Unsubscribe", "please also delete all personal data you hold about me. Send me a copy first.\n", "deletion"),
    ("Re: Lamps", "Unsubscribe.\nAnd delete my account and all my data. What information do you hold about me?\n", "deletion"),
    ("Cancel", "Please cancel my order LM-4711, my daughter ordered it by mistake and it ships tomorrow!\n", "question"),
    ("stop", "PLEASE CANCEL MY ORDER LM-4711\n", "question"),
    ("My order LM-4711", "Cancel\n", "question"),
    ("Re: Your order LM-4711 is on its way", "Cancel\n\nThanks\nMaria\n", "question"),
    ("Unsubscribe", "WHERE IS MY REFUND\n", "question"),
    ("Unsubscribe", "Delete My Account\n", "deletion"),
    ("Unsubscribe", "Where is my refund?\n", "question"),
    ("Unsubscribe", "And stop calling me.\n", "opt_out"),
    ("Unsubscribe", "Also do not sell or share my personal information.\n", "opt_out"),
    ("Unsubscribe", "What information do you have about me?\n", "access_categories"),
    ("Re: Lamps", "Stop\n\nThanks\nMaria Gonzalez\n\nPS: My lamp came in three pieces, and nobody answers.\n", "question"),
    ("Unsubscribe", "Hello Lumens team,\n\nthe installer whom you sent last week left a hole in our ceiling.\n", "question"),
    ("Unsubscribe", "Delete me.\n", "deletion"),
    ("Abmelden", "Bitte löschen Sie meine Daten.\n\nMit freundlichen Grüßen\nJan Huber\n", "question"),
    ("Désabonnement", "Supprimez aussi mon compte.\n", "question"),
    ("退订", "请同时删除我的所有个人资料,谢谢。\n", "question"),
    ("Unsubscribe", "I could not find the link, so please unsubscribe me and erase my information.\n", "deletion"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("subject", "text", "kind"), MORE_THAN_THE_WORD)
def test_who_asks_for_more_than_to_be_unsubscribed_is_read_by_a_person_too(receive, subject, text, kind):
    result, _ = receive(mail(text, subject=subject))
    assert outcomes(result) == ["opted_out"]
    ticket = Ticket.objects.get(reference=result["messages"][0]["ticket"])
    assert [(right.kind, right.proposed) for right in ticket.rights.all()] == [(kind, True)]
    assert OptOut.objects.get().address == "ann@example.com"
    letter = Letter.objects.get()  # one, which says both
    assert (letter.kind, letter.ticket_reference) == ("confirmation", ticket.reference)
    assert ticket.reference in letter.body


# Each begins as footers do, or looks like a signature.
LOOKS_LIKE_NOTHING = [
    "You received my payment twice. Please refund the second one.",
    "You have received three letters from me.\nI ask again to erase all my personal data.",
    "Legal department, please send all personal data you hold to me",
    "Legal action will follow. Delete my data.",
    "Confidential please: send me a copy of my data",
    "This email address belonged to my late husband. Please close the account intended for him and delete his data.",
    "This message is to inform you that my card was charged twice, please treat as confidential",
    "This message is confidential: my ex husband reads along,\nplease delete my data",
    "This message is confidential. John Smith has died, please close the account.",
    "To unsubscribe is all I want. Also delete all my data please",
    "You are receiving this because I want all my data deleted",
    "You are receiving this e-mail because you subscribed.\nWhere is the refund?",
    "This email was sent to ann@example.com\n\nDelete all my data.",
    "To unsubscribe, click here.\nI saw how your installer left a large hole in our ceiling",
    "REFUND THE MONEY FOR BROKEN LAMP NOW",
    "REFUND REQUESTED",
    "Refund Requested",
    "THE INSTALLER LEFT A HOLE THERE",
    "Thanks,\nBob\n\nWhat address is on file?",
    "Please remove mary.jones@example.net from your mailing list",
    "Je ne veux plus recevoir d'appels de votre part",
    "Ich möchte keine Werbung per Post mehr",
    "--\nMaria\nPlease delete all my data",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("text", LOOKS_LIKE_NOTHING)
def test_what_begins_like_a_footer_or_looks_like_a_signature_is_read_all_the_same(receive, text):
    result, _ = receive(mail(f"{text}\n", subject="Unsubscribe"))
    assert outcomes(result) == ["opted_out"]
    assert result["messages"][0]["ticket"]


# What stands around the word and is nothing: each as people and programs write it.
NOTHING_ELSE = [
    ("Unsubscribe", ""),
    ("Unsubscribe", "Unsubscribe\n"),
    ("Re: Lamps", "Please unsubscribe me.\n\nThank you very much in advance,\nMaria Gonzalez\n"),
    ("Unsubscribe", "Hello Lumens team,\n\nplease take me off your mailing list. Thanks a lot!\n\nBest regards\nMaria\n"),
    ("Unsubscribe", "I no longer wish to receive these e-mails.\n"),
    ("Unsubscribe", "Please stop sending me your marketing emails. Thank you for your help.\n"),
    ("Unsubscribe", "Please remove me from all of your mailing lists immediately and confirm by e-mail.\n"),
    ("Unsubscribe", "I would like to unsubscribe from your newsletter.\n"),
    ("Unsubscribe", "Too many emails!!\n"),
    ("Unsubscribe", "I am no longer interested in your products. Have a nice day!\n"),
    ("Stop", "Regards\nMaria Gonzalez\nSenior Account Manager\nAcme Corp\n12 Main Street, Springfield IL 62701\n"
             "Tel. +1 217 555 0143\n"
             "maria@acme.example | www.acme.example\n"),
    ("Re: Lamps", "Stop\n\nKind regards,\n\nMaria Gonzalez\nHead of Sales and Marketing at Acme Corporation of Springfield\n"
                  "Lighting up homes since 1976\n"),
    ("Unsubscribe", "Regards,\nMaria\n\nThis e-mail and any files are confidential and intended solely for the addressee. If\n"
                    "you received it in error, please delete it and all copies of the information that it holds.\n"),
    ("Unsubscribe", "Sent from my iPhone\n"),
    ("unsubscribe", "This message was automatically generated by Gmail.\n"),
    ("Re: Delete spam from your account", "Unsubscribe\n"),
    ("Re: Your order", "stop\n"),
    ("Unsubscribe", "> delete my account and all my data\n"),
    ("Re: Lamps", "Unsubscribe\n\nOn Mon, Nov 23, 2026 at 9:00 AM Lumens <offers@lumens.com> wrote:\n> In stock? Order now.\n"),
    ("Unsubscribe", "You are receiving this e-mail because you placed an order with us.\nTo unsubscribe click here.\n"),
    ("Abmelden", "Sehr geehrte Damen und Herren,\n\nbitte abmelden.\n\nMit freundlichen Grüßen\nJan Huber\n"),
    ("Désabonnement", "Bonjour,\n\nmerci d'avance.\n\nCordialement\nJeanne Martin\n"),
    ("退订", "谢谢\n"),
    ("配信停止", "よろしくお願いします。\n"),
    ("Unsubscribe", "CONFIDENTIALITY NOTICE\n\nThis message contains information that may be privileged. If you are not the\n"
                    "intended recipient, please delete it.\n\nIf you have received this message in error, please notify\n"
                    "the sender and delete all copies.\n"),
    ("Unsubscribe", "You are receiving this e-mail because you subscribed\nto our newsletter. To unsubscribe, click here\n"),
    ("Unsubscribe", "This email was sent to ann@example.com\n\nLumens, 12 Main Street, Springfield\n"),
    ("Unsubscribe", "Diese Nachricht ist vertraulich. Wenn Sie nicht der Empfänger sind, löschen Sie bitte diese Nachricht.\n"),
    ("Unsubscribe", "Acme Ltd is registered in England and Wales No. 1234567\n"),
    ("Unsubscribe", "--\nMaria Gonzalez\nHead of sales and marketing at Acme of Springfield\n"),
    ("Unsubscribe", "John Smith | Senior Manager, Finance | Acme Ltd\nt: +1 212 555 0100\na: 1 Main Street\n"),
    ("Unsubscribe", "bitte entfernen Sie mich aus Ihrem Verteiler\n"),
    ("Unsubscribe", "Bitte melden Sie mich vom Newsletter ab\n"),
    ("Unsubscribe", "Bitte nehmen Sie mich aus dem Verteiler\n"),
    ("Unsubscribe", "Je ne souhaite plus recevoir vos e-mails. Merci de me désabonner.\n"),
    ("Unsubscribe", "no quiero recibir más correos de ustedes\n"),
    ("Unsubscribe", "Non voglio più ricevere le vostre email\n"),
    ("Unsubscribe", "Ik wil geen e-mails meer ontvangen\n"),
    ("Unsubscribe", "Please remove ann@example.com from your mailing list\n"),
    ("Unsubscribe", "Please remove <Ann@Example.com> from your mailing list. My e-mail address: ann@example.com\n"),
    ("Unsubscribe", "Please take my name off of your email list. I never signed up for this.\n"),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("subject", "text"), NOTHING_ELSE)
def test_the_word_with_a_greeting_thanks_and_a_signature_opens_no_request(receive, subject, text):
    result, _ = receive(mail(text, subject=subject))
    assert outcomes(result) == ["opted_out"]
    assert result["messages"][0]["ticket"] is None
    assert not Ticket.objects.exists()
    assert Letter.objects.get().subject == "You are unsubscribed"


@pytest.fixture
def asked(receive):
    """Ann asked for the deletion of her data, and our letter with the number went out."""
    receive(mail("Please delete all my data.\n", subject="My data"), name="first")
    return Ticket.objects.get()


def our_letter(ticket):
    return f"References: {Letter.objects.get(ticket_reference=ticket.reference).own_message_id}"


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["Cancel\n\nI changed my mind, please keep my data\n", "Cancel\n"])
def test_who_answers_cancel_to_their_deletion_is_heard_there(receive, asked, text):
    result, _ = receive(
        mail(text, subject=f"Re: We received your message [{asked.reference}]", more=our_letter(asked)), name="second"
    )
    assert outcomes(result) == ["opted_out"]
    assert result["messages"][0]["ticket"] == asked.reference
    assert asked.events.filter(kind="message").count() == 1
    assert Ticket.objects.count() == 1
    assert OptOut.objects.exists()


@pytest.mark.django_db
def test_a_word_alone_reopens_nothing_and_a_word_with_a_question_does(receive, asked):
    close_ticket(asked.pk, outcome="withdrawn", by=None, now=asked.received_at)
    more = our_letter(asked)
    result, _ = receive(mail("Stop\n", subject="Re: yours", more=more), name="second")
    assert (outcomes(result), result["messages"][0]["ticket"]) == (["opted_out"], None)
    result, _ = receive(mail("Stop\n\nBut why is my account still there?\n", subject="Re: yours", more=more), name="third")
    assert (outcomes(result), result["messages"][0]["ticket"]) == (["opted_out"], asked.reference)
    asked.refresh_from_db()
    assert asked.closed_at is None


@pytest.mark.django_db
def test_a_stranger_who_writes_the_word_and_a_number_gets_no_letter_that_opens_that_request(receive, asked):
    tagged = f"Re: [{asked.reference}]"
    result, _ = receive(mail("Stop\n\nWhere is my refund?\n", subject=tagged, sender="eve@example.net"), name="second")
    assert (outcomes(result), result["messages"][0]["ticket"]) == (["opted_out"], asked.reference)
    letter = Letter.objects.get(kind="confirmation")
    assert (letter.to_address, letter.ticket_reference) == ("eve@example.net", "")
    close_ticket(asked.pk, outcome="withdrawn", by=None, now=asked.received_at)
    again = mail("Stop\n\nWhere is my refund, and my lamp?\n", subject=tagged, sender="eve@example.net")
    result, _ = receive(again, name="third")
    assert result["messages"][0]["ticket"] not in (None, asked.reference)
    asked.refresh_from_db()
    assert asked.closed_at is not None


@pytest.mark.django_db
def test_what_is_asked_in_a_mail_to_an_unsubscribe_address_is_read_too(receive):
    customer = CustomerFactory(email="fay@example.org", email_key="fay@example.org")
    to = unsubscribe_address(customer.pk, domain="lumens.com")
    result, _ = receive(
        mail("Please delete all my data.\n", sender="fay@example.org", to=to, subject=""),
        mail("Unsubscribe me, please\n", sender="fay@example.org", to=to, subject=""),
    )
    assert outcomes(result) == ["opted_out", "opted_out"]
    assert TicketRight.objects.get().kind == "deletion"
    assert [bool(message["ticket"]) for message in result["messages"]] == [True, False]


@given(st.text(max_size=200), st.text(max_size=2_000))
def test_no_text_at_all_breaks_it(subject, text):
    assert isinstance(beside_the_wish(subject, text), str)


@pytest.mark.parametrize("text", ["don't send me " + "me " * 60_000, "a. " * 60_000, "no " * 60_000, "Thanks for " * 20_000,
                                  "this e-mail " * 20_000, "hi " * 60_000 + "!", "x" * 200_000, "\n" * 200_000,
                                  "Acme " * 40_000, "This e-mail\n" * 20_000, "To unsubscribe from " * 10_000, "a@" * 90_000,
                                  ("To unsubscribe, click here. I. data? " * 25 + "\n") * 200 + "my data"])  # fmt: skip
def test_a_long_text_is_read_at_once(text):
    from time import process_time

    begun = process_time()
    beside_the_wish("Unsubscribe", text)
    assert process_time() - begun < 1


@pytest.mark.django_db
def test_a_name_that_no_list_of_names_knows_is_the_senders_own_where_their_mail_says_it(receive):
    receive(mail("Unsubscribe\n\nxochitl\n", subject="Re: Lamps", sender="Xochitl Quetzalli <x1@example.com>"))
    assert not Ticket.objects.exists()
    receive(mail("Unsubscribe\n\nDelete my data\n", subject="Re: Lamps", sender="Delete my data <x2@example.com>"))
    assert Ticket.objects.count() == 1


@pytest.mark.django_db
def test_a_question_above_a_newsletter_of_ours_is_a_question(receive):
    ours = "---------- Forwarded message ---------\nFrom: Lumens <news@lumens.com>\nSubject: Offers\n\nTo opt out, click here.\n"
    receive(mail(f"What time do you open on Monday?\n\n{ours}", subject="Fwd: Offers"))
    assert Ticket.objects.get().rights.get().kind == "question"
    assert not OptOut.objects.exists()


@pytest.mark.parametrize("between", ["", " ", "_", "-", ", "])
@pytest.mark.parametrize(
    "word",
    ["newsletters", "news", "mails", "e-mail", "re", "no subject", "stop", "unsubscribe", "please", "your list", "d'information"],
)
def test_a_subject_of_one_word_over_and_over_is_read_at_once(word, between):
    """Glued to one another, "newsletters" can be parted as "news" and "letters", too: twenty of them took six seconds."""
    from time import process_time

    begun = process_time()
    for subject in (f"{between.join([word] * 60)} x1", f"Re: {between.join([word] * 60)}!", between.join([word] * 60)):
        beside_the_wish(subject, "unsubscribe")
        asks_to_unsubscribe(subject, "unsubscribe")
        proposed_kind(subject, "")
    assert process_time() - begun < 1
