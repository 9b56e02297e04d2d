"""Tables of agreements, read-only."""

from django.contrib import admin

from customers.doors.tables import ReadOnlyAdmin
from privacy.agreements.models import DataSharingAgreement, Disclosure, Nda, ThirdParty


@admin.register(ThirdParty)
class ThirdPartyAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "kind"]
    list_filter = ["kind"]
    search_fields = ["code", "name"]


@admin.register(DataSharingAgreement)
class DataSharingAgreementAdmin(ReadOnlyAdmin):
    list_display = ["reference", "third_party", "starts_on", "ends_on"]
    list_select_related = ["third_party"]
    search_fields = ["reference", "third_party__name"]


@admin.register(Nda)
class NdaAdmin(ReadOnlyAdmin):
    list_display = ["id", "employee", "third_party", "starts_on", "ends_on"]
    list_select_related = ["employee", "third_party"]
    search_fields = ["employee__name", "employee__login", "third_party__name"]


@admin.register(Disclosure)
class DisclosureAdmin(ReadOnlyAdmin):
    list_display = ["at", "third_party", "purpose", "ground", "people"]
    list_select_related = ["third_party"]
    list_filter = ["purpose", "ground"]
