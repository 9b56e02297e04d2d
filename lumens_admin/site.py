"""The admin site: Django's own, with our name, our sign-in and no side bar of tables."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator

OURS = frozenset({"customers", "privacy"})


class LumensAdminSite(AdminSite):
    site_header = site_title = "Lumens Admin"
    index_title = "Tables"
    enable_nav_sidebar = False
    final_catch_all_view = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only tables of our own: no grant opens those of packages, so they have no address here."""
        given: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in given if model._meta.app_label in OURS], admin_class, **options)

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in for the whole house (statement E.1): lock-out and second factor apply here too."""
        return super().login(request, extra_context)
