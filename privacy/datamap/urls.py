from django.urls import path

from privacy.datamap import views

app_name = "datamap"
urlpatterns = [path("", views.overview, name="overview")]
