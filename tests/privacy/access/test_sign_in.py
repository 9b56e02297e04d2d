"""Statement E.1: a login name and a password verify who somebody is; sessions time out; refusals are written down."""

import json
import re
import time
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import F
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from privacy.access.actions.signin import LINKS
from privacy.access.jobs.signin import send_links
from privacy.access.promises.signin import refusals_not_written_down
from privacy.models import DeniedAttempt, Employee
from privacy.promises.queries import by_id, measure
from tests.factories import access
from tests.factories.workforce import PASSWORD as FACTORY_PASSWORD
from tests.factories.workforce import EmployeeFactory

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse 7 battery"
LOGIN = "/accounts/login/"


@pytest.fixture
def ana():
    person = Employee(login="ana", name="Ana Ruiz", email="ana@lumens.example", starts_on=date(2020, 1, 1))
    person.set_password(PASSWORD)
    person.save()
    return person


def sign_in(client, login="ana", password=PASSWORD, **extra):
    return client.post(LOGIN, {"login": login, "password": password}, **extra)


def is_signed_in(client):
    return client.get("/accounts/sessions/").status_code == 200


def code_for(secret):
    """The code of now; of the next half minute, where this one ends before it could be typed."""
    left = 30 - time.time() % 30
    if left < 2:
        time.sleep(left)
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


def test_a_right_password_signs_in_and_a_wrong_one_does_not(ana, client):
    assert sign_in(client, password="wrong").status_code == 200
    assert not is_signed_in(client)
    assert sign_in(client).status_code == 302
    assert is_signed_in(client)


def test_the_case_of_a_login_does_not_matter(ana, client):
    sign_in(client, login="ANA")
    assert is_signed_in(client)
    with pytest.raises(IntegrityError):
        Employee.objects.create(login="Ana", name="Other", starts_on=date(2020, 1, 1))


def test_signing_in_gives_a_new_session_id(ana, client):
    client.get(LOGIN)
    session = client.session
    session["before"] = 1
    session.save()
    before = session.session_key
    client.cookies["session"] = before
    sign_in(client)
    assert client.cookies["session"].value != before


def test_a_refused_sign_in_is_written_down_without_its_password(ana, client):
    sign_in(client, password="hunter2-not-it")
    attempt = DeniedAttempt.objects.get()
    assert (attempt.kind, attempt.login, attempt.employee) == ("sign_in", "ana", ana)
    assert "hunter2" not in str(attempt.__dict__)


def test_the_page_of_a_denied_attempt_says_its_instant_in_the_companys_zone_alone(client):
    at = datetime(2026, 8, 11, 20, 6, 48, tzinfo=UTC)
    attempt = DeniedAttempt.objects.create(at=at, kind="sign_in", login="ana")
    administrator = EmployeeFactory()
    access.grant(administrator, "access.administer", "ledger.read")
    page = access.sign_in(client, administrator).get(reverse("admin:privacy_deniedattempt_change", args=[attempt.pk])).text
    assert f"{timezone.localtime(at):%Y-%m-%d %H:%M:%S %Z}" in page
    assert "UTC" not in page


def test_an_unknown_login_gets_the_same_answer_as_a_wrong_password(ana, client):
    known = sign_in(client, password="wrong-1-password").content
    unknown = sign_in(Client(), login="anb", password="wrong-1-password").content
    varies = (b"csrf", b"ana", b"anb")
    known, unknown = ([line for line in page.splitlines() if not any(v in line for v in varies)] for page in (known, unknown))
    assert known == unknown


def test_a_card_number_typed_in_place_of_a_login_is_written_down_nowhere(db, client):
    client.post("/accounts/login/", {"login": "4111 1111 1111 1111", "password": "x"})
    assert DeniedAttempt.objects.get().login == "(what looks like a card number)"
    assert not AccessAttempt.objects.filter(username__contains="1111").exists()
    assert not AccessFailureLog.objects.filter(username__contains="1111").exists()


