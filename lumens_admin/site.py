"""The admin site: Django's own, with our name, our sign-in and no side bar of tables."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

OURS = frozenset({"customers", "privacy"})


class LumensAdminSite(AdminSite):
    site_header = site_title = "Lumens Admin"
    index_title = "Tables"
    empty_value_display = "—"
    enable_nav_sidebar = False
    final_catch_all_view = True

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only tables of our own: no grant opens those of packages, so they have no address here."""
        given: Any = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in given if model._meta.app_label in OURS], admin_class, **options)

    def get_urls(self) -> list[Any]:
        """Without “view on site”: it looks at rows of any table without asking who looks, and nothing of ours is on a site."""
        return [one for one in super().get_urls() if getattr(one, "name", "") != "view_on_site"]

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """There is one page for it, which counts tries, writes them down and remembers the rule: see account_change_password."""
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        """Django's own; nothing leads to it."""
        return redirect("account_change_password")

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one sign-in for the whole house (statement E.1): lock-out and second factor apply here too."""
        return super().login(request, extra_context)
