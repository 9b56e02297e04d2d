"""Agreements and NDAs: recorded, in force by the day, ended early with a reason."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.urls import reverse
from django.utils import timezone

from customers.models import CookieTag
from privacy.agreements import actions, errors
from privacy.ledger.errors import NoLongerAllowed
from privacy.models import AccessGrant, DataSharingAgreement, Disclosure, Employee, Nda
from tests.factories.access import grant, sign_in
from tests.factories.agreements import DataSharingAgreementFactory, NdaFactory, ThirdPartyFactory
from tests.factories.together import together
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    officer = EmployeeFactory(login="officer")
    grant(officer, "sharing.manage")
    return officer


def test_a_paper_that_is_still_to_be_signed_opens_nothing():
    ana, today = EmployeeFactory(nda=None), timezone.localdate()
    grant(ana, "reveal.contact")
    NdaFactory(employee=ana, signed_on=today + timedelta(days=1), starts_on=today - timedelta(days=30))
    DataSharingAgreementFactory(signed_on=today + timedelta(days=1), starts_on=today)
    assert not ana.has_perm("customers.reveal_contact")
    assert not DataSharingAgreement.objects.in_force(on=today).exists()
    Nda.objects.filter(employee=ana).update(signed_on=today)
    assert ana.__class__.objects.get(pk=ana.pk).has_perm("customers.reveal_contact")


def test_the_first_and_the_last_day_count():
    today = timezone.localdate()
    nda = NdaFactory(employee=EmployeeFactory(nda=None), starts_on=today, ends_on=today)
    assert nda in Nda.objects.in_force(on=today)
    assert nda not in Nda.objects.in_force(on=today - timedelta(days=1))
    assert nda not in Nda.objects.in_force(on=today + timedelta(days=1))


def test_an_nda_ended_early_ends_access_from_the_next_day_and_sessions_at_once(client, officer):
    ana = EmployeeFactory()
    grant(ana, "reveal.contact")
    sign_in(client, ana)
    yesterday = timezone.localdate() - timedelta(days=1)
    actions.end_nda(ana.ndas.get().pk, last_day=yesterday, by=officer, reason="withdrawn")
    assert not Employee.objects.get(pk=ana.pk).has_perm("customers.reveal_contact")
    assert client.get("/admin/access/").status_code == 302
    with pytest.raises(errors.AlreadyEnded):
        actions.end_nda(ana.ndas.get().pk, last_day=yesterday, by=officer, reason="again")


def test_nobody_records_an_nda_with_themselves(officer):
    day = timezone.localdate()
    with pytest.raises(errors.NotWithOneself):
        actions.record_nda(by=officer, employee=officer, signed_on=day, starts_on=day, document="x")


def test_a_party_and_its_agreement_through_the_pages(client, officer):
    sign_in(client, officer)
    client.post("/admin/sharing/new/", {"name": "Mail House", "code": "mail-house", "kind": "processor"})
    form = {
        "reference": "DSA-1",
        "purposes": ["mailings"],
        "categories": ["contact"],
        "signed_on": "2026-01-05",
        "ends_on": "2099-01-05",
        "document": "binder 1",
    }
    answer = client.post("/admin/sharing/parties/mail-house/agreement/", form, follow=True)
    assert "The agreement is on record" in answer.content.decode()
    assert "in force" in answer.content.decode()
    agreement = answer.context["agreements"].get()
    assert agreement.starts_on.isoformat() == "2026-01-05"
    client.post(f"/admin/sharing/agreements/{agreement.pk}/end/", {"last_day": "2026-02-01", "reason": "moved on"})
    agreement.refresh_from_db()
    assert (agreement.ends_on.isoformat(), agreement.ended_reason) == ("2026-02-01", "moved on")


def test_the_customer_list_cannot_be_recorded_as_sold():
    party = ThirdPartyFactory()
    with pytest.raises(IntegrityError, match="the_customer_list_is_not_sold"):
        Disclosure.objects.create(third_party=party, ground="consent", purpose="sale", categories=["contact"], at=timezone.now())


def test_a_disclosure_to_a_provider_needs_an_agreement():
    agreement = DataSharingAgreementFactory()
    with pytest.raises(IntegrityError, match="an_intermediary_has_an_agreement"):
        Disclosure.objects.create(
            third_party=agreement.third_party, ground="service", purpose="mailings", categories=["contact"], at=timezone.now()
        )


def test_somebody_whose_grant_ended_while_the_form_was_open_writes_nothing_about_agreements(officer):
    day, party = timezone.localdate(), ThirdPartyFactory()
    agreement, nda = DataSharingAgreementFactory(third_party=party), NdaFactory(employee=None, third_party=party)
    dated = {"signed_on": day, "starts_on": day, "document": "x"}
    assert officer.has_perm("privacy.manage_sharing")  # as at the beginning of the request
    AccessGrant.objects.filter(employee=officer).update(ends_at=timezone.now() - timedelta(minutes=1))
    for attempt in (
        lambda: actions.record_third_party(code="x", name="X", kind="shipper", by=officer),
        lambda: actions.record_agreement(party, reference="x", purposes=["billing"], categories=[], by=officer, **dated),
        lambda: actions.end_agreement(agreement.pk, last_day=day, by=officer, reason="x"),
        lambda: actions.record_nda(by=officer, third_party=party, **dated),
        lambda: actions.end_nda(nda.pk, last_day=day, by=officer, reason="x"),
    ):
        with pytest.raises(NoLongerAllowed):
            attempt()


def test_who_administers_access_looks_after_the_ndas_of_people_and_not_of_companies():
    administrator, day = EmployeeFactory(), timezone.localdate()
    grant(administrator, "access.administer")
    dated = {"signed_on": day, "starts_on": day, "document": "x"}
    of_a_person = actions.record_nda(by=administrator, employee=EmployeeFactory(), **dated)
    actions.end_nda(of_a_person.pk, last_day=day, by=administrator, reason="x")
    with pytest.raises(NoLongerAllowed):
        actions.record_nda(by=administrator, third_party=ThirdPartyFactory(), **dated)


def test_a_party_that_sets_cookies_without_an_agreement_stands_out_and_says_what_to_do(client):
    keeper = EmployeeFactory()
    grant(keeper, "sharing.manage")
    sign_in(client, keeper)
    day = timezone.localdate()
    party = ThirdPartyFactory(code="counter", name="Counter Ltd")
    tag = CookieTag.objects.create(
        code="c_id", kind="cookie", setter="counter", purpose="improvement", what_for="counts visits", in_use_from=day
    )
    record = reverse("agreements:add_agreement", args=[party.code])
    page = client.get(reverse("agreements:parties")).content.decode()
    assert "none, yet it sets cookies" in page
    assert record in page
    shown = client.get(reverse("agreements:party", args=[party.code])).content.decode()
    assert "uses 1 cookie or tag of theirs" in " ".join(shown.split())
    tag.delete()
    assert "none, yet it sets cookies" not in client.get(reverse("agreements:parties")).content.decode()


def test_the_page_that_ends_an_nda_says_what_stops_with_it(client, officer):
    ana = EmployeeFactory()
    grant(ana, "reveal.contact", "promises.read")
    address = reverse("agreements:end_nda", args=[ana.ndas.get().pk])
    page = sign_in(client, officer).get(address).content.decode()
    assert "1 grant<" in page
    assert "reveal.contact" in page
    assert "promises.read" not in page, "it is not sensitive"
    NdaFactory(employee=ana)
    assert "another NDA with" in client.get(address).content.decode()
    ended = client.post(address, {"last_day": timezone.localdate(), "reason": "moves on"}, follow=True)
    assert "Another NDA with" in ended.content.decode()
    address = reverse(
        "agreements:end_nda", args=[Nda.objects.in_force(on=timezone.localdate()).get(ended_reason="", employee=ana).pk]
    )
    ended = client.post(address, {"last_day": timezone.localdate(), "reason": "leaves"}, follow=True)
    assert "What needs it is out of force then." in ended.content.decode()


def test_a_paper_of_tomorrow_is_nowhere_said_to_be_in_force_today(client, officer):
    today = timezone.localdate()
    party = ThirdPartyFactory(name="Later Ltd")
    for factory in (DataSharingAgreementFactory, NdaFactory):
        factory(third_party=party, signed_on=today + timedelta(days=1))
    sign_in(client, officer)
    (row,) = client.get(reverse("agreements:parties"), {"find": "Later"}).context["rows"]
    assert (row.agreements_in_force, row.nda_in_force) == (0, False)
    page = client.get(reverse("agreements:party", args=[party.code])).content.decode()
    assert page.count("not signed yet") == 2
    assert "in force</span>" not in page


def test_an_nda_that_is_signed_too_late_to_follow_another_leaves_that_one_running_out():
    ana, now = EmployeeFactory(nda=None), timezone.now()
    last_day = timezone.localdate(now) + timedelta(days=9)
    NdaFactory(employee=ana, ends_on=last_day)
    following = NdaFactory(employee=ana, starts_on=last_day + timedelta(days=1), signed_on=last_day + timedelta(days=3))
    assert Nda.objects.running_out(within_days=30, at=now).filter(employee=ana).exists()
    Nda.objects.filter(pk=following.pk).update(signed_on=last_day)
    assert not Nda.objects.running_out(within_days=30, at=now).filter(employee=ana).exists()


def test_a_paper_that_is_written_down_twice_is_one(client, officer):
    ana, day = EmployeeFactory(nda=None), timezone.localdate()
    typed = {"employee": ana.pk, "signed_on": day, "document": "file, paper 3"}
    sign_in(client, officer)
    for _ in range(2):
        assert client.post(reverse("agreements:add_nda"), typed).status_code == 302
    assert ana.ndas.count() == 1
    assert client.post(reverse("agreements:add_nda"), {**typed, "document": "paper 4"}).status_code == 302
    assert ana.ndas.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_the_same_down_at_once_each_gets_an_answer(transactional_db):
    day = timezone.localdate()
    party, ana = ThirdPartyFactory(), EmployeeFactory(nda=None)
    dated = {"signed_on": day, "starts_on": day, "document": "x", "by": None}
    parties = together(*[lambda: actions.record_third_party(code="same", name="S", kind="shipper", by=None)] * 2)
    papers = together(
        *[lambda: actions.record_agreement(party, reference="DSA-same", purposes=["billing"], categories=[], **dated)] * 2
    )
    for results, made in ((parties, "ThirdParty"), (papers, "DataSharingAgreement")):
        assert sorted(type(one).__name__ for one in results) == sorted(["CodeTaken", made])
    assert len({nda.pk for nda in together(*[lambda: actions.record_nda(employee=ana, **dated)] * 3)}) == 1
