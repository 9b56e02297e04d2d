"""The background worker: `python -m lumens_admin.serve.worker SUPERVISOR_PID`."""

import os
import sys

from lumens_admin.serve.parent import end_with
from lumens_admin.starting import kept_to_the_end

FINISH_JOBS_SECONDS = 3
# Many jobs only wait for another system, in threads of their own (access.push_system); one that hangs holds up no other.
# Plain jobs run in asyncio's threads, each with its own connection to the database: at most processors + 4 of them at once.
JOBS_AT_ONCE = 24


def main(supervisor_pid: int) -> None:
    end_with(supervisor_pid)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    import django
    from django.core.management import execute_from_command_line

    with kept_to_the_end():
        django.setup()
    options = [f"--concurrency={JOBS_AT_ONCE}", f"--shutdown-graceful-timeout={FINISH_JOBS_SECONDS}"]
    execute_from_command_line(["manage.py", "procrastinate", "worker", *options])


if __name__ == "__main__":
    main(int(sys.argv[1]))
