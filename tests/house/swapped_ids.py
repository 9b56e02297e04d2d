"""Somebody puts another's id into an address: every page of ours that takes one, with real ids, answers 403 or 404 and changes
nothing (ASVS 8.2.2). An address with an id that no list names fails.

The stock admin's tables have their own test (test_permission_matrix); what each of our pages needs is in its matrix.
"""

import re
from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q
from django.urls import URLResolver, get_resolver, reverse
from django.utils import timezone

from customers.doors.pages import SIGNED_IN
from customers.models import Customer
from privacy.access.actions import connect_client
from privacy.models import (
    AccessGrant,
    BreakGlassEligibility,
    Closure,
    DataSharingAgreement,
    Decision,
    Drift,
    DriftKind,
    Employee,
    EmploymentEvent,
    Entitlement,
    EvidencePack,
    HandTask,
    Letter,
    Message,
    Nda,
    OptOut,
    Reconciliation,
    Review,
    ReviewItem,
    ScimClient,
    ScimGroup,
    SuppressionDelivery,
    System,
    SystemAccount,
    SystemChange,
    SystemKind,
    ThirdParty,
    Threat,
    Ticket,
)
from tests.factories.access import approvers, entitlement, grant, sign_in
from tests.factories.systems import SystemFactory
from tests.factories.workforce import EmployeeFactory
from tests.house.pages import newest
from tests.house.test_permission_matrix import MATRIX

# Why an id in these addresses is nobody's own.
NOBODYS_OWN = {
    "account_confirm_email": "allauth's: a signed key of a letter",
    "account_reset_password_from_key": "allauth's: a signed key of a letter",
    "openid_connect_login": "an identity provider that the house names",
    "openid_connect_callback": "an identity provider that the house names",
    "statement:one": "public",
    "statement:changes": "public",
    "optouts:one_click": "public: a signed token of a letter",
    "optouts:again": "public: a signed token of a letter",
    "scim": "a bearer token opens everybody to an identity provider (tests/privacy/access/test_scim_door.py)",
    "programme:policy": "policies are for everybody to read",
    "programme:acknowledge": "acknowledges for whoever sends it",
}


def keys(model, *anns):
    """All of that kind; anns: the lookups of a login under which some would be ann's own."""
    own = Q(pk=None)
    for lookup in anns:
        own |= Q(**{f"{lookup}__startswith": "ann."})
    return lambda: [{"pk": pk} for pk in model.objects.exclude(own).order_by("pk").values_list("pk", flat=True)]


def changes_by_hand():
    return [{"pk": pk} for pk in HandTask.objects.order_by("pk").values_list("change", flat=True)]


def reviewers():
    asked = Decision.objects.order_by("pk").values_list("item__review", "reviewer").distinct()
    return [{"pk": review, "reviewer": reviewer} for review, reviewer in asked]


