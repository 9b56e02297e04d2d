"""No table changes: that there is something to migrate has `privacy.ledger.signals` do its work on a database of before."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_ledger_seals")]
    operations = []
