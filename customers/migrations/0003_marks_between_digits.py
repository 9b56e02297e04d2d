"""Card numbers with points or strokes between their groups are seen, too; what is kept already is looked through by A1-transaction."""

from django.db import migrations

from customers.sql import HOLDS_A_CARD_NUMBER


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_key_mark")]
    operations = [migrations.RunSQL(HOLDS_A_CARD_NUMBER, migrations.RunSQL.noop)]
