from django.urls import path

from privacy.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("admin/search/", views.search, name="search"),
    path("admin/people/customer/<int:pk>/", views.person, name="person"),
    path("admin/people/customer/<int:pk>/opt-out/", views.record_choice, name="record_choice"),
    path("admin/people/customer/<int:pk>/request/", views.open_request, name="open_request"),
    path("admin/ledger/<str:label>/<str:pk>/", views.timeline, name="timeline"),
    path("admin/me/sessions/<int:pk>/end/", views.end_session, name="end_session"),
    path("admin/tables/", views.tables, name="tables"),
]
