"""From a fresh clone to a running program: `python3 lumens_admin/bootstrap.py run|test|bench|setup|format`.

Called by the Makefile with whatever `python3` is, so: standard library only, and syntax that an old Python can read as
far as the line that says it is too old.
"""

# ruff: noqa: S606, UP031
# Its syntax stays that of an old Python, and it becomes the program it has set up.

import hashlib
import os
import shutil
import subprocess
import sys
from typing import IO

if sys.path and os.path.abspath(sys.path[0]) == os.path.dirname(os.path.abspath(__file__)):
    del sys.path[0]  # or a module of ours could stand before one of the standard library

BASE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(BASE, ".venv")
VENV_PYTHON = os.path.join(VENV, "bin", "python")
HALF = os.path.join(VENV, ".lumens-half")
LOG = os.path.join(BASE, "var", "log", "setup.log")
OLDEST = (3, 11)
NEWER_NAMES = ["python3.13", "python3.12", "python3.11", "python3.14"]
REQUIREMENTS = {
    "run": ["requirements.txt"],
    "test": ["requirements.txt", os.path.join("tests", "requirements.txt")],
}
# For each target: what must be installed, and what then takes this process's place.
TARGETS = {
    "run": ("run", ["-m", "lumens_admin.serve"]),
    "test": ("test", ["-m", "lumens_admin.check"]),
    "bench": ("test", ["-m", "bench"]),
    "format": ("test", ["-m", "lumens_admin.check", "--format"]),
    "setup": ("test", None),
}


class Refusal(Exception):
    """Set-up cannot go on. The message is one line for a person."""


def main() -> None:
    target = sys.argv[1] if len(sys.argv) == 2 else ""
    if target not in TARGETS:
        raise Refusal("Use: python3 lumens_admin/bootstrap.py " + "|".join(TARGETS))
    if sys.version_info < OLDEST:
        become_a_newer_python(target)
    os.chdir(BASE)
    end_with_the_caller()
    group, command = TARGETS[target]
    set_up(group)
    if command is None:
        say("Set up in .venv.")
        return
    # Many containers set it. The house is many processes: each would compile all of it again, a quarter of a second each time.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.execv(VENV_PYTHON, [VENV_PYTHON, *command])


