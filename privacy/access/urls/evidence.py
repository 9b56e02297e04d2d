"""Addresses of timeliness and evidence."""

from django.urls import URLPattern, path

from privacy.access.views import evidence, timeliness

urlpatterns: list[URLPattern] = [
    path("timeliness/", timeliness.timeliness, name="timeliness"),
    path("evidence/", evidence.evidence, name="evidence"),
    path("evidence/public_key.pem", evidence.evidence_key, name="evidence_key"),
    path("evidence/<int:pk>/", evidence.download_pack, name="download_pack"),
    path("events/<int:pk>/evidence/", evidence.make_leaver_pack, name="make_leaver_pack"),
    path("reviews/<int:pk>/evidence/", evidence.make_review_pack, name="make_review_pack"),
]
