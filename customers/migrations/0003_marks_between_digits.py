"""Card numbers with points or strokes between their groups are seen, too.

Of what is kept already, A1-transaction names the newest; docs/operating.md says how to find the others, and what is to be done.
"""

from django.db import migrations

from customers.sql import HOLDS_A_CARD_NUMBER


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_key_mark")]
    operations = [migrations.RunSQL(HOLDS_A_CARD_NUMBER, migrations.RunSQL.noop)]
