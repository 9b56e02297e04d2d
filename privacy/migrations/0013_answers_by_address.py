from django.db import migrations, models

ANSWERED = "automatic AND evidence_message IS NOT NULL"


class Migration(migrations.Migration):
    """One report may opt out several people, and each is told: a message is answered once to each address, not once in all.

    Without a lock on the table: letters go out while the index is made. What is unique by message is so by message and address.
    """

    atomic = False

    dependencies = [
        ('privacy', '0012_what_ends_a_naming'),
    ]

    operations = [
        # What was interrupted left an index that is not valid, in the way of the next try.
        migrations.RunSQL(
            "DROP INDEX CONCURRENTLY IF EXISTS one_automatic_answer_per_message_and_address", migrations.RunSQL.noop
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "CREATE UNIQUE INDEX CONCURRENTLY one_automatic_answer_per_message_and_address"
                    f" ON privacy_letter (evidence_message, to_key) WHERE {ANSWERED}"
                )
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name='letter',
                    constraint=models.UniqueConstraint(
                        condition=models.Q(('automatic', True), ('evidence_message__isnull', False)),
                        fields=('evidence_message', 'to_key'),
                        name='one_automatic_answer_per_message_and_address',
                        violation_error_message='This message was answered already.',
                    ),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL("DROP INDEX CONCURRENTLY IF EXISTS one_automatic_answer_per_message")],
            state_operations=[migrations.RemoveConstraint(model_name='letter', name='one_automatic_answer_per_message')],
        ),
    ]
