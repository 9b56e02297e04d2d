"""Authority: answered from grants in force, never stored (ACCESS.md, "Authority is computed, never stored")."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from privacy.access import policies
from privacy.workforce.models import Employee


class _OnlyWhoMaySignIn:
    """A session is somebody's only as long as they may sign in: asked at every request, whichever way they came in."""

    def get_user(self, user_id: Any) -> Employee | None:
        employee = Employee.objects.select_related("job_function").filter(pk=user_id).first()  # every page shows it
        return employee if employee and policies.may_sign_in(employee, at=timezone.now()) else None


class PasswordBackend(_OnlyWhoMaySignIn, AuthenticationBackend):  # type: ignore[misc]
    """Name and password, as allauth compares them. Why somebody may not sign in is said behind the password (adapters)."""


class GrantBackend(_OnlyWhoMaySignIn, BaseBackend):
    """Answers for every permission of the house, the Django admin's included, in one query per request.

    A "no" is final: PermissionDenied stops Django from asking the backends behind this one, of which any "yes" would win.
    """

    def get_all_permissions(self, user_obj: Any, obj: object = None) -> set[str]:
        """Permissions of the grants in force. Kept on the user object, which lives as long as one request and no longer."""
        if not isinstance(user_obj, Employee):
            return set()
        known: set[str] | None = user_obj.__dict__.get("_permissions_in_force")
        if known is None:
            known = set(policies.permissions_at(user_obj.pk, at=timezone.now()))
            user_obj.__dict__["_permissions_in_force"] = known
        return known

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        if perm not in self.get_all_permissions(user_obj):
            raise PermissionDenied
        return True

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        if not any(permission.startswith(f"{app_label}.") for permission in self.get_all_permissions(user_obj)):
            raise PermissionDenied
        return True
