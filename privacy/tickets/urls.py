"""Addresses of requests, under /admin/requests/."""

from django.urls import path

from privacy.tickets import views

app_name = "tickets"
urlpatterns = [
    path("", views.queue, name="queue"),
    path("new/", views.new, name="new"),
    path("calendar/", views.calendar, name="calendar"),
    path("calendar/<int:pk>/open/", views.open_after_all, name="open_after_all"),
    path("<int:pk>/", views.ticket, name="ticket"),
    path("<int:pk>/<slug:verb>/", views.do, name="do"),
    path("bulk/<slug:verb>/", views.bulk, name="bulk"),
]
