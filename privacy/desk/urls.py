from django.urls import path

from privacy.desk import views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("admin/search/", views.search, name="search"),
    path("admin/me/access/", views.my_access, name="my_access"),
    path("admin/tables/", views.tables, name="tables"),
]
