from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Without a lock on the table: opt-outs are honoured while the indexes are made."""

    atomic = False

    dependencies = [
        ('privacy', '0010_keys_that_are_keys'),
    ]

    # What was interrupted left an index that is not valid, in the way of the next try.
    operations = [
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS optout_by_suppressed", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='optout',
            index=models.Index(fields=['suppressed_at'], name='optout_by_suppressed'),
        ),
        migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS optout_withdrawn", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name='optout',
            index=models.Index(
                condition=models.Q(('withdrawn_at__isnull', False)), fields=['withdrawn_at'], name='optout_withdrawn'
            ),
        ),
    ]
