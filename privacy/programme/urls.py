"""Addresses of the security programme, under /admin/programme/."""

from django.urls import path

from privacy.programme import views

app_name = "programme"
urlpatterns = [
    path("", views.home, name="home"),
    path("policies/", views.to_read, name="to_read"),
    path("policies/new/", views.publish, name="publish"),
    path("policies/<int:pk>/", views.policy, name="policy"),
    path("policies/<int:pk>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("briefings/", views.briefings, name="briefings"),
    path("briefings/new/", views.add_briefing, name="add_briefing"),
    path("reviews/new/", views.add_review, name="add_review"),
    path("threats/new/", views.add_threat, name="add_threat"),
    path("threats/<int:pk>/", views.reassess, name="reassess"),
]
