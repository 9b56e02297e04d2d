"""Reveal and export: one record, one category, one reason, written down before it is shown; a stream stops when access ends."""

from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from privacy.access import policies
from privacy.models import AccessGrant, DeniedAttempt, Notice, RecordedRead
from tests.factories.access import grant, sign_in
from tests.factories.customers import CustomerFactory, PaymentMethodFactory
from tests.factories.workforce import PASSWORD, EmployeeFactory

REVEAL = "/admin/access/reveal/"
EXPORT = "/admin/access/export/customers.csv"


@pytest.fixture
def customer(db):
    return CustomerFactory(name="Greta Lindqvist", email="greta@mail.example", phone="+19165550123")


@pytest.fixture
def ana(db):
    employee = EmployeeFactory(login="ana")
    grant(employee, "requests.work", "reveal.contact")
    return employee


def asked(customer, **other):
    return {"subject": "customers.customer", "pk": customer.pk, "category": "contact", "reason": "ticket 12"} | other


@pytest.mark.django_db
class TestReveal:
    def test_shows_the_columns_of_that_category_and_writes_it_down(self, client, ana, customer):
        sign_in(client, ana)
        page = client.post(REVEAL, asked(customer)).content.decode()
        assert "Greta Lindqvist" in page
        assert "greta@mail.example" in page
        read = RecordedRead.objects.get(kind="reveal")
        assert (read.by, read.category, read.reason) == (ana, "contact", "ticket 12")
        assert read.subject == f"customers.customer:{customer.pk}"
        assert read.grant_id == AccessGrant.objects.get(employee=ana, entitlement__code="reveal.contact").pk
        assert "Greta" not in str(RecordedRead.objects.values().get(kind="reveal"))

    def test_it_is_written_down_as_the_record_is_numbered_however_the_form_wrote_it(self, client, ana, customer):
        sign_in(client, ana)
        assert "greta@mail.example" in client.post(REVEAL, asked(customer, pk=f" 00{customer.pk}")).text
        assert RecordedRead.objects.get(kind="reveal").subject == f"customers.customer:{customer.pk}"

    def test_a_reason_that_is_too_long_is_refused_and_nothing_is_cut_off_it(self, client, ana, customer):
        sign_in(client, ana)
        answer = client.post(REVEAL, asked(customer, reason="a" * 5_000))
        assert (answer.status_code, "longer than 1,000 characters" in answer.text) == (400, True)
        assert "greta@mail.example" not in answer.text
        assert not RecordedRead.objects.filter(kind="reveal").exists()

    def test_as_a_fragment_it_hides_itself_again(self, client, ana, customer):
        sign_in(client, ana)
        fragment = client.post(REVEAL, asked(customer), headers={"HX-Request": "true"}).content.decode()
        assert "Greta Lindqvist" in fragment
        assert "delay:60s" in fragment
        assert "<html" not in fragment
        masked = client.get(REVEAL, asked(customer), headers={"HX-Request": "true"}).content.decode()
        assert "Greta" not in masked
        assert "Reveal for a minute" in masked

    def test_without_a_script_the_page_leaves_by_itself(self, client, ana, customer):
        sign_in(client, ana)
        assert client.post(REVEAL, asked(customer)).headers["Refresh"].startswith("60;")

    def test_looking_at_the_control_reads_nothing(self, client, ana, customer):
        sign_in(client, ana)
        client.get(REVEAL, asked(customer))
        assert not RecordedRead.objects.exists()

    @pytest.mark.parametrize(
        ("other", "status"),
        [
            ({"reason": "  "}, 400),
            ({"category": "financial"}, 404),
            ({"category": "demographic"}, 404),
            ({"category": "x"}, 404),
            ({"subject": "privacy.employee"}, 404),
            ({"subject": "privacy.accessgrant"}, 404),
            ({"subject": "nonsense"}, 404),
            ({"subject": "customers.paymentmethod", "category": "financial"}, 403),
            ({"pk": "999999"}, 404),
            ({"pk": "1 OR 1=1"}, 404),
            ({"pk": "9" * 40}, 404),
            ({"reason": "calls about 4111 1111 1111 1111"}, 400),
        ],
    )
    def test_what_cannot_or_may_not_be_revealed_is_refused(self, client, ana, customer, other, status):
        sign_in(client, ana)
        answer = client.post(REVEAL, asked(customer, **other))
        assert answer.status_code == status
        assert "Greta" not in answer.content.decode()
        assert not RecordedRead.objects.exists()

    def test_without_a_grant_in_force_it_is_refused_and_written_down(self, client, ana, customer):
        AccessGrant.objects.filter(employee=ana, entitlement__code="reveal.contact").delete()
        ana.refresh_from_db()
        sign_in(client, ana)
        assert client.post(REVEAL, asked(customer)).status_code == 403
        fragment = client.post(REVEAL, asked(customer), headers={"HX-Request": "true"}).content.decode()
        assert "Greta" not in fragment
        assert "No grant of yours" in fragment
        assert DeniedAttempt.objects.filter(kind="reveal", employee=ana).count() == 2

    def test_one_proves_again_who_one_is_first(self, client, ana, customer):
        sign_in(client, ana, recently=False)
        answer = client.post(REVEAL, asked(customer))
        assert answer.status_code == 302
        assert "reauthenticate" in answer.headers["Location"]
        fragment = client.post(REVEAL, asked(customer), headers={"HX-Request": "true"}).content.decode()
        assert "Confirm" in fragment
        assert "Greta" not in fragment
        assert not RecordedRead.objects.exists()

    def test_the_reason_is_kept_over_the_confirmation_and_nowhere_else(self, client, ana, customer):
        sign_in(client, ana, recently=False)
        here = {"Referer": f"http://testserver{reverse('desk:person', args=[customer.pk])}"}
        typed = asked(customer, reason="she asks what we hold")
        fragment = client.post(REVEAL, typed, headers={**here, "HX-Request": "true"}).text
        assert 'name="reason" value="she asks what we hold"' in fragment
        assert not any("asks" in value for value in client.session.values() if isinstance(value, str))
        leads = client.post(REVEAL, typed, headers=here)
        assert leads.status_code == 302
        assert "asks" not in leads.url
        shown = client.post(leads.url, {"password": PASSWORD}, headers={"Referer": f"http://testserver{leads.url}"})
        assert "Greta Lindqvist" in shown.text
        assert RecordedRead.objects.get(kind="reveal").reason == "she asks what we hold"
        assert f'href="{here["Referer"]}"' in shown.text, "the way back is to the page that one came from"
        assert "asks" not in str(dict(client.session))

    def test_a_card_number_in_a_reason_is_refused_before_it_is_kept_for_the_confirmation(self, client, ana, customer):
        sign_in(client, ana, recently=False)
        for headers, status in (({}, 400), ({"HX-Request": "true"}, 200)):
            answer = client.post(REVEAL, asked(customer, reason="calls about 4111 1111 1111 1111"), headers=headers)
            assert answer.status_code == status
            assert "looks like a card number" in answer.text
            assert "4111" not in answer.text + str(dict(client.session))

    def test_too_many_in_a_minute_are_refused_and_written_down(self, client, ana, customer):
        sign_in(client, ana)
        held = AccessGrant.objects.get(employee=ana, entitlement__code="reveal.contact")
        RecordedRead.objects.bulk_create(
            RecordedRead(at=timezone.now(), by=ana, kind="reveal", subject="x", reason="x", grant_id=held.pk)
            for _ in range(policies.REVEALS_PER_MINUTE)
        )
        assert client.post(REVEAL, asked(customer)).status_code == 429
        assert DeniedAttempt.objects.filter(kind="too_many", employee=ana).exists()

    def test_if_it_cannot_be_written_nothing_is_shown(self, client, ana, customer, monkeypatch):
        sign_in(client, ana)

        def broken(*args, **kwargs):
            raise DatabaseError("the disk is full")

        monkeypatch.setattr("privacy.access.actions.reading.record_read", broken)
        answer = client.post(REVEAL, asked(customer))
        assert answer.status_code == 503
        assert "Greta" not in answer.content.decode()

    def test_if_the_database_refuses_the_row_nothing_is_shown(self, client, ana, customer):
        sign_in(client, ana)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file'; END $$;"
                " CREATE TRIGGER no_room BEFORE INSERT ON privacy_recordedread FOR EACH ROW EXECUTE FUNCTION no_room()"
            )
        for headers in ({}, {"HX-Request": "true"}):
            answer = client.post(REVEAL, asked(customer), headers=headers).content.decode()
            assert "Greta" not in answer
            assert "could not be written into the ledger" in answer
            assert "no_room" not in answer
        assert not RecordedRead.objects.exists()

    def test_of_more_than_sixty_in_a_minute_sixty_are_shown_and_the_security_administrators_are_told(self, client, ana, customer):
        """A script in the browser of somebody who may: what it cannot have is not read, and it does not go unnoticed."""
        inez = EmployeeFactory()
        grant(inez, "access.administer")
        sign_in(client, ana)
        answers = Counter(client.post(REVEAL, asked(customer)).status_code for _ in range(policies.REVEALS_PER_MINUTE + 20))
        assert answers == {200: policies.REVEALS_PER_MINUTE, 429: 20}
        assert RecordedRead.objects.filter(kind="reveal").count() == policies.REVEALS_PER_MINUTE
        assert DeniedAttempt.objects.filter(kind="too_many", employee=ana).count() == 20
        notice = Notice.objects.get(employee=inez)
        assert "refused further reveals" in notice.subject
        assert "Greta" not in notice.body

    def test_encrypted_columns_are_revealed_by_those_who_may(self, client, ana):
        method = PaymentMethodFactory(processor_token="tok_secret_77")
        grant(ana, "reveal.financial")
        sign_in(client, ana)
        page = client.post(REVEAL, asked(method, subject="customers.paymentmethod", category="financial")).content.decode()
        assert "tok_secret_77" in page

    def test_hostile_values_are_text(self, client, ana):
        hostile = CustomerFactory(name="<img src=x>")
        sign_in(client, ana)
        assert "<img src=x>" not in client.post(REVEAL, asked(hostile)).content.decode()


