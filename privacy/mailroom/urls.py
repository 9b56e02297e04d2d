"""Addresses of the mailroom, under /admin/mail/."""

from django.urls import path

from privacy.mailroom import views

app_name = "mailroom"
urlpatterns = [
    path("", views.inbox, name="inbox"),
    path("letters/", views.letters, name="letters"),
    path("letters/<int:pk>/again/", views.letter_again, name="letter_again"),
    path("<int:pk>/", views.message, name="message"),
    path("<int:pk>/settle/", views.settle, name="settle"),
]
