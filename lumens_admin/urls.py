"""Every address of the house (INTERFACES.md, "Addresses")."""

from django.contrib import admin
from django.urls import include, path

from lumens_admin import health, icon

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("favicon.ico", icon.mark, name="icon"),
    path("accounts/", include("privacy.access.urls_accounts")),
    path("", include("privacy.urls")),
    path("admin/", admin.site.urls),
]
handler400 = "lumens_admin.errors.bad_request"
handler403 = "lumens_admin.errors.permission_denied"
handler404 = "lumens_admin.errors.not_found"
handler429 = "lumens_admin.errors.too_many_requests"  # allauth's
handler500 = "lumens_admin.errors.server_error"