@pytest.mark.django_db(transaction=True)
class TestExport:
    @pytest.fixture
    def exporter(self):
        employee = EmployeeFactory(login="exporter")
        grant(employee, "customers.export", "reveal.contact")
        return employee

    def text(self, answer):
        return b"".join(answer.streaming_content).decode()

    def test_the_whole_list_leaves_with_a_reason_and_is_written_down(self, client, exporter):
        CustomerFactory.create_batch(7)
        CustomerFactory(name="=cmd|calc")
        sign_in(client, exporter)
        assert "streaming_content" not in vars(client.get(EXPORT))
        assert client.post(EXPORT, {"reason": " "}).status_code == 400
        text = self.text(client.post(EXPORT, {"reason": "auditor asked"}))
        assert text.count("\r\n") == 9
        assert "Maria Gonzalez" in text
        assert "'=cmd|calc" in text
        begun, ended = RecordedRead.objects.filter(kind="export").order_by("pk")
        assert (begun.reason, begun.rows_seen) == ("auditor asked", 0)
        assert (ended.reason, ended.rows_seen) == (f"finished (export {begun.pk})", 8)

    def test_categories_that_one_may_not_see_are_masked(self, client):
        employee = EmployeeFactory()
        grant(employee, "customers.export")
        CustomerFactory(name="Greta Lindqvist", phone="+19165550123")
        text = self.text(sign_in(client, employee).post(EXPORT, {"reason": "count"}))
        assert "Lindqvist" not in text
        assert "5550123" not in text

    def test_it_stops_in_the_middle_when_access_ends(self, client, exporter, monkeypatch):
        monkeypatch.setattr("privacy.access.views.reading.EXPORT_CHUNK", 3)
        CustomerFactory.create_batch(9)
        sign_in(client, exporter)
        stream = iter(client.post(EXPORT, {"reason": "auditor asked"}).streaming_content)
        next(stream)  # the header
        assert next(stream).count(b"\r\n") == 3
        call_command("revoke_access", "exporter", "--reason", "left", "--json")
        rest = b"".join(stream).decode()
        assert rest == "— stopped: access ended —\r\n"
        assert RecordedRead.objects.filter(kind="export").latest("pk").rows_seen == 3

    def test_it_stops_when_an_nda_lapses_too(self, client, exporter, monkeypatch):
        monkeypatch.setattr("privacy.access.views.reading.EXPORT_CHUNK", 3)
        CustomerFactory.create_batch(9)
        sign_in(client, exporter)
        stream = iter(client.post(EXPORT, {"reason": "auditor asked"}).streaming_content)
        next(stream)
        exporter.ndas.update(ends_on=timezone.localdate() - timedelta(days=1))
        assert "stopped" in b"".join(stream).decode()

    def test_no_step_is_skipped(self, client, exporter):
        sign_in(client, exporter, recently=False)
        assert client.post(EXPORT, {"reason": "x"}).status_code == 302
        AccessGrant.objects.filter(employee=exporter, entitlement__code="customers.export").delete()
        exporter.refresh_from_db()
        sign_in(client, exporter)
        assert client.post(EXPORT, {"reason": "x"}).status_code == 403


@pytest.mark.django_db(transaction=True)
def test_a_received_message_is_revealed_as_text_and_its_control_characters_are_shown(client):
    from privacy.access.actions import reveal
    from privacy.mailroom.actions import keep_message

    agent = EmployeeFactory()
    grant(agent, "requests.work", "reveal.mail")
    key = keep_message("Subject: Größe\r\n\r\nlamp \x1b[31mred\x00".encode() + b"\xff", door="files", received_at=timezone.now())
    shown = dict(reveal("privacy.message", key, "mail", by=agent, reason="quarantined", now=timezone.now()).values)
    text = next(value for value in shown.values() if "Größe" in value)
    assert text.splitlines()[0] == "Subject: Größe"
    assert "\\x1b[31mred\\x00" in text
    assert "\x1b" not in text
    assert not text.startswith("b'")
