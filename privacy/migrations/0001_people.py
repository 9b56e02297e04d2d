import customers.migrating
import django.db.models.deletion
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        customers.migrating.Together(
            operations=[
                migrations.CreateModel(
                    name='Department',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(unique=True)),
                        ('name', models.CharField(max_length=200)),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='JobFunction',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('code', models.SlugField(unique=True)),
                        ('name', models.CharField(max_length=200)),
                    ],
                    options={
                        'ordering': ['name'],
                    },
                ),
                migrations.CreateModel(
                    name='Employee',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('password', models.CharField(max_length=128, verbose_name='password')),
                        ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                        ('login', models.CharField(max_length=150)),
                        ('name', models.CharField(max_length=200)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('worker_type', models.CharField(choices=[('employee', 'employee'), ('contractor', 'contractor')], default='employee', max_length=20)),
                        ('job_function', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='employees', to='privacy.jobfunction')),
                        ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='employees', to='privacy.department')),
                        ('manager', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to=settings.AUTH_USER_MODEL)),
                        ('starts_on', models.DateField()),
                        ('ends_on', models.DateField(blank=True, null=True)),
                        ('left_at', models.DateTimeField(blank=True, null=True)),
                        ('session_epoch', models.PositiveIntegerField(default=0)),
                        ('password_rule', models.PositiveSmallIntegerField(help_text='shortest password (characters) that was accepted when this one was set; empty while none is set', null=True)),
                    ],
                    options={
                        'ordering': ['name', 'pk'],
                        'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('login'), name='one_employee_per_login', violation_error_message='This login is taken.'), models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='employment_ends_after_it_starts', violation_error_message='Employment cannot end before it starts.'), models.CheckConstraint(condition=models.Q(('manager__isnull', True), models.Q(('manager', models.F('pk')), _negated=True), _connector='OR'), name='nobody_is_their_own_manager', violation_error_message='Nobody is their own manager.')],
                    },
                ),
                migrations.CreateModel(
                    name='EmploymentEvent',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('employee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='employment_events', to=settings.AUTH_USER_MODEL)),
                        ('kind', models.CharField(choices=[('joined', 'joined'), ('changed_function', 'changed function'), ('left', 'left'), ('returned', 'came back')], max_length=20)),
                        ('known_at', models.DateTimeField()),
                        ('effective_at', models.DateTimeField()),
                        ('source', models.CharField(help_text='the door it came through: roster, page, command', max_length=40)),
                        ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='told_events', to=settings.AUTH_USER_MODEL)),
                        ('note', models.TextField(blank=True)),
                    ],
                    options={
                        'ordering': ['-known_at', '-pk'],
                        'indexes': [models.Index(fields=['employee', '-known_at'], name='employment_event_by_person')],
                    },
                ),
                migrations.CreateModel(
                    name='DepartmentLedgerevent',
                    fields=[
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='ledger_events', to='privacy.department')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('code', models.SlugField(db_index=False)),
                        ('name', models.CharField(max_length=200)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='EmployeeLedgerevent',
                    fields=[
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='ledger_events', to=settings.AUTH_USER_MODEL)),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('login', models.CharField(max_length=150)),
                        ('name', models.CharField(max_length=200)),
                        ('email', models.EmailField(blank=True, max_length=254)),
                        ('worker_type', models.CharField(choices=[('employee', 'employee'), ('contractor', 'contractor')], default='employee', max_length=20)),
                        ('job_function', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='privacy.jobfunction')),
                        ('department', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='privacy.department')),
                        ('manager', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('starts_on', models.DateField()),
                        ('ends_on', models.DateField(blank=True, null=True)),
                        ('left_at', models.DateTimeField(blank=True, null=True)),
                        ('session_epoch', models.PositiveIntegerField(default=0)),
                        ('password_rule', models.PositiveSmallIntegerField(help_text='shortest password (characters) that was accepted when this one was set; empty while none is set', null=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='EmploymentEventLedgerevent',
                    fields=[
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='ledger_events', to='privacy.employmentevent')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('kind', models.CharField(choices=[('joined', 'joined'), ('changed_function', 'changed function'), ('left', 'left'), ('returned', 'came back')], max_length=20)),
                        ('known_at', models.DateTimeField()),
                        ('effective_at', models.DateTimeField()),
                        ('source', models.CharField(help_text='the door it came through: roster, page, command', max_length=40)),
                        ('by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('note', models.TextField(blank=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='JobFunctionLedgerevent',
                    fields=[
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='ledger_events', to='privacy.jobfunction')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('code', models.SlugField(db_index=False)),
                        ('name', models.CharField(max_length=200)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                migrations.CreateModel(
                    name='Notice',
                    fields=[
                        ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                        ('employee', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
                        ('key', models.CharField(max_length=200)),
                        ('subject', models.CharField(max_length=200)),
                        ('body', models.TextField()),
                        ('link', models.CharField(blank=True, help_text='path of the page where it is dealt with', max_length=300)),
                        ('made_at', models.DateTimeField()),
                        ('send_at', models.DateTimeField()),
                        ('sending_at', models.DateTimeField(null=True)),
                        ('sent_at', models.DateTimeField(null=True)),
                        ('dropped_at', models.DateTimeField(null=True)),
                        ('failure', models.TextField(blank=True)),
                    ],
                    options={
                        'ordering': ['-made_at', '-pk'],
                        'indexes': [models.Index(condition=models.Q(('dropped_at__isnull', True), ('sent_at__isnull', True)), fields=['send_at'], name='notice_to_be_sent')],
                        'constraints': [models.UniqueConstraint(fields=('employee', 'key'), name='a_person_is_told_once', violation_error_message='This person was told that already.')],
                    },
                ),
                migrations.CreateModel(
                    name='NoticeLedgerevent',
                    fields=[
                        ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                        ('pgh_label', models.TextField(help_text='The event label.')),
                        ('pgh_id', models.BigAutoField(primary_key=True, serialize=False)),
                        ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='ledger_events', to='privacy.notice')),
                        ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                        ('id', models.BigIntegerField()),
                        ('employee', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL)),
                        ('key', models.CharField(max_length=200)),
                        ('subject', models.CharField(max_length=200)),
                        ('body', models.TextField()),
                        ('link', models.CharField(blank=True, help_text='path of the page where it is dealt with', max_length=300)),
                        ('made_at', models.DateTimeField()),
                        ('send_at', models.DateTimeField()),
                        ('sending_at', models.DateTimeField(null=True)),
                        ('sent_at', models.DateTimeField(null=True)),
                        ('dropped_at', models.DateTimeField(null=True)),
                        ('failure', models.TextField(blank=True)),
                    ],
                    options={
                        'abstract': False,
                    },
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='department',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_departmentledgerevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bacd7dd93df8d39952381fd7b27e586a1a77cce7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_526b4', referencing='REFERENCING NEW TABLE AS new_values ', table='privacy_department', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='department',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_departmentledgerevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='08225214b7d5219e4b251ab926b02664ec0be57f', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_16a4e', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='privacy_department', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='department',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_departmentledgerevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c0e86fc343654176b44e157ab38a4b84d9dafd97', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_68f66', referencing='REFERENCING OLD TABLE AS old_values ', table='privacy_department', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='jobfunction',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_jobfunctionledgerevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ab56d2f166034595ad0b319bc07aa7490964b748', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c4099', referencing='REFERENCING NEW TABLE AS new_values ', table='privacy_jobfunction', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='jobfunction',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_jobfunctionledgerevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='febcc56457c83c9b5838ca75f0fa9ee9ea5f9246', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_a0da4', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='privacy_jobfunction', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='jobfunction',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_jobfunctionledgerevent" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b1025b284924fc34dee01f71e79968d5f642d8db', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_0c8cd', referencing='REFERENCING OLD TABLE AS old_values ', table='privacy_jobfunction', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='departmentledgerevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9398b98222cb0275ea516d030db52f611f7283a6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_da71a', table='privacy_departmentledgerevent', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employmentevent',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_employmenteventledgerevent" ("by_id", "effective_at", "employee_id", "id", "kind", "known_at", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") SELECT new_values."by_id", new_values."effective_at", new_values."employee_id", new_values."id", new_values."kind", new_values."known_at", new_values."note", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."source" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0cc34eb5ba9ba8815ec17870216efba12368e200', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1e801', referencing='REFERENCING NEW TABLE AS new_values ', table='privacy_employmentevent', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employmentevent',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_employmenteventledgerevent" ("by_id", "effective_at", "employee_id", "id", "kind", "known_at", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") SELECT new_values."by_id", new_values."effective_at", new_values."employee_id", new_values."id", new_values."kind", new_values."known_at", new_values."note", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."source" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='19e447bfd5e29ef8021e22339cd4df8b5dc74580', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_670ea', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='privacy_employmentevent', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employmentevent',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_employmenteventledgerevent" ("by_id", "effective_at", "employee_id", "id", "kind", "known_at", "note", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source") SELECT old_values."by_id", old_values."effective_at", old_values."employee_id", old_values."id", old_values."kind", old_values."known_at", old_values."note", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."source" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='44ee88dd90375256ed0633b10bc5c8fa50f5e125', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e268f', referencing='REFERENCING OLD TABLE AS old_values ', table='privacy_employmentevent', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employmenteventledgerevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c600f4c85ec75187077b4b74335cb4f04959ca21', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b8a3b', table='privacy_employmenteventledgerevent', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employeeledgerevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='c8e064701e45ee3242ea420c7dfb92ce3830744c', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_33100', table='privacy_employeeledgerevent', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employee',
                    trigger=pgtrigger.compiler.Trigger(name='end_of_access_ends_sessions', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."left_at" IS DISTINCT FROM (NEW."left_at") OR OLD."ends_on" IS DISTINCT FROM (NEW."ends_on") OR OLD."worker_type" IS DISTINCT FROM (NEW."worker_type"))', func='NEW.session_epoch = GREATEST(NEW.session_epoch, OLD.session_epoch) + 1; RETURN NEW;', hash='7f0e5fc1cea51b61b85f4e5c854a34438d3bf0b4', operation='UPDATE', pgid='pgtrigger_end_of_access_ends_sessions_4a906', table='privacy_employee', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employee',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_employeeledgerevent" ("department_id", "email", "ends_on", "id", "job_function_id", "left_at", "login", "manager_id", "name", "password_rule", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "session_epoch", "starts_on", "worker_type") SELECT new_values."department_id", new_values."email", new_values."ends_on", new_values."id", new_values."job_function_id", new_values."left_at", new_values."login", new_values."manager_id", new_values."name", new_values."password_rule", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."session_epoch", new_values."starts_on", new_values."worker_type" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f6a09a775771a6f053b80d40a9cf5a6158a86a99', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1702d', referencing='REFERENCING NEW TABLE AS new_values ', table='privacy_employee', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employee',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_employeeledgerevent" ("department_id", "email", "ends_on", "id", "job_function_id", "left_at", "login", "manager_id", "name", "password_rule", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "session_epoch", "starts_on", "worker_type") SELECT new_values."department_id", new_values."email", new_values."ends_on", new_values."id", new_values."job_function_id", new_values."left_at", new_values."login", new_values."manager_id", new_values."name", new_values."password_rule", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."session_epoch", new_values."starts_on", new_values."worker_type" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."department_id" IS DISTINCT FROM (new_values."department_id") OR old_values."email" IS DISTINCT FROM (new_values."email") OR old_values."ends_on" IS DISTINCT FROM (new_values."ends_on") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."job_function_id" IS DISTINCT FROM (new_values."job_function_id") OR old_values."left_at" IS DISTINCT FROM (new_values."left_at") OR old_values."login" IS DISTINCT FROM (new_values."login") OR old_values."manager_id" IS DISTINCT FROM (new_values."manager_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."password_rule" IS DISTINCT FROM (new_values."password_rule") OR old_values."session_epoch" IS DISTINCT FROM (new_values."session_epoch") OR old_values."starts_on" IS DISTINCT FROM (new_values."starts_on") OR old_values."worker_type" IS DISTINCT FROM (new_values."worker_type")) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='184d47d48d988d11da911f19e0ef845abee7dfb5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_1a531', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='privacy_employee', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='employee',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_employeeledgerevent" ("department_id", "email", "ends_on", "id", "job_function_id", "left_at", "login", "manager_id", "name", "password_rule", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "session_epoch", "starts_on", "worker_type") SELECT old_values."department_id", old_values."email", old_values."ends_on", old_values."id", old_values."job_function_id", old_values."left_at", old_values."login", old_values."manager_id", old_values."name", old_values."password_rule", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."session_epoch", old_values."starts_on", old_values."worker_type" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='a90ae2943cb7cbd4992e6f31611894ff75cfbfb8', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3b527', referencing='REFERENCING OLD TABLE AS old_values ', table='privacy_employee', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='jobfunctionledgerevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='bce110e8cf351e6aa37efc117d70049658c0954b', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_c48ba', table='privacy_jobfunctionledgerevent', when='BEFORE')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_noticeledgerevent" ("body", "dropped_at", "employee_id", "failure", "id", "key", "link", "made_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "send_at", "sending_at", "sent_at", "subject") SELECT new_values."body", new_values."dropped_at", new_values."employee_id", new_values."failure", new_values."id", new_values."key", new_values."link", new_values."made_at", _pgh_attached_context.value, clock_timestamp(), \'insert\', new_values."id", new_values."send_at", new_values."sending_at", new_values."sent_at", new_values."subject" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='118c874e2be652b8cfcac0b18da6926dfab50ae8', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_198c8', referencing='REFERENCING NEW TABLE AS new_values ', table='privacy_notice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_noticeledgerevent" ("body", "dropped_at", "employee_id", "failure", "id", "key", "link", "made_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "send_at", "sending_at", "sent_at", "subject") SELECT new_values."body", new_values."dropped_at", new_values."employee_id", new_values."failure", new_values."id", new_values."key", new_values."link", new_values."made_at", _pgh_attached_context.value, clock_timestamp(), \'update\', new_values."id", new_values."send_at", new_values."sending_at", new_values."sent_at", new_values."subject" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='bb62e8cb1174e9da48c357ab18958f7a5c392ce5', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_update_update_6c091', referencing='REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ', table='privacy_notice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='notice',
                    trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "privacy_noticeledgerevent" ("body", "dropped_at", "employee_id", "failure", "id", "key", "link", "made_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "send_at", "sending_at", "sent_at", "subject") SELECT old_values."body", old_values."dropped_at", old_values."employee_id", old_values."failure", old_values."id", old_values."key", old_values."link", old_values."made_at", _pgh_attached_context.value, clock_timestamp(), \'delete\', old_values."id", old_values."send_at", old_values."sending_at", old_values."sent_at", old_values."subject" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4d2fd268b446e8913789d96e03b9c8f9f8382bc7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_79c67', referencing='REFERENCING OLD TABLE AS old_values ', table='privacy_notice', when='AFTER')),
                ),
                pgtrigger.migrations.AddTrigger(
                    model_name='noticeledgerevent',
                    trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='0ccdba4666a4f19812864dccea4fc629442c2631', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5dd13', table='privacy_noticeledgerevent', when='BEFORE')),
                ),
            ],
        ),
    ]
