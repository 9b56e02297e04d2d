from django.urls import path

from privacy.promises import views

app_name = "promises"
urlpatterns = [
    path("", views.statement, name="statement"),
    path("summary/", views.summary, name="summary"),
    path("measure/", views.measure_now, name="measure"),
    path("<slug:promise_id>/", views.one, name="one"),
]
