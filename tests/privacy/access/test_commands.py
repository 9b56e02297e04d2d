"""At the terminal: the first administrator, and taking access away."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from privacy.models import AccessGrant, Briefing, Employee, Nda
from tests.factories.access import GrantFactory, grant, sign_in
from tests.factories.systems import OutsideEntitlementFactory, SystemFactory
from tests.factories.workforce import EmployeeFactory, SecondFactorFactory

pytestmark = pytest.mark.django_db


class TestFirstAdministrator:
    def test_is_made_by_grants_and_the_second_factor_is_not_waived(self, run):
        code, said = run("create_security_administrator", "root", "root@lumens.example")
        assert code == 0
        root = Employee.objects.get(login="root")
        assert "access.administer" in said["grants"]
        assert not root.has_perm("privacy.administer_access")  # no second factor yet
        SecondFactorFactory(user=root)
        root = Employee.objects.get(login="root")
        assert root.has_perm("privacy.administer_access")
        assert not root.has_perm("customers.reveal_contact")
        assert not root.has_perm("customers.view_customer")
        held = AccessGrant.objects.filter(employee=root)
        assert {(g.origin, g.approved_by, g.ends_at is None) for g in held} == {("bootstrap", None, False)}

    def test_says_what_was_only_stated_and_it_runs_out(self, run):
        run("create_security_administrator", "root", "root@lumens.example")
        nda = Nda.objects.get(employee__login="root")
        assert "stated at the terminal" in nda.document
        assert (nda.ends_on - timezone.localdate()).days == 30
        assert "stated at the terminal" in Briefing.objects.get(employee__login="root").note

    def test_the_printed_link_sets_the_password_once(self, run):
        _, said = run("create_security_administrator", "root", "root@lumens.example")
        path = "/" + said["set_password_link"].split("/", 3)[3]
        client = Client()
        form = client.get(path, follow=True)
        assert form.status_code == 200
        answer = client.post(
            form.redirect_chain[-1][0], {"password1": "seven lamps 7 shades", "password2": "seven lamps 7 shades"}
        )
        assert answer.status_code == 302
        assert Employee.objects.get(login="root").check_password("seven lamps 7 shades")
        again = Client()
        spent = again.get(path, follow=True)
        other = {"password1": "x9 x9 x9 x9 x9", "password2": "x9 x9 x9 x9 x9"}
        again.post(spent.redirect_chain[-1][0] if spent.redirect_chain else path, other)
        assert Employee.objects.get(login="root").check_password("seven lamps 7 shades")

    def test_a_login_typed_wrongly_makes_no_colleague_an_administrator(self, run):
        ana = EmployeeFactory(login="ana")
        code, said = run("create_security_administrator", ana.login, "root@lumens.example")
        assert code == 2
        assert f"{ana.login} is {ana}, who works here with another e-mail address" in said["error"]
        assert not ana.grants.exists()
        assert run("create_security_administrator", ana.login, ana.email.upper())[0] == 0

    def test_says_only_what_is_left_to_do(self, capsys):
        call_command("create_security_administrator", "root", "root@lumens.example")
        first = capsys.readouterr().out
        assert ("second factor" in first, "signed NDA" in first, "second administrator" in first) == (True, True, True)
        known = EmployeeFactory(login="ines")
        call_command("create_security_administrator", "ines", known.email)
        said = capsys.readouterr().out
        assert "ines, who works here already, is a security administrator" in said
        assert ("second factor" in said, "signed NDA" in said, "second administrator" in said) == (False, False, False)

    def test_twice_is_once(self, run):
        run("create_security_administrator", "root", "root@lumens.example")
        before = AccessGrant.objects.count()
        code, _ = run("create_security_administrator", "ROOT", "root@lumens.example")
        assert code == 0
        assert AccessGrant.objects.count() == before
        assert Employee.objects.filter(login__iexact="root").count() == 1

    @pytest.mark.parametrize("bad", [("two words", "a@b.example"), ("root", "nowhere")])
    def test_bad_input_makes_nobody(self, run, bad):
        code, said = run("create_security_administrator", *bad)
        assert code == 2
        assert said["error"]
        assert not Employee.objects.exists()


class TestRevokeAccess:
    @pytest.fixture
    def ana(self):
        ana = EmployeeFactory(login="ana")
        grant(ana, "requests.work", "reveal.contact")
        return ana

    def test_everything_goes_and_the_session_with_it(self, run, ana, client):
        sign_in(client, ana)
        code, said = run("revoke_access", "Ana", "--reason", "laptop stolen")
        assert code == 0
        assert sorted(said["revoked"]) == ["requests.work", "reveal.contact"]
        assert client.get("/admin/access/").status_code == 302
        assert set(AccessGrant.objects.filter(employee=ana).values_list("revocation_reason", flat=True)) == {"laptop stolen"}
        code, said = run("revoke_access", "ana", "--reason", "again")
        assert (code, said["revoked"]) == (0, [])

    def test_one_entitlement_leaves_the_others(self, run, ana):
        code, said = run("revoke_access", "ana", "--reason", "over", "--entitlement", "reveal.contact")
        assert (code, said["revoked"]) == (0, ["reveal.contact"])
        assert Employee.objects.get(pk=ana.pk).has_perm("privacy.work_tickets")

    def test_a_code_of_two_systems_is_asked_for_again_and_named_with_its_system_ends_one(self, run, ana):
        for code in ("crm", "warehouse"):
            GrantFactory(employee=ana, entitlement=OutsideEntitlementFactory(system=SystemFactory(code=code), code="admin"))
        status, said = run("revoke_access", "ana", "--reason", "over", "--entitlement", "admin")
        assert status == 2
        assert "crm:admin, warehouse:admin" in said["error"]
        assert AccessGrant.objects.active().filter(employee=ana).count() == 4
        run("revoke_access", "ana", "--reason", "over", "--entitlement", "crm:admin")
        assert AccessGrant.objects.active().get(entitlement__code="admin").entitlement.system.code == "warehouse"

    def test_a_dry_run_changes_nothing(self, run, ana):
        _, said = run("revoke_access", "ana", "--reason", "over", "--dry-run")
        assert len(said["revoked"]) == 2
        assert AccessGrant.objects.active().filter(employee=ana).count() == 2

    @pytest.mark.parametrize(
        "bad", [("nobody", "--reason", "x"), ("ana", "--reason", " "), ("ana", "--reason", "x", "--entitlement", "reveal.contct")]
    )
    def test_bad_input_changes_nothing(self, run, ana, bad):
        assert run("revoke_access", *bad)[0] == 2
        assert AccessGrant.objects.active().filter(employee=ana).count() == 2