def test_many_tries_lock_that_name_from_that_address_whatever_the_headers_say(ana, client):
    statuses = [sign_in(client, password=f"wrong {n}", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(12)]
    assert statuses[-1] == 429
    assert sign_in(client).status_code == 429, "even the right password, while locked"
    assert DeniedAttempt.objects.filter(kind="locked_out").exists()
    assert sign_in(Client(REMOTE_ADDR="198.51.100.7")).status_code == 302, "the person is not locked out from elsewhere"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 203.0.113.9:5678", "203.0.113.9"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        *((nothing, "127.0.0.1") for nothing in ("unknown", "", "_hidden", "1.2.3.4.5", "fe80::1%eth0", "\u0661.2.3.4", "x:1")),
    ],
)
def test_behind_a_proxy_a_sign_in_works_and_is_refused_however_it_writes_the_address(ana, client, settings, written, meant):
    settings.BEHIND_PROXY = True
    sign_in(client, password="wrong-1-password", HTTP_X_FORWARDED_FOR=written)
    assert DeniedAttempt.objects.get().address == meant
    assert sign_in(client, HTTP_X_FORWARDED_FOR=written).status_code == 302
    assert UserSession.objects.get().ip == meant


def test_a_session_left_alone_ends(ana, client, settings):
    sign_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=settings.SESSION_IDLE_MINUTES, seconds=5), tick=False):
        assert not is_signed_in(client)


def test_a_session_in_use_lives_on_until_the_absolute_limit(ana, client, settings):
    begun = timezone.now()
    sign_in(client)
    for minutes in range(10, settings.SESSION_ABSOLUTE_HOURS * 60, 10):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            assert is_signed_in(client), minutes
    with time_machine.travel(begun + timedelta(hours=settings.SESSION_ABSOLUTE_HOURS, seconds=5), tick=False):
        assert not is_signed_in(client)


def test_a_page_that_refreshes_itself_is_not_use(ana, client, settings):
    begun = timezone.now()
    sign_in(client)
    for minutes in range(1, settings.SESSION_IDLE_MINUTES, 2):
        with time_machine.travel(begun + timedelta(minutes=minutes), tick=False):
            client.get("/accounts/sessions/", headers={"X-Background": "1"})
    with time_machine.travel(begun + timedelta(minutes=settings.SESSION_IDLE_MINUTES, seconds=5), tick=False):
        assert not is_signed_in(client)


def test_a_leavers_old_cookie_stays_dead_after_they_come_back(ana, client):
    sign_in(client)
    cookie = client.cookies["session"].value
    with connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_employee SET left_at = now() - interval '1 second' WHERE id = %s", [ana.pk])
        cursor.execute("UPDATE privacy_employee SET left_at = NULL WHERE id = %s", [ana.pk])
    returned = Client()
    returned.cookies["session"] = cookie
    assert not is_signed_in(returned)
    assert sign_in(Client()).status_code == 302


def test_signing_out_ends_the_cookie(ana, client):
    sign_in(client)
    cookie = client.cookies["session"].value
    client.post("/accounts/logout/")
    thief = Client()
    thief.cookies["session"] = cookie
    assert not is_signed_in(thief)


def test_one_can_end_another_session_of_ones_own(ana, client):
    sign_in(client)
    other = Client()
    sign_in(other)
    assert UserSession.objects.count() == 2
    client.post("/accounts/sessions/")
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_an_authenticator_code_works_once(ana, client):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(ana, secret)
    assert secret not in str(Authenticator.objects.values("data")), "the secret is encrypted at rest"
    sign_in(client)
    assert not is_signed_in(client), "the password alone is not enough"
    code = code_for(secret)
    assert client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302
    assert is_signed_in(client)
    again = Client()
    sign_in(again)
    again.post("/accounts/2fa/authenticate/", {"code": code})
    assert not is_signed_in(again)
    assert DeniedAttempt.objects.filter(kind="second_factor", employee=ana).exists()


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
CODE = "/accounts/2fa/authenticate/"


def wrong_codes(client, number, at=CODE, **extra):
    return [client.post(at, {"code": f"00000{n}"[-6:]}, **extra).status_code for n in range(number)]


def kinds(path=CODE):
    return list(DeniedAttempt.objects.filter(path=path).order_by("pk").values_list("kind", flat=True))


