from django.contrib import admin

from customers.doors.tables import ReadOnlyAdmin
from privacy.statement.models import StatementVersion


@admin.register(StatementVersion)
class StatementVersionAdmin(ReadOnlyAdmin):
    list_display = ["title", "posted_at", "takes_effect_at", "is_significant"]
