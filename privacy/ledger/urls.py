from django.urls import path

from privacy.ledger import views

app_name = "ledger"
urlpatterns = [path("", views.seals, name="seals")]
