#!/usr/bin/env python
"""Commands for people at a terminal and for cron. `manage.py help` lists them."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    if sys.argv[1:2] == ["migrate"]:  # the schema is its owner's to change (docs/operating.md)
        os.environ.setdefault("LUMENS_AS_OWNER", "1")
    import django
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from lumens_admin.database import held_database
    from lumens_admin.embedded import EmbeddedPostgresError
    from lumens_admin.starting import kept_to_the_end

    try:
        with held_database():
            with kept_to_the_end():
                django.setup()
            execute_from_command_line(sys.argv)
    except (EmbeddedPostgresError, ImproperlyConfigured) as error:
        if "--traceback" in sys.argv:
            raise
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