TICKET_VERBS = ("claim", "comment", "end")
WHOSE = {
    "mfa_remove_webauthn": keys(Authenticator),
    "mfa_edit_webauthn": keys(Authenticator),
    "desk:end_session": keys(UserSession),
    **dict.fromkeys(("desk:person", "desk:record_choice", "desk:open_request"), keys(Customer)),
    "desk:timeline": lambda: [{"label": "customers.customer", "pk": str(one.pk)} for one in Customer.objects.all()],
    "optouts:receipt": keys(SuppressionDelivery),
    **dict.fromkeys(("optouts:opt_out", "optouts:ask", "optouts:confirm"), keys(OptOut)),
    "tickets:open_after_all": keys(Closure),
    "tickets:ticket": keys(Ticket),
    "tickets:do": lambda: [{"pk": one.pk, "verb": verb} for one in Ticket.objects.all() for verb in TICKET_VERBS],
    "tickets:bulk": lambda: [{"verb": verb} for verb in TICKET_VERBS],
    "mailroom:letter_again": keys(Letter),
    **dict.fromkeys(("mailroom:message", "mailroom:settle"), keys(Message)),
    **dict.fromkeys(
        [f"access:{act}" for act in ("grant", "approve", "deny", "withdraw", "revoke", "suspend", "resume", "look", "keep")]
        + ["access:progress_of_grant"],
        keys(AccessGrant, "employee__login"),
    ),
    **dict.fromkeys(
        [
            f"access:{act}"
            for act in (
                "person",
                "left",
                "stays",
                "moved",
                "back",
                "revoke_all",
                "would_go",
                "progress_of_person",
                "end_sessions_of",
            )
        ],
        keys(Employee, "login", "manager__login"),
    ),
    **dict.fromkeys(("access:entitlement", "access:own", "access:justify", "access:change_entitlement"), keys(Entitlement)),
    **dict.fromkeys(("access:break_glass", "access:end_naming"), keys(BreakGlassEligibility)),
    **dict.fromkeys(("access:restore", "access:make_leaver_pack"), keys(EmploymentEvent)),
    **dict.fromkeys(
        [f"access:{act}" for act in ("system", "change_system", "add_entitlement", "link_account", "compare")], keys(System)
    ),
    "access:unlink_account": keys(SystemAccount),
    **dict.fromkeys(("access:mend_drift", "access:accept_drift"), keys(Drift)),
    **dict.fromkeys(("access:change", "access:try_again"), keys(SystemChange)),
    **dict.fromkeys(("access:do_task", "access:verify_task", "access:send_back_task", "access:evidence_file"), changes_by_hand),
    "access:revoke_scim": keys(ScimClient),
    **dict.fromkeys(("access:scim_group", "access:scim_eligible"), keys(ScimGroup)),
    **dict.fromkeys(
        [f"access:{act}" for act in ("review_row", "answer_review", "undo_answer", "hand_on_decision", "review_item")],
        keys(ReviewItem),
    ),
    **dict.fromkeys(
        [f"access:{act}" for act in ("review", "launch_review", "cancel_review", "sign_off_review", "export_review")]
        + ["access:make_review_pack"],
        keys(Review),
    ),
    "access:hand_on_reviewer": reviewers,
    "access:download_pack": keys(EvidencePack),
    **dict.fromkeys(
        ("agreements:party", "agreements:add_agreement"),
        lambda: [{"code": code} for code in ThirdParty.objects.values_list("code", flat=True)],
    ),
    "agreements:end_agreement": keys(DataSharingAgreement),
    "agreements:end_nda": keys(Nda),
    "programme:reassess": keys(Threat),
    "promises:one": lambda: [{"promise_id": "E2-revoked"}, {"promise_id": "B1-optout"}],
}

# What a form may ask for: enough for most of the acts to be done by somebody who may.
FIELDS = {"reason": "because of the audit", "decision": "keep", "answer": "revoke", "until": "2030-01-01", "evidence": "a letter"}
# Whoever holds one of these oversees others' access: pages for "those whom it concerns" are open to them.
OVERSEES = {
    *("privacy.administer_access", "privacy.approve_grants", "privacy.revoke_grants", "privacy.manage_people"),
    "privacy.view_ledger",  # auditors, who read and change nothing
}
OF_ONE_KIND = 7  # ids that are tried of one kind, over all its states


