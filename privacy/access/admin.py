"""Tables of access, read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from customers.doors.tables import ReadOnlyAdmin
from privacy.access.models import (
    AccessGrant,
    Decision,
    DeniedAttempt,
    Entitlement,
    EvidencePack,
    FunctionEntitlement,
    GroupEligibility,
    Review,
    ReviewItem,
    ScimClient,
    ScimGroup,
    ScimUser,
    System,
)


@admin.register(System)
class SystemAdmin(ReadOnlyAdmin):
    list_display = ["code", "name"]


@admin.register(Entitlement)
class EntitlementAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "system", "owner", "sensitive"]
    list_select_related = ["system", "owner"]
    list_filter = ["system", "sensitive"]
    search_fields = ["code", "name"]


@admin.register(FunctionEntitlement)
class FunctionEntitlementAdmin(ReadOnlyAdmin):
    list_display = ["job_function", "entitlement"]
    list_select_related = ["job_function", "entitlement"]
    list_filter = ["job_function"]


@admin.register(AccessGrant)
class AccessGrantAdmin(ReadOnlyAdmin):
    list_display = ["employee", "entitlement", "state", "starts_at", "ends_at", "approved_by"]
    list_select_related = ["employee", "entitlement", "approved_by"]
    list_filter = ["state", "sensitive", "origin"]
    search_fields = ["employee__name", "employee__login", "entitlement__code"]


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    list_display = ["name", "scope", "state", "prepared_by", "launched_by", "due_at", "signed_off_by"]
    list_select_related = ["prepared_by", "launched_by", "signed_off_by"]
    list_filter = ["state", "scope"]


@admin.register(ReviewItem)
class ReviewItemAdmin(ReadOnlyAdmin):
    list_display = ["review", "employee", "entitlement", "risk", "state", "by_silence", "proven_at"]
    list_select_related = ["review", "employee", "entitlement"]
    list_filter = ["state", "sensitive", "by_silence"]
    search_fields = ["employee__name", "employee__login", "entitlement__code"]


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ["item", "reviewer", "role", "answer", "answered_at", "handed_to"]
    list_select_related = ["item__employee", "item__entitlement", "reviewer", "handed_to"]
    list_filter = ["answer", "role"]
    search_fields = ["reviewer__name", "reviewer__login"]


@admin.register(EvidencePack)
class EvidencePackAdmin(ReadOnlyAdmin):
    list_display = ["made_at", "kind", "event", "review", "made_by", "size", "sha256"]
    list_select_related = ["event__employee", "review", "made_by"]
    list_filter = ["kind"]
    exclude = ["file"]  # handed out on its own page, and written down

    def get_queryset(self, request: HttpRequest) -> QuerySet[EvidencePack]:
        packs: QuerySet[EvidencePack] = super().get_queryset(request).defer("file")
        return packs


if not admin.site.is_registered(DeniedAttempt):

    @admin.register(DeniedAttempt)
    class DeniedAttemptAdmin(ReadOnlyAdmin):
        list_display = ["at", "kind", "login", "address", "path"]
        list_filter = ["kind"]
        search_fields = ["login", "path"]


@admin.register(ScimClient)
class ScimClientAdmin(ReadOnlyAdmin):
    list_display = ["name", "made_at", "made_by", "last_used_at", "revoked_at"]
    list_select_related = ["made_by"]
    exclude = ["token_digest"]


@admin.register(ScimUser)
class ScimUserAdmin(ReadOnlyAdmin):
    list_display = ["user_name", "employee", "told_by", "changed_at", "deleted_at"]
    list_select_related = ["employee", "told_by"]
    search_fields = ["user_name", "employee__name"]


@admin.register(ScimGroup)
class ScimGroupAdmin(ReadOnlyAdmin):
    list_display = ["display_name", "told_by", "changed_at"]
    list_select_related = ["told_by"]
    search_fields = ["display_name"]


@admin.register(GroupEligibility)
class GroupEligibilityAdmin(ReadOnlyAdmin):
    list_display = ["group", "entitlement"]
    list_select_related = ["group", "entitlement"]
