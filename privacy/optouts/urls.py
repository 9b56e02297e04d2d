"""Addresses of opt-outs: for colleagues under /admin/opt-outs/, for everyone under /opt-out/."""

from django.urls import path

from privacy.optouts import views

app_name = "optouts"
urlpatterns = [
    path("admin/opt-outs/", views.register, name="list"),
    path("admin/opt-outs/new/", views.record, name="record"),
    path("admin/opt-outs/deliveries/", views.deliveries, name="deliveries"),
    path("admin/opt-outs/deliveries/<int:pk>/receipt/", views.receipt, name="receipt"),
    path("admin/opt-outs/<int:pk>/", views.opt_out, name="opt_out"),
    path("admin/opt-outs/<int:pk>/ask/", views.ask, name="ask"),
    path("admin/opt-outs/<int:pk>/confirm/", views.confirm, name="confirm"),
    path("opt-out/again/<str:token>", views.again, name="again"),
    path("opt-out/<str:token>", views.one_click, name="one_click"),
]
