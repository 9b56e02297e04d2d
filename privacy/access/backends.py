"""Authority: answered from grants in force, never stored (ACCESS.md)."""

from typing import Any

from django.contrib.auth.backends import BaseBackend

from privacy.workforce.models import Employee


class GrantBackend(BaseBackend):
    def get_user(self, user_id: Any) -> Employee | None:
        employee = Employee.objects.filter(pk=user_id).first()
        return employee if employee and employee.is_active else None
