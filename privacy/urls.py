"""Contents page: the addresses of every room."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("privacy.desk.urls")),
    path("", include("privacy.statement.urls")),
    path("", include("privacy.optouts.urls")),
    path("", include("privacy.access.urls.scim_door")),
    path("admin/requests/", include("privacy.tickets.urls")),
    path("admin/mail/", include("privacy.mailroom.urls")),
    path("admin/data-map/", include("privacy.datamap.urls")),
    path("admin/access/", include("privacy.access.urls")),
    path("admin/sharing/", include("privacy.agreements.urls")),
    path("admin/programme/", include("privacy.programme.urls")),
    path("admin/ledger/", include("privacy.ledger.urls")),
    path("admin/promises/", include("privacy.promises.urls")),
]
