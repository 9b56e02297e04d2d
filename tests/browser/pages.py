"""Every page of the house that a browser can open, as addresses: from the permission matrix, and every table of the admin."""

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model
from django.urls import NoReverseMatch, reverse

from tests.house import matrix

# Files and fragments: not pages of their own.
NOT_PAGES = {
    "healthz",
    "icon",
    "readyz",
    "account_logout",  # signs out
    "mfa_download_recovery_codes",
    "openid_connect_login",
    "openid_connect_callback",
    "account_confirm_email",
    "account_confirm_login_code",
    "promises:summary",  # parts of other pages
    "access:progress_of_grant",
    "access:progress_of_person",
    "access:evidence_key",  # a file
}

OURS = {"customers", "privacy"}


def _first(label: str, *, order: str = "pk", column: str = "pk", **wanted: Any) -> Callable[[], list[Any] | None]:
    def find() -> list[Any] | None:
        found: Model | None = apps.get_model(label)._default_manager.filter(**wanted).order_by(order).first()
        return None if found is None else [getattr(found, column)]

    return find


def _last(label: str, **wanted: Any) -> Callable[[], list[Any] | None]:
    return _first(label, order="-pk", **wanted)


# Arguments of the pages that are about one thing: URL name → what gives them, None where there is nothing to show.
ARGUMENTS: dict[str, Callable[[], list[Any] | None]] = {
    **dict.fromkeys(("desk:person", "desk:record_choice", "desk:open_request"), _first("customers.customer")),
    "desk:timeline": lambda: ["privacy.employee", *(_first("privacy.employee")() or ["0"])],
    "promises:one": lambda: ["E1-password"],
    "access:grant": _first("privacy.accessgrant"),
    "access:revoke": _first("privacy.accessgrant", state="approved"),
    "access:suspend": _first("privacy.accessgrant", state="approved"),
    "access:deny": _first("privacy.accessgrant", state="requested"),
    "access:approve": _first("privacy.accessgrant", state="requested"),
    "access:keep": _first("privacy.accessgrant", state="approved"),
    "access:look": _first("privacy.accessgrant", origin="break_glass"),
    "access:break_glass": _first("privacy.breakglasseligibility"),
    "access:restore": _last("privacy.employmentevent", kind="left"),
    "access:entitlement": _first("privacy.entitlement"),
    "access:revoke_scim": _first("privacy.scimclient"),
    "access:scim_group": _first("privacy.scimgroup"),
    **dict.fromkeys(("access:review", "access:cancel_review", "access:sign_off_review"), _last("privacy.review")),
    "access:review_item": _first("privacy.reviewitem"),
    "access:hand_on_decision": _first("privacy.decision"),
    **dict.fromkeys(
        ("access:person", "access:left", "access:stays", "access:moved", "access:revoke_all"),
        _last("privacy.employee", left_at=None),
    ),
    "access:would_go": _last("privacy.employee", left_at=None),
    **dict.fromkeys(
        ("access:system", "access:change_system", "access:add_entitlement"), _first("privacy.system", kind="postgresql")
    ),
    "access:change_entitlement": _first("privacy.entitlement", system__kind="postgresql"),
    "access:change": _first("privacy.systemchange"),
    "agreements:party": _first("privacy.thirdparty", column="code"),
    "agreements:add_agreement": _first("privacy.thirdparty", column="code"),
    "agreements:end_agreement": _first("privacy.datasharingagreement"),
    "agreements:end_nda": _first("privacy.nda"),
    "programme:policy": _first("privacy.policy"),
    "programme:reassess": _first("privacy.threat"),
    "tickets:ticket": _first("privacy.ticket"),
    "mailroom:message": _last("privacy.message"),
    "optouts:opt_out": _first("privacy.optout"),
    "optouts:ask": _first("privacy.optout"),
}


def addresses(names: list[str] | None = None) -> list[tuple[str, str]]:
    """(name, address) of every page, in a fixed order. Pages about one thing are about the first of its kind."""
    found: dict[str, str] = {}
    for name in sorted(_matrix()):
        if name in NOT_PAGES or "download" in name or "export" in name:
            continue
        address = _address(name)
        if address:
            found[name] = address
    for model in admin.site._registry:
        if model._meta.app_label not in OURS:  # no grant opens the tables of packages
            continue
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        found[f"{base}_changelist"] = reverse(f"{base}_changelist")
        first = model._default_manager.order_by("pk").first()
        if first is not None:
            found[f"{base}_change"] = reverse(f"{base}_change", args=[first.pk])
    return [(name, address) for name, address in found.items() if names is None or any(part in name for part in names)]


def _matrix() -> set[str]:
    names: set[str] = set()
    for module in pkgutil.iter_modules(matrix.__path__):
        names |= set(importlib.import_module(f"tests.house.matrix.{module.name}").URLS)
    return names


def _address(name: str) -> str:
    try:
        if name in ARGUMENTS:
            arguments = ARGUMENTS[name]()
            return "" if arguments is None else reverse(name, args=[str(one) for one in arguments])
        return reverse(name)
    except NoReverseMatch:
        return ""
