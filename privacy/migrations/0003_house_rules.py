"""Rules that no model can say: no groups, an act's record is final, a cache that every process shares."""

from django.db import migrations

# Statement E.1: access is assigned to specific individuals. Django's table of groups stays empty.
NO_GROUPS = """
ALTER TABLE auth_group ADD CONSTRAINT access_is_assigned_to_individuals_never_to_groups CHECK (false);
"""
GROUPS_AGAIN = """
ALTER TABLE auth_group DROP CONSTRAINT access_is_assigned_to_individuals_never_to_groups;
"""

# Who acted, by which verb and why is written once. The function that writes it runs as the schema's owner, so that the
# application's role needs no right to change it (ASVS 13.2.2, 16.4.2).
ACTS_ARE_FINAL = """
ALTER FUNCTION _pgh_attach_context() SECURITY DEFINER SET search_path = public, pg_temp;
CREATE OR REPLACE FUNCTION an_act_is_written_once() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
    RAISE EXCEPTION 'pgtrigger: the record of an act is not changed or deleted' USING ERRCODE = 'raise_exception';
END
$body$;
CREATE TRIGGER an_act_is_written_once BEFORE UPDATE OR DELETE ON pghistory_context
    FOR EACH ROW EXECUTE FUNCTION an_act_is_written_once();
"""
ACTS_CAN_CHANGE = """
DROP TRIGGER an_act_is_written_once ON pghistory_context;
DROP FUNCTION an_act_is_written_once();
ALTER FUNCTION _pgh_attach_context() SECURITY INVOKER RESET search_path;
"""

# Limits on tries count alike in every process (settings.CACHES).
SHARED_CACHE = """
CREATE TABLE IF NOT EXISTS shared_cache (
    cache_key varchar(255) NOT NULL PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX IF NOT EXISTS shared_cache_expires ON shared_cache (expires);
"""
NO_SHARED_CACHE = "DROP TABLE IF EXISTS shared_cache;"


class Migration(migrations.Migration):
    dependencies = [
        ("privacy", "0002_rooms"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.RunSQL(NO_GROUPS, GROUPS_AGAIN),
        migrations.RunSQL(ACTS_ARE_FINAL, ACTS_CAN_CHANGE),
        migrations.RunSQL(SHARED_CACHE, NO_SHARED_CACHE),
    ]
