"""What Okta and Entra tell us of people, over HTTP from a running server: every word is an HR event, silence is none."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from privacy.access import actions
from privacy.access.actions import justify
from privacy.models import AccessGrant, Department, Employee, EmploymentEvent, FunctionEntitlement, WorkerType
from privacy.promises.queries import by_id, measure
from tests.factories.access import entitlement, grant, sign_in
from tests.factories.scim import ENTERPRISE, USER, is_scim_error
from tests.factories.workforce import EmployeeFactory, JobFunctionFactory

pytestmark = pytest.mark.django_db


def employee(login):
    return Employee.objects.get(login=login)


def events(person):
    return list(person.employment_events.order_by("pk").values_list("kind", flat=True))


def works_here(login):
    return employee(login).is_employed(at=timezone.now())


def test_somebody_new_is_hired_without_any_access(okta):
    JobFunctionFactory(code="service-agent", name="Service agent")
    before = timezone.now()
    made = okta.add(
        "ana.lopez@lumens.example",
        externalId="00u1",
        name={"givenName": "Ana", "familyName": "López"},
        emails=[
            {"value": "ana@home.example", "type": "home"},
            {"value": "ana.lopez@lumens.example", "type": "work", "primary": True},
        ],
        title="service AGENT",
        userType="Contractor",
        password="never kept 123",
        unheardOf={"x": 1},
        **{ENTERPRISE: {"department": "Customer Care", "costCenter": "42", "badge": "7"}},
    )
    person = employee("ana.lopez@lumens.example")
    assert (person.name, person.email, person.worker_type) == ("Ana López", "ana.lopez@lumens.example", WorkerType.CONTRACTOR)
    assert person.job_function.code == "service-agent"
    assert (person.department.code, person.department.name) == ("customer-care", "Customer Care")
    assert person.starts_on == timezone.localdate()
    assert not person.has_usable_password()
    (event,) = person.employment_events.all()
    assert (event.kind, event.source) == ("joined", "scim")
    assert before <= event.known_at <= timezone.now()
    assert not AccessGrant.objects.filter(employee=person).exists()
    assert made["active"] is True
    assert made["meta"]["location"].endswith(f"/scim/v2/Users/{made['id']}")
    assert "password" not in made
    assert "never kept" not in str(list(person.scim_users.values("told")))
    assert okta.read(made) == made


def test_everybody_who_works_here_or_did_is_seen_and_no_password_ever(okta):
    there = EmployeeFactory(login="there")
    gone = EmployeeFactory(login="gone", left_at=timezone.now(), ends_on=timezone.localdate())
    assert okta.find("THERE")["active"] is True
    assert okta.find("gone")["active"] is False
    assert okta.find("there")["emails"][0]["value"] == there.email
    assert "assword" not in okta.get("/Users").text
    assert is_scim_error(okta.post("/Users", {"schemas": [USER], "userName": "Gone"}), 409, "uniqueness")
    assert gone.scim_users.count() == 1


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "active", "value": False},
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "REPLACE", "value": {"active": False}},
        {"op": "Add", "path": "active", "value": "false"},
        {"op": "replace", "path": f"{USER}:active", "value": "False"},
        {"op": "replace", "value": {"active": "False", "nobodyKnows": 1}},
        {"op": "replace", "path": "active", "value": [{"value": "False"}]},
        {"OP": "replace", "PATH": "Active", "Value": False},
    ],
)
def test_however_it_is_said_whoever_is_not_active_has_left(okta, operation):
    person = EmployeeFactory(login="ana")
    grant(person, "requests.work", "reveal.contact")
    answer = okta.patch(f"/Users/{okta.find('ana')['id']}", operation)
    assert answer.status_code in (200, 204), answer.text
    assert not works_here("ana")
    assert not AccessGrant.objects.active().filter(employee=person).exists()
    left = EmploymentEvent.objects.get(employee=person, kind="left")
    assert left.source == "scim"
    assert "Okta" in left.note
    assert okta.find("ana")["active"] is False


def test_a_client_that_only_puts_hires_changes_and_ends(okta):
    chief = EmployeeFactory(login="chief", name="The Chief")
    chief_id = okta.find("chief")["id"]
    made = okta.add("ana", displayName="Ana", emails=[{"value": "ana@lumens.example", "type": "work"}])
    full = {**made, "displayName": "Ana Bell", ENTERPRISE: {"manager": {"value": chief_id}, "department": "Sales"}}
    answer = okta.put(f"/Users/{made['id']}", full)
    assert answer.status_code == 200, answer.text
    person = employee("ana")
    assert (person.name, person.manager, person.department.name) == ("Ana Bell", chief, "Sales")
    answer = okta.put(f"/Users/{made['id']}", {**full, "active": "False"})
    assert answer.status_code == 200
    assert answer.json()["active"] is False
    assert not works_here("ana")


def test_a_put_that_leaves_active_out_never_reactivates_and_takes_nothing_away(okta):
    EmployeeFactory(login="chief")
    made = okta.add(
        "ana",
        title="Boss",
        emails=[{"value": "a@b.co"}],
        nickName="A",
        **{ENTERPRISE: {"manager": {"value": okta.find("chief")["id"]}}},
    )
    okta.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": False})
    answer = okta.put(f"/Users/{made['id']}", {"schemas": [USER], "userName": "ana", "displayName": "Ana"})
    assert answer.status_code == 200
    assert answer.json()["active"] is False
    assert not works_here("ana")
    person = employee("ana")
    assert (person.email, person.manager.login, person.name) == ("a@b.co", "chief", "Ana")
    assert "nickName" not in answer.json()


def test_active_true_brings_back_employment_and_no_grant(okta):
    person = EmployeeFactory(login="ana")
    grant(person, "requests.work")
    ana = okta.find("ana")
    epoch = person.session_epoch
    okta.patch(f"/Users/{ana['id']}", {"op": "Replace", "path": "active", "value": "False"})
    assert okta.patch(f"/Users/{ana['id']}", {"op": "Replace", "path": "active", "value": "True"}).status_code == 200
    assert works_here("ana")
    assert events(person) == ["left", "returned"]
    assert not AccessGrant.objects.in_force(at=timezone.now()).filter(employee=person).exists()
    assert {g.state for g in AccessGrant.objects.filter(employee=person)} == {"revoked"}
    assert employee("ana").session_epoch > epoch


def test_the_same_again_changes_nothing_and_is_no_error(okta):
    made = okta.add("ana", displayName="Ana")
    before = EmploymentEvent.objects.count()
    for _ in range(2):
        assert okta.patch(f"/Users/{made['id']}", {"op": "replace", "path": "displayName", "value": "Ana"}).status_code == 200
        assert okta.patch(f"/Users/{made['id']}", {"op": "replace", "path": "active", "value": True}).status_code == 200
        assert okta.put(f"/Users/{made['id']}", made).status_code == 200
    assert okta.read(made) == made
    assert EmploymentEvent.objects.count() == before


def test_what_would_change_nothing_is_an_error_and_no_success(okta):
    made = okta.add("ana")
    path = f"/Users/{made['id']}"
    assert is_scim_error(okta.patch(path, {"op": "replace", "path": "shoeSize", "value": 9}), 400, "invalidPath")
    assert is_scim_error(okta.patch(path, {"op": "replace", "value": {"shoeSize": 9}}), 400, "invalidPath")
    assert is_scim_error(okta.patch(path, {"op": "replace", "path": "password", "value": "x"}), 400, "invalidPath")
    assert is_scim_error(okta.patch(path, {"op": "replace", "path": "urn:of:nobody:9.0:User:x", "value": 9}), 400)
    assert is_scim_error(okta.patch(path, {"op": "remove"}), 400, "noTarget")
    assert is_scim_error(okta.patch(path, {"op": "destroy", "path": "title"}), 400)
    assert is_scim_error(okta.patch(path), 400)
    assert is_scim_error(okta.patch(path, {"op": "replace", "path": "active", "value": "perhaps"}), 400, "invalidValue")
    assert is_scim_error(okta.patch(path, {"op": "replace", "path": "groups", "value": []}), 400, "mutability")
    assert okta.read(made) == made
    assert works_here("ana")


def test_unknown_attributes_of_the_enterprise_extension_are_accepted_and_kept(okta):
    made = okta.add("ana", **{ENTERPRISE: {"badge": "7"}})
    answer = okta.patch(f"/Users/{made['id']}", {"op": "Add", "path": f"{ENTERPRISE}:parkingPlace", "value": "B12"})
    assert answer.status_code == 200, answer.text
    assert employee("ana").scim_users.get().told["extra"] == {"parkingPlace": "B12"}
    answer = okta.patch(
        f"/Users/{made['id']}", {"op": "Add", "value": {f"{ENTERPRISE}:division": "West", f"{ENTERPRISE}:badge": "8"}}
    )
    assert answer.status_code == 200
    assert okta.read(made)[ENTERPRISE] == {"division": "West"}


def test_entra_writes_by_filters_that_match_nothing_yet_and_by_dotted_names(okta):
    made = okta.add("ana")
    path = f"/Users/{made['id']}"
    answer = okta.patch(
        path,
        {"op": "Add", "path": 'emails[type eq "work"].value', "value": "ana@lumens.example"},
        {"op": "Replace", "path": "name.familyName", "value": "Bell"},
        {"op": "Add", "path": f"{ENTERPRISE}:department", "value": "Sales"},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "555 0100"},
        {
            "op": "Add",
            "value": {"name.givenName": "Ana", f"{ENTERPRISE}.costCenter": "9", 'addresses[type eq "work"].locality': "LA"},
        },
    )
    assert answer.status_code == 200, answer.text
    person = employee("ana")
    assert (person.name, person.email, person.department.name) == ("Ana Bell", "ana@lumens.example", "Sales")
    said = okta.read(made)
    assert said[ENTERPRISE] == {"department": "Sales", "costCenter": "9"}
    assert said["addresses"] == [{"type": "work", "locality": "LA"}]
    answer = okta.patch(path, {"op": "Remove", "path": "emails", "value": [{"type": "work", "value": "ana@lumens.example"}]})
    assert answer.status_code == 200, answer.text
    assert "emails" not in okta.read(made)


@pytest.mark.parametrize("as_text", [False, True])
def test_a_manager_is_told_as_an_object_or_as_a_text(okta, as_text):
    EmployeeFactory(login="chief")
    chief = okta.find("chief")["id"]
    value = chief if as_text else {"value": chief}
    made = okta.add("ana", **{ENTERPRISE: {"manager": value}})
    assert employee("ana").manager.login == "chief"
    path = f"/Users/{made['id']}"
    EmployeeFactory(login="other")
    other = okta.find("other")["id"]
    changed = {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": other if as_text else {"value": other}}
    assert okta.patch(path, changed).status_code == 200
    assert employee("ana").manager.login == "other"
    assert okta.read(made)[ENTERPRISE]["manager"]["value"] == other
    assert (
        okta.patch(
            path, {"op": "replace", "value": {f"{ENTERPRISE}:manager": "CHIEF" if as_text else {"value": "chief"}}}
        ).status_code
        == 200
    )
    assert employee("ana").manager.login == "chief"
    assert okta.patch(path, {"op": "Remove", "path": f"{ENTERPRISE}:manager"}).status_code == 200
    assert employee("ana").manager is None


def test_managers_in_a_circle_and_managers_that_do_not_exist_are_refused(okta):
    top = okta.add("top")
    middle = okta.add("middle", **{ENTERPRISE: {"manager": {"value": top["id"]}}})
    low = okta.add("low", **{ENTERPRISE: {"manager": {"value": middle["id"]}}})
    for who in (low, middle, top):
        answer = okta.patch(f"/Users/{top['id']}", {"op": "add", "path": f"{ENTERPRISE}:manager", "value": who["id"]})
        assert is_scim_error(answer, 400, "invalidValue")
    nobody = "00000000-0000-4000-8000-000000000000"
    assert is_scim_error(
        okta.patch(f"/Users/{top['id']}", {"op": "add", "path": f"{ENTERPRISE}:manager", "value": nobody}), 400, "invalidValue"
    )
    assert employee("top").manager is None
    # A leaver is not held up by a bad manager in the same breath.
    answer = okta.put(f"/Users/{top['id']}", {**top, "active": False, ENTERPRISE: {"manager": {"value": low["id"]}}})
    assert answer.status_code == 200, answer.text
    assert not works_here("top")
    assert employee("top").manager is None


def test_a_known_title_is_a_change_of_function_and_takes_away_what_it_does_not_justify(okta):
    agent, buyer = JobFunctionFactory(code="agent", name="Agent"), JobFunctionFactory(code="buyer", name="Buyer")
    justify(buyer, entitlement("optouts.manage"), by=None)
    person = EmployeeFactory(login="ana", job_function=agent)
    grant(person, "requests.work", "optouts.manage")
    path = f"/Users/{okta.find('ana')['id']}"
    assert okta.find("ana")["title"] == "Agent"
    assert okta.patch(path, {"op": "replace", "path": "title", "value": "Chief Lamp Whisperer"}).status_code == 200
    assert employee("ana").job_function == agent
    assert okta.find("ana")["title"] == "Chief Lamp Whisperer"
    assert AccessGrant.objects.active().filter(employee=person).count() == 2
    before = timezone.now()
    assert okta.patch(path, {"op": "replace", "path": "title", "value": "BUYER"}).status_code == 200
    assert employee("ana").job_function == buyer
    (kept,) = AccessGrant.objects.active().filter(employee=person)
    assert kept.entitlement.code == "optouts.manage"
    event = EmploymentEvent.objects.get(employee=person, kind="changed_function")
    assert event.source == "scim"
    assert event.known_at >= before - timedelta(seconds=1)


def test_what_other_doors_change_is_seen_with_a_new_version(okta):
    from privacy.access.actions import end_employment
    from privacy.workforce.actions import change_details

    person = EmployeeFactory(login="ana", name="Ana", email="old@lumens.example")
    ana = okta.find("ana")
    change_details(person.pk, by=None, now=timezone.now(), source="roster", email="new@lumens.example")
    later = okta.read(ana)
    assert later["emails"] == [{"value": "new@lumens.example", "type": "work", "primary": True}]
    assert later["meta"]["version"] != ana["meta"]["version"]
    found = okta.get("/Users", filter=f'meta.lastModified gt "{ana["meta"]["lastModified"]}"').json()
    assert [user["userName"] for user in found["Resources"]] == ["ana"]
    end_employment(person.pk, by=None, reason="left", now=timezone.now(), source="roster")
    assert okta.find("ana")["active"] is False
    # Told of something else, the client does not undo what the roster said.
    assert okta.patch(f"/Users/{ana['id']}", {"op": "add", "path": "nickName", "value": "A"}).status_code == 200
    assert not works_here("ana")


def test_a_user_name_is_one_whatever_its_case_and_may_change(okta):
    ana, ben = okta.add("ana"), okta.add("ben")
    assert is_scim_error(okta.post("/Users", {"schemas": [USER], "userName": "ANA"}), 409, "uniqueness")
    renamed = {"op": "replace", "path": "userName", "value": "Ana"}
    assert is_scim_error(okta.patch(f"/Users/{ben['id']}", renamed), 409, "uniqueness")
    assert is_scim_error(okta.put(f"/Users/{ben['id']}", {"schemas": [USER], "userName": "aNA"}), 409, "uniqueness")
    assert okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "userName", "value": "Ana.Bell"}).status_code == 200
    assert okta.read(ana)["userName"] == "Ana.Bell"
    assert Employee.objects.filter(login="Ana.Bell").exists()
    assert okta.add("ana")["id"] != ana["id"]
    for bad in ("", "with space", "x" * 151, "tab\tbed"):
        assert is_scim_error(okta.post("/Users", {"schemas": [USER], "userName": bad}), 400)


def test_after_a_rename_accounts_elsewhere_are_still_found_by_their_old_name(okta):
    from privacy.models import Entitlement, System, SystemAccount
    from tests.factories.access import GrantFactory

    shop = System.objects.create(code="shop", name="Shop", kind="by_hand")
    reads = Entitlement.objects.create(system=shop, code="read", name="read the shop", external_name="reader", sensitive=False)
    person = EmployeeFactory(login="ana")
    GrantFactory(employee=person, entitlement=reads)
    okta.patch(f"/Users/{okta.find('ana')['id']}", {"op": "replace", "path": "userName", "value": "ana.bell"})
    assert SystemAccount.objects.get(system=shop, employee=person).name == "ana"


def test_whoever_is_deleted_has_left_and_is_seen_no_more(okta):
    person = EmployeeFactory(login="ana", name="Ana Bell")
    grant(person, "requests.work")
    report = EmployeeFactory(login="report", manager=person)
    ana = okta.find("ana")
    assert okta.find("report")[ENTERPRISE]["manager"]["value"] == ana["id"]
    assert okta.delete(f"/Users/{ana['id']}").status_code == 204
    assert not works_here("ana")
    assert not AccessGrant.objects.active().filter(employee=person).exists()
    for answer in (
        okta.get(f"/Users/{ana['id']}"),
        okta.delete(f"/Users/{ana['id']}"),
        okta.patch(f"/Users/{ana['id']}", {"op": "replace", "path": "active", "value": True}),
        okta.put(f"/Users/{ana['id']}", ana),
    ):
        assert is_scim_error(answer, 404)
    assert okta.get("/Users", filter='userName eq "ana"').json()["totalResults"] == 0
    assert "manager" not in okta.find("report").get(ENTERPRISE, {})
    assert report.manager == person

    # The same login again: the same person comes back, as a new user, with nothing of what they had.
    again = okta.add("Ana", displayName="Ana Bell")
    assert again["id"] != ana["id"]
    assert Employee.objects.get(login__iexact="ana").pk == person.pk
    assert works_here("ana")
    assert not AccessGrant.objects.active().filter(employee=person).exists()
    assert events(person) == ["left", "returned"]


def test_somebody_else_with_the_login_of_a_leaver_is_refused(okta):
    ana = okta.add("ana", externalId="1", displayName="Ana Bell")
    okta.delete(f"/Users/{ana['id']}")
    body = {"schemas": [USER], "userName": "ana", "externalId": "2", "displayName": "Ana Castro"}
    assert is_scim_error(okta.post("/Users", body), 409, "uniqueness")
    assert not works_here("ana")
    assert okta.add("ana", externalId="2", displayName="Ana Bell")["active"] is True


def test_somebody_told_as_inactive_arrives_as_a_leaver(okta):
    made = okta.add("ana", active=False)
    assert made["active"] is False
    assert not works_here("ana")
    assert Department.objects.count() == 0


class TestAFunctionToldOfSomebodyWhoLeft:
    """A provider goes on telling about them; a leaving that was a mistake is undone as a whole all the same."""

    @pytest.fixture
    def ana(self):
        return EmployeeFactory(login="ana")

    @pytest.fixture
    def held(self, ana):
        return grant(ana, "requests.work")[0]

    @pytest.fixture
    def ines(self):
        person = EmployeeFactory(login="ines")
        grant(person, "access.administer")
        return person

    def restored(self, ana, ines):
        event = ana.employment_events.get(kind="left")
        return actions.restore_after_mistake(event.pk, by=ines, reason="the wrong line", now=timezone.now())

    def test_afterwards_it_is_known_and_keeps_nobody_from_coming_back(self, okta, client, ana, held, ines):
        chef = JobFunctionFactory(code="chef", name="Chef")
        path = f"/Users/{okta.find('ana')['id']}"
        okta.patch(path, {"op": "Replace", "path": "active", "value": "False"})
        assert okta.patch(path, {"op": "replace", "path": "title", "value": "chef"}).status_code == 200
        ana.refresh_from_db()
        assert ana.job_function == chef
        sign_in(client, ines)
        address = reverse("access:restore", args=[ana.employment_events.get(kind="left").pk])
        assert "HR told another function since" in client.get(address).text
        page = client.post(address, {"reason": "the wrong line"}, follow=True).text
        assert f"the function that HR told meanwhile does not justify it: {held.entitlement.name}" in page
        ana.refresh_from_db()
        assert (ana.job_function, ana.left_at) == (chef, None)
        assert not AccessGrant.objects.active().filter(employee=ana).exists()
        assert {measure(by_id(promise), now=timezone.now()).standing for promise in ("D-revoked", "E2-revoked")} == {"kept"}

    def test_with_the_same_word_the_leaving_ends_the_access(self, okta, ana, held, ines):
        chef = JobFunctionFactory(code="chef", name="Chef")
        said = okta.find("ana")
        assert okta.put(f"/Users/{said['id']}", {**said, "active": False, "title": "chef"}).status_code == 200
        held.refresh_from_db()
        assert held.ended_by_event.kind == "left"
        FunctionEntitlement.objects.create(job_function=chef, entitlement=held.entitlement)
        assert [one.restores for one in self.restored(ana, ines)] == [held]
        ana.refresh_from_db()
        assert ana.job_function == chef

    def test_the_page_says_that_nothing_ended_by_it(self, client, ana, held, ines):
        chef = JobFunctionFactory(code="chef", name="Chef")
        actions.end_employment(ana.pk, by=ines, reason="left", now=timezone.now(), source="page")
        sign_in(client, ines)
        page = client.post(reverse("access:moved", args=[ana.pk]), {"to": chef.pk}, follow=True).text
        assert "nothing ended by it" in page
        FunctionEntitlement.objects.create(job_function=chef, entitlement=held.entitlement)
        assert len(self.restored(ana, ines)) == 1

    def test_whoever_comes_back_for_good_has_the_function_that_was_told_and_no_access(self, ana, held, ines):
        chef = JobFunctionFactory(code="chef", name="Chef")
        now = timezone.now()
        actions.end_employment(ana.pk, by=ines, reason="left", now=now, source="page")
        actions.change_function(ana.pk, to=chef, by=None, now=now, source="scim")
        actions.bring_back(ana.pk, starts_on=timezone.localdate(now), ends_on=None, by=ines, now=now, source="page")
        ana.refresh_from_db()
        assert ana.job_function == chef
        assert not AccessGrant.objects.active().filter(employee=ana).exists()