def test_every_wrong_code_is_written_down_also_those_that_nobody_looks_at_any_more(ana, client):
    TOTP.activate(ana, SECRET)
    sign_in(client)
    assert wrong_codes(client, 10) == [200] * 5 + [429] * 5
    assert kinds() == ["second_factor"] * 5 + ["locked_out"] * 5
    assert set(DeniedAttempt.objects.filter(path=CODE).values_list("login", "employee")) == {("ana", ana.pk)}
    assert "refused from this address for up to 5 minutes" in client.post(CODE, {"code": "1"}).content.decode()
    assert refusals_not_written_down(timezone.now()).value == 0


def test_wrong_recovery_codes_and_wrong_codes_before_what_is_sensitive_are_written_down_alike(ana, client):
    TOTP.activate(ana, SECRET)
    RecoveryCodes.activate(ana)
    sign_in(client)
    client.post(CODE, {"code": RecoveryCodes(Authenticator.objects.get(type="recovery_codes")).get_unused_codes()[0]})
    assert is_signed_in(client)
    again = "/accounts/2fa/reauthenticate/"
    assert wrong_codes(client, 12, at=again) == [200] * 5 + [429] * 7
    assert kinds(again) == ["second_factor"] * 5 + ["locked_out"] * 7
    password = "/accounts/reauthenticate/"
    tries = [client.post(password, {"password": "right?"}).status_code for _ in range(12)]
    assert tries[-1] == 429
    assert len(kinds(password)) >= 12
    assert refusals_not_written_down(timezone.now()).value == 0


def test_a_refused_key_is_written_down_whether_it_is_the_second_factor_or_the_only_one(ana, client):
    client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    client.post("/accounts/2fa/webauthn/login/", {"credential": "{}"})
    assert kinds("/accounts/2fa/webauthn/login/") == ["second_factor"]
    TOTP.activate(ana, SECRET)
    sign_in(client)
    assert [client.post(CODE, {"credential": "{}"}).status_code for _ in range(6)] == [200] * 5 + [429]
    assert kinds() == ["second_factor"] * 5 + ["locked_out"]
    assert refusals_not_written_down(timezone.now()).value == 0


@pytest.fixture
def a_right_key(ana, monkeypatch):
    """Whatever a browser sends is the key of ana's, as the library sees it."""
    key = Authenticator.objects.create(
        user=ana, type=Authenticator.Type.WEBAUTHN, data={"name": "key", "credential": {"response": {"attestationObject": "A"}}}
    )
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.parse_authentication_response", lambda credential: None)
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.extract_user_from_response", lambda credential: ana)
    monkeypatch.setattr("allauth.mfa.webauthn.forms.auth.complete_authentication", lambda user, credential: key)
    monkeypatch.setattr(Authenticator, "record_usage", lambda authenticator: None)
    return {"credential": '{"response": {}}'}


def test_a_right_key_or_code_is_no_refusal_wherever_it_leads(ana, a_right_key, client):
    TOTP.activate(ana, SECRET)
    back = {"next": LOGIN}
    assert client.post("/accounts/2fa/webauthn/login/", a_right_key | back).url == LOGIN
    assert is_signed_in(client)
    assert client.post("/accounts/2fa/webauthn/reauthenticate/", a_right_key | back).url == LOGIN
    assert client.post("/accounts/2fa/reauthenticate/", {"code": code_for(SECRET)} | back).url == LOGIN
    other = Client()
    sign_in(other)
    assert other.post(CODE, a_right_key | back).status_code == 302
    assert is_signed_in(other)
    assert not AccessFailureLog.objects.exists()
    assert refusals_not_written_down(timezone.now()).value is None


def test_a_right_key_of_somebody_who_left_is_a_refusal(ana, a_right_key, client):
    Employee.objects.filter(pk=ana.pk).update(left_at=timezone.now())
    ana.refresh_from_db()
    assert client.post("/accounts/2fa/webauthn/login/", a_right_key).url == LOGIN
    assert not is_signed_in(client)
    assert AccessFailureLog.objects.count() == DeniedAttempt.objects.count() == 1
    assert refusals_not_written_down(timezone.now()).value == 0


