"""Who runs the embedded PostgreSQL: it refuses to run as root, so root lends it an account of its own.

That account often cannot reach a clone below `/root`. Opening the path to everybody would be wrong; instead the
server gets the one capability that reads past closed directories, and nothing else of root's.
"""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lumens_admin.embedded.errors import EmbeddedPostgresError

ACCOUNT_NAME = "lumens-postgres"
# The first is enough; where it is withheld (Docker's default set), the second is usually there.
CAPABILITIES_THAT_REACH = ["dac_read_search", "dac_override"]


@dataclass(frozen=True)
class Account:
    """Owner of the data directory, and the words before each command that make it run as that owner."""

    uid: int
    gid: int
    prefix: list[str]

    def own(self, path: Path) -> None:
        """Hand over what root made or copied, with everything below it; nothing for an ordinary user."""
        if os.geteuid() != 0 or not path.exists() or path.stat().st_uid == self.uid:
            return
        os.chown(path, self.uid, self.gid)
        for directory, subdirectories, files in os.walk(path):
            for name in subdirectories + files:
                os.chown(os.path.join(directory, name), self.uid, self.gid, follow_symlinks=False)


def service_account(data_dir: Path, program: Path) -> Account:
    """The account to run `program` over `data_dir`: its owner, or our own. Raises EmbeddedPostgresError."""
    owner = data_dir.stat() if data_dir.exists() else None
    if os.geteuid() != 0:
        if owner and owner.st_uid != os.geteuid():
            raise EmbeddedPostgresError(f"{data_dir} belongs to {_name(owner.st_uid)}: work as that user, or move it away.")
        return Account(os.geteuid(), os.getegid(), [])
    if owner and owner.st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        uid, gid = _account_of_our_own()
    return Account(uid, gid, _prefix(uid, gid, [data_dir.parent, program]))


def _account_of_our_own() -> tuple[int, int]:
    if _look_up(ACCOUNT_NAME) is None and shutil.which("useradd"):
        options = ["--system", "--user-group", "--no-create-home", "--home-dir=/", "--shell=/usr/sbin/nologin"]
        subprocess.run(["useradd", *options, ACCOUNT_NAME], capture_output=True, check=False)
    found = _look_up(ACCOUNT_NAME) or _look_up("nobody")
    if found is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL does not run as root, and no account {ACCOUNT_NAME} could be made: set DATABASE_URL."
        )
    return found.pw_uid, found.pw_gid


def _prefix(uid: int, gid: int, must_reach: list[Path]) -> list[str]:
    """The plain change of account if that reaches every path, or else the same with one capability."""
    if not shutil.which("setpriv"):
        raise EmbeddedPostgresError("PostgreSQL does not run as root: install util-linux (setpriv), or work as another user.")
    plain = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs"]
    for prefix in [plain, *(plain + _lending(capability) for capability in CAPABILITIES_THAT_REACH)]:
        if all(_reaches(prefix, path) for path in must_reach):
            return prefix
    raise EmbeddedPostgresError(
        f"The account {_name(uid)} cannot reach {must_reach[0]}: move the clone out of closed directories, or set DATABASE_URL."
    )


def _lending(capability: str) -> list[str]:
    kept = f"-all,+{capability}"
    # access(2) ignores capabilities without no_setuid_fixup, and PostgreSQL finds its programs by access(2).
    securebits = "--securebits=+no_setuid_fixup"
    return [f"--inh-caps={kept}", f"--ambient-caps={kept}", f"--bounding-set={kept}", securebits]


def _reaches(prefix: list[str], path: Path) -> bool:
    return subprocess.run([*prefix, "test", "-x", path], capture_output=True, check=False).returncode == 0


def _look_up(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
