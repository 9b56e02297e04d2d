"""The rows of before are looked at, while people read and write on."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("privacy", "0008_promises_held")]
    operations = [ValidateConstraint(model_name="accessgrant", name="nobody_approves_what_they_asked_for")]
