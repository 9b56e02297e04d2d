"""One server over one data directory, shared by every process that holds it."""

import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from lumens_admin.embedded import configuration, processes
from lumens_admin.embedded.account import Account, service_account
from lumens_admin.embedded.binaries import binary, major
from lumens_admin.embedded.errors import DISK_IS_FULL, EmbeddedPostgresError

LONGEST_SOCKET_DIR_BYTES = 90  # a socket's address holds 107, and "/.s.PGSQL.5432" takes 14
LARGEST_LOG_BYTES = 10_000_000
START_SECONDS = 120
STOP_SECONDS = 20
ORPHAN_SECONDS = 2


class EmbeddedPostgres:
    """PostgreSQL over `data_dir`, which is made at the first start.

    `durable=False` is for tests: a power cut may lose the data, and everything is faster. Every method may
    raise EmbeddedPostgresError.
    """

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.durable = durable
        self.log = self.data_dir / "server.log"
        self._name = "lumens-" + hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:16]

    # --- what callers use -------------------------------------------------------------------------------

    @property
    def socket_dir(self) -> Path:
        """The data directory; or one in /tmp, where that path is too long or has characters libpq splits at."""
        path = os.fsencode(self.data_dir)
        if len(path) <= LONGEST_SOCKET_DIR_BYTES and re.fullmatch(rb"[A-Za-z0-9/._-]+", path):
            return self.data_dir
        return Path("/tmp") / self._name  # noqa: S108

    def dsn(self, user: str = "postgres", database: str = "postgres") -> str:
        """The URL of one of its databases, for libpq and django-environ; the same whether or not it runs."""
        return f"postgresql://{quote(user, safe='')}@:5432/{quote(database, safe='')}?host={self.socket_dir}"

    @contextmanager
    def hold(self) -> Iterator["EmbeddedPostgres"]:
        """Have the server running inside the block; the last of its holders, in any process, stops it.

        A holder is a shared lock on a file, so a killed process holds nothing.
        """
        with self._refusals():
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
            holders = self._beside("holders").open("a")
        with holders:
            with self._one_at_a_time():
                fcntl.flock(holders, fcntl.LOCK_SH)
                self._start()
            try:
                yield self
            finally:
                with self._one_at_a_time():
                    if _nobody_else_holds(holders.fileno()):
                        self._stop()

    def start(self) -> None:
        """Have the server running, and leave it running."""
        with self._refusals():
            self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            self._start()

    def runs(self) -> bool:
        """Whether it is there, accepting or about to."""
        return self._postmaster() is not None

    def stop(self) -> None:
        """Stop the server, whoever holds it. Nothing happens if it does not run."""
        with self._one_at_a_time():
            self._stop()

    # --- starting ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        if self._accepting():
            return
        self._end_orphans()
        self._account.own(self.data_dir)
        if not (self.data_dir / "PG_VERSION").exists():
            self._initialise()
        self._refuse_another_version()
        self._clear_stale_files()
        self._prepare_socket_dir()
        self._configure()
        self._run(
            binary("pg_ctl"),
            "start",
            "--wait",
            f"--timeout={START_SECONDS}",
            f"--pgdata={self.data_dir}",
            f"--log={self.log}",
            f"--options=-c cluster_name={self._name}",
        )

    def _initialise(self) -> None:
        """Make the data directory beside its place and rename it: an interrupted attempt leaves nothing there."""
        for left_over in self.data_dir.parent.glob(f"{self.data_dir.name}.partial-*"):
            shutil.rmtree(left_over, ignore_errors=True)
        if self.data_dir.exists() and any(self.data_dir.iterdir()):
            raise EmbeddedPostgresError(f"{self.data_dir} holds something else than a database: move it away.")
        prefix = f"{self.data_dir.name}.partial-"
        partial = Path(tempfile.mkdtemp(prefix=prefix, dir=self.data_dir.parent))
        try:
            self._account.own(partial)
            self._run(
                binary("initdb"),
                f"--pgdata={partial}",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C.UTF-8",
                # From 17 on PostgreSQL brings its own, which no upgrade of the operating system reorders.
                *(["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major() >= 17 else []),
                "--lc-messages=C",
                "--data-checksums",
                "--auth-local=trust",
                "--auth-host=reject",
                *([] if self.durable else ["--no-sync"]),
            )
            with (partial / "postgresql.conf").open("a") as settings:
                settings.write(f"include_if_exists '{configuration.FILE_NAME}'\n")
            partial.rename(self.data_dir)
        finally:
            shutil.rmtree(partial, ignore_errors=True)

    def _refuse_another_version(self) -> None:
        made_by = (self.data_dir / "PG_VERSION").read_text().strip()
        if made_by != str(major()):
            raise EmbeddedPostgresError(
                f"{self.data_dir} was made by PostgreSQL {made_by}, and this is {major()}: "
                f"dump it with {made_by} and restore it here, or move it away to start empty."
            )

    def _clear_stale_files(self) -> None:
        """Remove a killed server's pid files: PostgreSQL would take any process with that number for itself."""
        for path in (self.data_dir / "postmaster.pid", self.socket_dir / ".s.PGSQL.5432.lock"):
            path.unlink(missing_ok=True)

    def _prepare_socket_dir(self) -> None:
        path = self.socket_dir
        if path == self.data_dir:
            return
        path.mkdir(mode=0o700, exist_ok=True)
        if not path.is_symlink() and path.stat().st_uid == os.geteuid():
            self._account.own(path)
        found = path.lstat()
        if path.is_symlink() or found.st_uid != self._account.uid or found.st_mode & 0o077:
            raise EmbeddedPostgresError(f"The database's socket belongs in {path}, which somebody else made.")

    def _configure(self) -> None:
        # Relative to the data directory it needs no quoting, however that is called.
        socket_dir = "." if self.socket_dir == self.data_dir else self.socket_dir
        path = self.data_dir / configuration.FILE_NAME
        path.write_text(configuration.text(socket_dir, durable=self.durable))
        self._account.own(path)
        if self.log.exists() and self.log.stat().st_size > LARGEST_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _run(self, *command: str | Path) -> None:
        """Run one of PostgreSQL's programs as the account that owns the data."""
        ours = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        already_logged = self.log.stat().st_size if self.log.exists() else 0
        done = subprocess.run(
            [*self._account.prefix, *command],
            cwd="/",
            env=ours | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode == 0:
            return
        said = done.stdout
        if self.log.exists():
            said += self.log.read_bytes()[already_logged:].decode(errors="replace")
        if DISK_IS_FULL.search(said):
            raise EmbeddedPostgresError(f"The disk is full: no room for the database in {self.data_dir}.")
        why = [line for line in said.splitlines() if re.search(r"\b(error|FATAL|PANIC):", line)]
        reason = re.split(r"\b(?:error|FATAL|PANIC): +", why[-1])[-1] if why else "it did not say why"
        raise EmbeddedPostgresError(f"PostgreSQL did not start: {reason} (log: {self.log})")

    # --- stopping ---------------------------------------------------------------------------------------

    def _stop(self) -> None:
        postmaster = self._postmaster()
        if postmaster is None:
            return
        for how, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, ORPHAN_SECONDS)):
            processes.send([postmaster], how)
            if processes.until(lambda: not self._processes(), seconds):
                return
        self._end_orphans()

    def _end_orphans(self) -> None:
        """After a kill -9 of the postmaster its children leave by themselves, most of the time."""
        if not processes.until(lambda: not self._processes(), ORPHAN_SECONDS):
            processes.send(self._processes(), signal.SIGKILL)
            processes.until(lambda: not self._processes(), ORPHAN_SECONDS)

    # --- what runs --------------------------------------------------------------------------------------

    def _accepting(self) -> bool:
        """Whether our server runs; one that is just starting or stopping is waited for."""

        def is_settled() -> bool:
            return self._postmaster() is None or self._pid_file()[-1:] == ["ready"]

        return processes.until(is_settled, START_SECONDS) and self._postmaster() is not None

    def _postmaster(self) -> int | None:
        """The pid in postmaster.pid, if that process is our server."""
        first = self._pid_file()[:1]
        pid = int(first[0]) if first and first[0].isdecimal() else None
        return pid if pid in self._processes() else None

    def _pid_file(self) -> list[str]:
        try:
            return (self.data_dir / "postmaster.pid").read_text(errors="replace").split()
        except FileNotFoundError:
            return []

    def _processes(self) -> list[int]:
        return processes.of_server(self.data_dir, self._name)

    # --- small parts ------------------------------------------------------------------------------------

    @cached_property
    def _account(self) -> Account:
        return service_account(self.data_dir, binary("postgres"))

    def _beside(self, name: str) -> Path:
        return self.data_dir.with_name(f"{self.data_dir.name}.{name}")

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with self._refusals(), self._beside("lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Turn what the operating system refuses into one line for a person."""
        try:
            yield
        except OSError as error:
            raise EmbeddedPostgresError(f"No database in {self.data_dir}: {error.strerror or error}.") from error


def _nobody_else_holds(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
