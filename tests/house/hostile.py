"""Words that want to be more than words, planted in every column that holds words."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Cast, Concat

from customers.encryption import EncryptedTextField
from tests.databases import is_superuser

NODE, MADE = "xhostile", "1251"
MARKS = (NODE, MADE)
HOSTILE = f"javascript:alert(1)//\"'><{NODE} onerror=alert(1)>{{{{417*3}}}}{{% now %}}</script></textarea></title><{NODE}>"
SHORT = f'"><{NODE}>'

# By these words the program finds rows: others would not be hostile, they would be no row of ours.
LOOKED_UP = {"code", "login", "permissions", "password", "kind", "reference"}


def plant():
    """Into every text column of our tables. Returns the columns that took it, and those that a constraint keeps from it."""
    if not is_superuser():
        pytest.skip("needs a superuser of the server: triggers are told to look away")
    planted, kept = [], []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # what is tested is what pages do with it
    for model in apps.get_models():
        if model._meta.app_label not in ("customers", "privacy") or model._meta.proxy:
            continue
        for field in model._meta.concrete_fields:
            if field.primary_key or field.choices or field.name in LOOKED_UP or isinstance(field, models.SlugField):
                continue
            if isinstance(field, models.CharField | models.TextField | EncryptedTextField):
                name = f"{model._meta.label}.{field.name}"
                (planted if _put(model, field) else kept).append(name)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    return planted, kept


def _put(model, field):
    longest = getattr(field, "max_length", None) or 1000
    for words in (HOSTILE, SHORT):
        if len(words) + 12 > longest:
            continue
        for value in (words, None):
            try:
                with transaction.atomic():
                    if value is None:  # where each must be another
                        value = Concat(Value(words), Cast(F("pk"), models.TextField()))
                    rows = model._base_manager.all()
                    rows = rows if isinstance(field, EncryptedTextField) else rows.exclude(**{field.name: ""})
                    rows.update(**{field.name: value})
                return True
            except (DatabaseError, TypeError, ValueError):
                continue
    return False
