from django.contrib.admin.apps import AdminConfig


class LumensAdminConfig(AdminConfig):
    """Puts our own admin site in the place of Django's."""

    default_site = "lumens_admin.site.LumensAdminSite"
