"""A passkey holds a key. What was kept as one without (`credential: false`) proved nothing, and goes; its holder sets one up anew."""

from django.db import migrations

NO_KEYS = """
DELETE FROM mfa_authenticator WHERE type = 'webauthn' AND jsonb_typeof(data->'credential') IS DISTINCT FROM 'object';
ALTER TABLE mfa_authenticator ADD CONSTRAINT a_passkey_holds_a_key
    CHECK (type <> 'webauthn' OR jsonb_typeof(data->'credential') IS NOT DISTINCT FROM 'object');
"""
AGAIN = "ALTER TABLE mfa_authenticator DROP CONSTRAINT a_passkey_holds_a_key;"


class Migration(migrations.Migration):
    dependencies = [("privacy", "0009_looked_at"), ("mfa", "0003_authenticator_type_uniq")]
    operations = [migrations.RunSQL(NO_KEYS, AGAIN)]