def views(resolver=None, before="", namespace=""):
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from views(entry, route, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        else:
            yield f"{namespace}{entry.name}", route, entry


WITH_IDS = {name: entry for name, route, entry in views() if not name.startswith("admin:") and re.search(r"<[\w:]*\w+>", route)}


def others_own(ben):
    """What the demonstration company has none of, for each kind one: ben's, or about ben."""
    now = timezone.now()
    one, two = approvers()
    Authenticator.objects.create(user=ben, type=Authenticator.Type.WEBAUTHN, data={"name": "key", "credential": {}})
    UserSession.objects.create(user=ben, session_key="b" * 32, ip="192.0.2.1", user_agent="Firefox")
    party = ThirdParty.objects.first()
    SuppressionDelivery.objects.create(third_party=party, sequence=1, additions=1, removals=0, made_at=now, deadline=now)
    Closure.objects.create(day="2027-07-05", name="stocktaking")
    BreakGlassEligibility.objects.create(
        employee=ben, entitlement=entitlement("reveal.contact"), starts_at=now, ends_at=now + timedelta(days=9), named_by=one
    )
    client, _ = connect_client("Okta", by=None, now=now)
    ScimGroup.objects.create(told_by=client, display_name="service", created_at=now, changed_at=now)
    system = SystemFactory(kind=SystemKind.POSTGRESQL, address="postgresql://u:p@127.0.0.1:1/x", owner=two)
    SystemAccount.objects.create(system=system, employee=ben, name="ben")
    seen = Reconciliation.objects.create(system=system, began_at=now, ended_at=now)
    Drift.objects.create(system=system, kind=DriftKind.EXCESS, account_name="ben", employee=ben, first_seen=seen, last_seen=seen)


class SwappedIds:
    """In the demonstration company (test_whole_house), people who have access of their own, but not to this."""

    def make_what_it_has_none_of(self):
        others_own(EmployeeFactory(login="ben"))
        self.everything = dict(Entitlement.objects.filter(system__code="back-office").values_list("code", "permissions"))

    def test_every_address_with_an_id_is_in_one_of_the_lists(self):
        assert sorted({*WHOSE, *NOBODYS_OWN}) == sorted(WITH_IDS)
        assert not WHOSE.keys() & NOBODYS_OWN.keys()

    def somebody_without(self, permissions):
        """Somebody with a system, people and grants of their own, who holds all entitlements that give none of these."""
        login = "ann." + str(abs(hash(frozenset(permissions))))
        found = Employee.objects.filter(login=login).first()
        if found is None:
            found = EmployeeFactory(login=login)
            grant(found, *(code for code, gives in self.everything.items() if not permissions & set(gives)))
            SystemFactory(owner=found)
            EmployeeFactory(manager=found)
        return found

    def test_real_ids_of_others_are_refused_and_nothing_changes(self):
        self.make_what_it_has_none_of()
        failures, tried = [], 0
        for name, ids in WHOSE.items():
            needs = set(getattr(WITH_IDS[name].callback, "needs", None) or [MATRIX[name]])
            ann = sign_in(self.client_class(), self.somebody_without(OVERSEES if SIGNED_IN in needs else needs))
            theirs = ids()[:: max(1, len(ids()) // OF_ONE_KIND)]
            if not theirs:
                failures.append(f"{name}: nothing of others to try it with")
            before = written()
            for address in (reverse(name, kwargs=kwargs) for kwargs in theirs):
                for answer in (ann.get(address), ann.post(address, FIELDS)):
                    tried += 1
                    if answer.status_code not in {403, 404, 405}:
                        failures.append(f"{answer.request['REQUEST_METHOD']} {address} ({name}): {answer.status_code}")
            if written() != before:
                failures.append(f"{name}: something was written")
        assert not failures, "\n".join(failures)
        assert tried > 500, tried

    def test_an_auditor_who_may_look_changes_nothing_by_any_id(self):
        self.make_what_it_has_none_of()
        auditor = EmployeeFactory(login="ann.auditor")  # whose own access is theirs to give back
        grant(auditor, "ledger.read", "promises.read")
        client = sign_in(self.client, auditor)
        # Evidence is made for auditors and read by them: that is written down.
        reads = ("make_leaver_pack", "make_review_pack", "download_pack", "evidence_file", "export_review")
        evidence = {f"access:{act}" for act in reads}
        failures = []
        for name in WHOSE.keys() - evidence:
            before = written()
            ids = WHOSE[name]()
            for kwargs in ids[:: max(1, len(ids) // OF_ONE_KIND)]:
                client.post(reverse(name, kwargs=kwargs), FIELDS)
            if written() != before:
                failures.append(name)
        assert not failures, failures


def written():
    """What the ledger holds; that somebody was refused is written down too."""
    return {table: number for table, number in newest().items() if "deniedattempt" not in table}
