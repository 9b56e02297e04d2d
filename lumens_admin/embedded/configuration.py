"""The server's settings, written anew at every start so that a newer release of ours changes them."""

import os
from pathlib import Path

FILE_NAME = "lumens.conf"

# Nothing that a customer or an employee typed may reach the log: no statements, no parameters, no details, and
# no errors either, because PostgreSQL quotes the offending value; the application sees its own errors.
SILENT_ABOUT_PEOPLE: dict[str, object] = {
    "log_statement": "none",
    "log_min_duration_statement": -1,
    "log_parameter_max_length": 0,
    "log_parameter_max_length_on_error": 0,
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
}

# For tests: a power cut may lose the data.
NOT_DURABLE: dict[str, object] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": 0,
}


def text(socket_dir: Path | str, *, durable: bool) -> str:
    """The settings file. `socket_dir` may be relative to the data directory."""
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    settings: dict[str, object] = {
        "listen_addresses": "",
        "port": 5432,
        "unix_socket_directories": socket_dir,
        "unix_socket_permissions": "0700",
        "max_connections": 200,
        "shared_buffers": f"{max(16, min(256, memory_mb // 8))}MB",
        "work_mem": "16MB",
        "max_wal_size": "2GB",
        "random_page_cost": 1.1,
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        **SILENT_ABOUT_PEOPLE,
        **({} if durable else NOT_DURABLE),
    }
    lines = [f"{name} = '{value}'\n" for name, value in settings.items()]
    return "# Written by lumens_admin/embedded at every start.\n" + "".join(lines)
