"""Tables of the workforce, read-only. Password hashes are in no page."""

from django.contrib import admin

from customers.doors.tables import ReadOnlyAdmin
from privacy.workforce.models import Department, Employee, EmploymentEvent, JobFunction


@admin.register(Department)
class DepartmentAdmin(ReadOnlyAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


@admin.register(JobFunction)
class JobFunctionAdmin(ReadOnlyAdmin):
    list_display = ["code", "name"]
    search_fields = ["code", "name"]


@admin.register(Employee)
class EmployeeAdmin(ReadOnlyAdmin):
    list_display = ["login", "name", "worker_type", "job_function", "department", "starts_on", "ends_on"]
    list_select_related = ["job_function", "department"]
    list_filter = ["worker_type", "job_function", "department"]
    search_fields = ["login", "name", "email"]
    exclude = ["password", "password_rule"]


@admin.register(EmploymentEvent)
class EmploymentEventAdmin(ReadOnlyAdmin):
    list_display = ["employee", "kind", "known_at", "effective_at", "source", "by"]
    list_select_related = ["employee", "by"]
    list_filter = ["kind", "source"]
    search_fields = ["employee__login", "employee__name"]
