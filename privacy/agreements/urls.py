"""Addresses of agreements, under /admin/sharing/."""

from django.urls import path

from privacy.agreements import views

app_name = "agreements"
urlpatterns = [
    path("", views.parties, name="parties"),
    path("new/", views.add_party, name="add_party"),
    path("parties/<slug:code>/", views.party, name="party"),
    path("parties/<slug:code>/agreement/", views.add_agreement, name="add_agreement"),
    path("agreements/<int:pk>/end/", views.end_agreement, name="end_agreement"),
    path("ndas/", views.ndas, name="ndas"),
    path("ndas/new/", views.add_nda, name="add_nda"),
    path("ndas/<int:pk>/end/", views.end_nda, name="end_nda"),
]