def test_one_persons_wrong_codes_keep_nobody_else_out(ana, client):
    ben = EmployeeFactory(login="ben", second_factor=None)
    for person in (ana, ben):
        TOTP.activate(person, SECRET)
    sign_in(client)
    wrong_codes(client, 12)
    other = Client()
    sign_in(other, login="ben", password=FACTORY_PASSWORD)
    assert other.post(CODE, {"code": code_for(SECRET)}).status_code == 302
    assert is_signed_in(other)
    elsewhere = Client(REMOTE_ADDR="198.51.100.7")
    sign_in(elsewhere)
    assert elsewhere.post(CODE, {"code": code_for(SECRET)}).status_code == 302, "nor the person, from elsewhere"


def test_codes_of_one_person_are_few_however_many_addresses_try_them(ana):
    TOTP.activate(ana, SECRET)
    answers = []
    for place in range(8):
        client = Client(REMOTE_ADDR=f"198.51.100.{place + 1}")
        sign_in(client)
        answers += wrong_codes(client, 5)
    assert answers == [200] * 30 + [429] * 10
    assert kinds() == ["second_factor"] * 30 + ["locked_out"] * 10


@pytest.mark.parametrize("change", ["password", "epoch", "left and back"])
def test_a_sign_in_that_waits_for_its_second_step_ends_with_the_sessions(ana, client, change):
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(ana, secret)
    sign_in(client)
    if change == "password":
        ana.set_password("another-right-one-7")
        ana.save()
    elif change == "epoch":
        Employee.objects.filter(pk=ana.pk).update(session_epoch=F("session_epoch") + 1)
    else:
        Employee.objects.filter(pk=ana.pk).update(left_at=timezone.now())
        Employee.objects.filter(pk=ana.pk).update(left_at=None)
    assert client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)}).url == "/accounts/login/"
    assert not is_signed_in(client)
    assert DeniedAttempt.objects.get(employee=ana).reason.endswith("between the two steps")


KEY = '{"id": "%s", "rawId": "%s", "type": "public-key", "response": {"clientDataJSON": "%s", "attestationObject": "%s"}}'
NO_KEYS = {
    **{f"the JSON {said}": said for said in ("false", "0", "[]", "{}", '""', "null", '{"id": 1}', '{"response": []}')},
    "no JSON": "{",
    "nested": "[" * 40_000,
    "nested where one looks": '{"response": ' + "[" * 40_000,
    "too long": json.dumps({"response": {"clientDataJSON": "A" * 70_000}}),
    "empty": '{"response": {}}',
    "other types": '{"id": 1, "rawId": [], "type": null, "response": {"userHandle": 7, "clientDataJSON": {}, "signature": 0}}',
    "no Base64": KEY % ("é", "é", "é", "é"),
    "no CBOR": KEY % ("AA", "AA", "e30", "_"),
}


