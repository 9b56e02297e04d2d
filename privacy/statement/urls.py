from django.urls import path

from privacy.statement import views

app_name = "statement"
urlpatterns = [
    path("statement/", views.current, name="current"),
    path("statement/<int:pk>/", views.one, name="one"),
    path("statement/<int:pk>/changes/", views.changes, name="changes"),
    path("admin/statement/post/", views.post, name="post"),
]
