"""The background worker: `python -m lumens_admin.serve.worker SUPERVISOR_PID`."""

import os
import sys

from lumens_admin.serve.parent import end_with

FINISH_JOBS_SECONDS = 3


def main(supervisor_pid: int) -> None:
    end_with(supervisor_pid)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lumens_admin.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "procrastinate", "worker", f"--shutdown-graceful-timeout={FINISH_JOBS_SECONDS}"])


if __name__ == "__main__":
    main(int(sys.argv[1]))