@pytest.mark.parametrize("credential", NO_KEYS.values(), ids=NO_KEYS)
def test_what_is_no_key_is_no_second_factor_at_any_door(ana, client, credential):
    adding = Client()
    sign_in(adding)
    adding.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert adding.get("/accounts/2fa/webauthn/add/").status_code == 200
    assert adding.post("/accounts/2fa/webauthn/add/", {"name": "k", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()
    client.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"})
    assert client.post("/accounts/2fa/webauthn/login/", {"credential": credential}).url == "/accounts/login/"
    TOTP.activate(ana, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    other = Client()
    sign_in(other)
    assert other.post("/accounts/2fa/authenticate/", {"credential": credential}).status_code == 200
    assert not is_signed_in(other)


@pytest.mark.parametrize("data", [{}, {"credential": False}, {"credential": []}])
def test_the_database_itself_keeps_no_passkey_without_a_key(ana, data):
    with pytest.raises(IntegrityError, match="a_passkey_holds_a_key"):
        Authenticator.objects.create(user=ana, type=Authenticator.Type.WEBAUTHN, data=data)


def test_a_used_code_and_the_limit_on_tries_are_remembered_however_many_other_things_are(ana, client):
    """Anyone can have things remembered, by asking for new passwords of people who do not exist."""
    cache.add("allauth.mfa.totp.used?user=1&code=123456", "y", timeout=30)
    cache.set("allauth:rl:account:login_failed:ip:192.0.2.1", [1.0] * 5, timeout=300)
    cache.set_many({f"allauth:rl:account:reset_password:{number}": 1 for number in range(400)}, timeout=60)
    assert not cache.add("allauth.mfa.totp.used?user=1&code=123456", "y", timeout=30)
    assert cache.get("allauth:rl:account:login_failed:ip:192.0.2.1") == [1.0] * 5
    with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
        cache.set("one-more", 1, timeout=60)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM shared_cache")
            assert cursor.fetchone() == (2,), "what has expired is not kept"


def run_the_job_for_links():
    job = ProcrastinateJob.objects.filter(task_name=LINKS).latest("pk")
    send_links(**job.args)
    return job.args["employee_id"]


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once_and_ends_every_session(ana, client, mailoutbox, settings):
    settings.PUBLIC_URL = "https://admin.lumens.example"
    sign_in(client)
    stranger = Client(headers={"host": "localhost:1234"})
    stranger.post("/accounts/password/reset/", {"email": ana.email.upper()})
    assert mailoutbox == [], "nothing is sent while somebody waits for the answer and looks at the clock"
    assert run_the_job_for_links() == ana.pk
    (letter,) = mailoutbox
    assert letter.to == [ana.email]
    link = re.search(r"https://admin\.lumens\.example(/\S+)", letter.body)[1]
    assert "localhost" not in letter.body
    new = {"password1": "another-right-one-7", "password2": "another-right-one-7"}
    form = stranger.get(link, follow=True).redirect_chain[-1][0]
    assert stranger.post(form, new).status_code == 302
    assert not is_signed_in(stranger), "the link alone signs nobody in"
    assert not is_signed_in(client)
    assert sign_in(Client(), password=new["password1"]).status_code == 302
    assert "password1" not in Client().get(link, follow=True).content.decode()


def test_a_link_to_set_a_password_ends_after_an_hour(ana, client, mailoutbox):
    client.post("/accounts/password/reset/", {"email": ana.email})
    run_the_job_for_links()
    link = re.search(r"(/accounts/password/reset/key/\S+)", mailoutbox[0].body)[1]
    assert "password1" in Client().get(link, follow=True).content.decode()
    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        assert "password1" not in Client().get(link, follow=True).content.decode()


def test_an_address_that_is_nobodys_is_never_written_to(ana, client, mailoutbox):
    left = EmployeeFactory(left_at=timezone.now() - timedelta(days=1))
    for address in ("stranger@elsewhere.example", left.email):
        client.post("/accounts/password/reset/", {"email": address})
        assert run_the_job_for_links() is None
    assert mailoutbox == []


def test_somebody_who_left_before_the_link_was_sent_gets_none(ana, client, mailoutbox):
    client.post("/accounts/password/reset/", {"email": ana.email})
    Employee.objects.filter(pk=ana.pk).update(left_at=timezone.now())
    run_the_job_for_links()
    assert mailoutbox == []


def test_somebody_who_has_left_cannot_sign_in(ana, client):
    Employee.objects.filter(pk=ana.pk).update(ends_on=timezone.localdate() - timedelta(days=1))
    sign_in(client)
    assert not is_signed_in(client)


def test_guessing_the_present_password_on_the_page_that_changes_it_is_limited_and_written_down(ana, client):
    sign_in(client)
    guesses = [
        client.post(
            "/accounts/password/change/", {"oldpassword": f"guess-{n}", "password1": "x-new-9-word-long", "password2": "x"}
        )
        for n in range(9)
    ]
    assert guesses[-1].status_code == 429
    assert "nothing was changed" in guesses[-1].text, "in the manner of the house"
    written = DeniedAttempt.objects.filter(path="/accounts/password/change/", employee=ana, kind="sign_in")
    assert written.count() == sum(answer.status_code == 200 for answer in guesses) > 0
    assert "guess-" not in str([vars(one) for one in written])


def test_there_is_one_page_that_changes_a_password_and_none_that_shows_rows_without_asking(ana, client):
    sign_in(client)
    typed = {"old_password": PASSWORD, "new_password1": "Quiet-heron-77-lake", "new_password2": "Quiet-heron-77-lake"}
    for address in ("/admin/password_change/", "/admin/password_change/done/"):
        for answer in (client.get(address), client.post(address, typed)):
            assert (answer.status_code, answer.url) == (302, "/accounts/password/change/")
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    for address in ("/admin/r/1/1/", "/admin/r/1/9999999999999999999999/"):
        assert client.get(address).status_code == 404


@pytest.mark.parametrize("login", ["straße", "ΣΊΣΥΦΟΣ", "Anaſ", "ANA"])
def test_a_refused_login_is_found_on_the_list_however_its_letters_fold(ana, client, login):
    sign_in(client, login=login, password="wrong-1-password")
    for promise in ("E5-denied", "E3-firewall"):
        assert measure(by_id(promise), now=timezone.now()).standing == "kept"


@pytest.mark.parametrize("password", ["abcdef", "short7", "onlylettersherethatarelong", "password1234", "ana@lumens.example"])
def test_weak_passwords_are_refused(ana, password):
    with pytest.raises(ValidationError):
        validate_password(password, ana)


@pytest.mark.parametrize(
    "password",
    [
        "lumensadmin1",
        "Lumens2026!!",
        "Welcome12345",
        "p@ssw0rd1234",
        "passwordpassword1",
        "2020-summer-!!",
        "123456789012",
        "987654321098",
        "aaaaaaaaaaa1",
    ],
)
def test_a_common_word_dressed_up_is_common_still(ana, password):
    with pytest.raises(ValidationError, match="too common"):
        validate_password(password, ana)


@pytest.mark.parametrize("password", ["glow-lamp-2020", "correct horse 9", "w7#kkqLz!pRv", "314159265358", "5 summers, no rain"])
def test_words_of_ones_own_are_no_common_password(ana, password):
    validate_password(password, ana)


def test_a_long_passphrase_is_welcome(ana, client):
    long = "a phrase of many words, " * 6 + "7"
    validate_password(long, ana)
    sign_in(client)
    answer = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": long, "password2": long})
    assert answer.status_code == 302, answer.content[:3000]
    assert is_signed_in(client)
    ana.refresh_from_db()
    assert ana.check_password(long)
    assert ana.password_rule == 12


def test_nobody_signs_up(client):
    assert client.get("/accounts/signup/").status_code == 404
    assert client.post("/accounts/signup/", {"username": "x"}).status_code == 404


def test_there_is_no_group_and_no_superuser(ana):
    assert not ana.is_superuser
    with pytest.raises(AttributeError):
        Employee.objects.create_superuser("x")


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example/", "\\\\evil.example", "javascript:alert(1)"])
def test_signing_in_never_leads_to_another_site(ana, client, target):
    answer = client.post(f"{LOGIN}?next={target}", {"login": "ana", "password": PASSWORD, "next": target})
    assert "evil" not in answer.headers["Location"]
    assert "javascript" not in answer.headers["Location"]


def test_every_answer_carries_the_page_policy_and_is_not_stored(client):
    for path in (LOGIN, "/nowhere", "/healthz", "/admin/"):
        answer = client.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"], path
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_password_typed_in_place_of_a_login_is_kept_nowhere(client):
    EmployeeFactory(login="ana")
    for typed in ("my-secret-lamp-7", "my-secret-lamp-8", "ANA", "root"):
        client.post("/accounts/login/", {"login": typed, "password": "wrong"})
    one, other, *known = DeniedAttempt.objects.order_by("pk").values_list("login", flat=True)
    assert one.startswith("my… (nobody's")
    assert one != other
    assert known == ["ana", "root"]
    for column in ("username", "post_data", "get_data", "path_info"):
        assert not AccessAttempt.objects.filter(**{f"{column}__contains": "secret"}).exists()
    assert not AccessFailureLog.objects.filter(username__contains="secret").exists()
    assert refusals_not_written_down(timezone.now()).value == 0
