from django.db import migrations, models


class Migration(migrations.Migration):
    """Words only: nothing is asked of the database. Rows written before keep what was typed."""

    dependencies = [
        ('privacy', '0013_answers_by_address'),
    ]

    operations = [
        migrations.AlterField(
            model_name='deniedattempt',
            name='login',
            field=models.CharField(blank=True, help_text='as typed; its first letters, where nobody has it', max_length=150),
        ),
        migrations.AlterField(
            model_name='deniedattemptledgerevent',
            name='login',
            field=models.CharField(blank=True, help_text='as typed; its first letters, where nobody has it', max_length=150),
        ),
    ]
