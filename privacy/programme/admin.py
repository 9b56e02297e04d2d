"""Tables of the programme, read-only."""

from django.contrib import admin

from customers.doors.tables import ReadOnlyAdmin
from privacy.programme.models import Briefing, DepartmentReview, Policy, PolicyAcknowledgement, Threat


@admin.register(Policy)
class PolicyAdmin(ReadOnlyAdmin):
    list_display = ["code", "version", "title", "published_on", "withdrawn_on"]
    search_fields = ["code", "title"]


@admin.register(PolicyAcknowledgement)
class PolicyAcknowledgementAdmin(ReadOnlyAdmin):
    list_display = ["policy", "employee", "at"]
    list_select_related = ["policy", "employee"]


@admin.register(Briefing)
class BriefingAdmin(ReadOnlyAdmin):
    list_display = ["employee", "given_on", "given_by"]
    list_select_related = ["employee", "given_by"]
    search_fields = ["employee__name", "employee__login"]


@admin.register(DepartmentReview)
class DepartmentReviewAdmin(ReadOnlyAdmin):
    list_display = ["department", "held_on", "recorded_by"]
    list_select_related = ["department", "recorded_by"]


@admin.register(Threat)
class ThreatAdmin(ReadOnlyAdmin):
    list_display = ["title", "assessed_on", "review_by", "closed_on", "owner"]
    list_select_related = ["owner"]
    search_fields = ["title"]