def become_a_newer_python(target: str) -> None:
    """Start again under a Python that is new enough. A name on the PATH may be a shim that starts nothing: each is tried."""
    question = "import sys; sys.exit(sys.version_info < %r)" % (OLDEST,)
    for name in NEWER_NAMES:
        path = shutil.which(name)
        if path and subprocess.call([path, "-c", question], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0:
            os.execv(path, [path, os.path.abspath(__file__), target])
    raise Refusal("Lumens Admin needs Python 3.11 or later; this is %d.%d, and the PATH has no newer one." % sys.version_info[:2])


def end_with_the_caller() -> None:
    """Have Linux end this process, and what it becomes, when `make` is killed: nothing may be left to stop the next start."""
    if sys.platform == "linux":
        import ctypes
        import signal

        caller = os.getppid()
        ctypes.CDLL(None).prctl(1, int(signal.SIGTERM), 0, 0, 0)  # 1: PR_SET_PDEATHSIG
        if os.getppid() != caller:
            sys.exit(1)


# --- the virtual environment ------------------------------------------------------------------------


def set_up(group: str) -> None:
    """Make `.venv` hold exactly what `group` needs. Does nothing, in a few milliseconds, when it already does."""
    if is_stamped(group):
        return
    os.makedirs(os.path.dirname(LOG), exist_ok=True)
    lock = wait_for_turn()
    try:
        if is_stamped(group):  # somebody else did it while we waited
            return
        if not venv_is_usable():
            make_venv()
        install(group, lock)
    finally:
        lock.close()


def is_stamped(group: str) -> bool:
    try:
        with open(stamp_path(group)) as file:
            return file.read() == fingerprint(group)
    except OSError:
        return False


def stamp_path(group: str) -> str:
    return os.path.join(VENV, ".lumens-" + group)


def fingerprint(group: str) -> str:
    """What an installation depends on: the requirements, the Python behind `.venv`, and the place (its scripts name it)."""
    python = os.path.realpath(VENV_PYTHON)
    found = os.stat(python)
    digest = hashlib.sha256(repr((BASE, python, found.st_size, found.st_mtime)).encode())
    for name in REQUIREMENTS[group]:
        with open(os.path.join(BASE, name), "rb") as file:
            digest.update(file.read())
    return digest.hexdigest()


def wait_for_turn() -> IO[str]:
    """Two set-ups at once would write over each other. pip inherits this lock, so a killed set-up's pip is waited for too."""
    import fcntl

    lock = open(os.path.join(BASE, "var", "setup.lock"), "a")  # noqa: SIM115
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        say("Another set-up of this clone is at work; waiting for it.")
        fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def venv_is_usable() -> bool:
    """Whether `.venv` was made here to its end and works, with whichever Python it was made."""
    try:
        with open(os.path.join(VENV, ".lumens-venv")) as file:
            made_here = file.read() == BASE
    except OSError:
        return False
    question = "import sys, pip; sys.exit(sys.version_info < %r)" % (OLDEST,)
    return made_here and os.path.exists(VENV_PYTHON) and not os.path.exists(HALF) and logged([VENV_PYTHON, "-c", question]) == 0


def make_venv() -> None:
    say("Making .venv with Python %d.%d." % sys.version_info[:2])
    if not has_ensurepip():
        install_ensurepip()
    shutil.rmtree(VENV, ignore_errors=True)
    if logged([base_python(), "-m", "venv", VENV]) != 0:
        raise Refusal(reason("The virtual environment could not be made"))
    with open(os.path.join(VENV, ".lumens-venv"), "w") as file:
        file.write(BASE)


def base_python() -> str:
    """This Python outside of any virtual environment, so that `.venv` never stands on itself."""
    return getattr(sys, "_base_executable", None) or sys.executable


def has_ensurepip() -> bool:
    return subprocess.call([base_python(), "-c", "import venv, ensurepip"], stderr=subprocess.DEVNULL) == 0


def install_ensurepip() -> None:
    """Debian keeps `ensurepip` in a package of its own."""
    package = "python%d.%d-venv" % sys.version_info[:2]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Refusal("This Python cannot make virtual environments: install %s (apt-get install %s)." % (package, package))
    say("Installing %s." % package)
    logged(["apt-get", "update"])
    if logged(["apt-get", "install", "-y", package]) != 0 or not has_ensurepip():
        raise Refusal(reason("%s could not be installed" % package))


def install(group: str, lock: IO[str]) -> None:
    for name in REQUIREMENTS:
        if os.path.exists(stamp_path(name)):
            os.remove(stamp_path(name))
    say("Installing what %s needs; the first time takes up to a minute." % ("the program" if group == "run" else "development"))
    with open(HALF, "w") as file:
        file.write("A set-up that is at work, or was killed: then all of this is made anew.\n")
    if not install_with_uv(required(group), lock) and not install_with_pip(required(group), lock):
        raise Refusal(reason("The requirements could not be installed"))
    os.remove(HALF)
    for name in REQUIREMENTS if group == "test" else [group]:
        with open(stamp_path(name), "w") as file:
            file.write(fingerprint(name))


def required(group: str) -> list:
    return [word for name in REQUIREMENTS[group] for word in ("--requirement", name)]


def install_with_uv(what: list, lock: IO[str]) -> bool:
    """Install in seconds what takes pip most of a minute. False where uv cannot and pip may: a machine for which there is no uv,
    an index that only pip knows. Nothing is compiled beforehand: Python keeps what it compiles when it first imports it.
    """
    with open("requirements.txt") as file:
        uv = next(line.strip() for line in file if line.startswith("uv=="))
    index = os.environ.get("PIP_INDEX_URL") or said_by([VENV_PYTHON, "-m", "pip", "config", "get", "global.index-url"])
    settings = {"UV_SYSTEM_CERTS": "true", "UV_HTTP_RETRIES": "2", "UV_HTTP_TIMEOUT": "20", "UV_NO_PROGRESS": "true"}
    if index:
        settings["UV_DEFAULT_INDEX"] = index
    command = [os.path.join(VENV, "bin", "uv"), "pip", "install", "--no-config", "--python", VENV_PYTHON, *what]
    installed = install_with_pip(["--only-binary", ":all:", uv], lock) and logged(command, lock, settings) == 0
    if not installed and known_cause():  # pip would only wait for it once more
        raise Refusal(reason("The requirements could not be installed"))
    return installed


def install_with_pip(what: list, lock: IO[str]) -> bool:
    command = [VENV_PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--no-compile"]
    return logged([*command, "--retries", "2", "--timeout", "20", *what], lock) == 0


# --- saying what happens ----------------------------------------------------------------------------


def logged(command: list, lock: "IO[str] | None" = None, settings: "dict[str, str] | None" = None) -> int:
    """Run a command with its output in the log; it holds `lock` for as long as it lives. Returns its exit status."""
    with open(LOG, "a") as log:
        log.write("\n$ %s\n" % " ".join(command))
        log.flush()
        environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8", **(settings or {}))
        held = (lock.fileno(),) if lock else ()
        return subprocess.call(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, pass_fds=held)


def said_by(command: list) -> str:
    """What a command prints, without its last line's end; nothing where it fails."""
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False).stdout.strip()


def last_words() -> str:
    """What the last command wrote into the log."""
    with open(LOG, errors="replace") as log:
        return log.read().rpartition("\n$ ")[2]


def known_cause() -> str:
    """Why the last command failed, where that is the machine's doing; else nothing."""
    said = last_words()
    if "No space left on device" in said:
        return "the disk is full"
    unreachable = (
        "NewConnectionError",
        "Temporary failure",
        "Network is unreachable",
        "ConnectTimeout",
        "ProxyError",
        "client error (Connect)",  # uv; an answer that refuses (401, 404) is "client error", too, and pip may know better
    )
    return "the package index cannot be reached (no network?)" if any(sign in said for sign in unreachable) else ""


def reason(what: str) -> str:
    """`what` failed: one line with the likely reason from the last command's output, and where to read on."""
    errors = (line for line in reversed(last_words().splitlines()) if line.lower().startswith(("error", "e: ")))
    why = known_cause() or next(errors, "see the log")
    return "%s: %s. Log: %s" % (what, why.rstrip("."), os.path.relpath(LOG, BASE))


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main()
    except Refusal as refusal:
        sys.exit("%s" % refusal)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        import errno

        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        sys.exit("Set-up stopped: the disk is full." if full else "Set-up stopped: %s." % error)
