"""Packs that somebody made to mislead, or to hurt, whoever checks them."""

import io
import json
import os
import subprocess
import sys
import zipfile

import pytest
from django.core.management import call_command

from privacy.access import policies
from privacy.access.gateways import signing
from tests.factories.processes import ROOT, environment_here

LARGE_MEGABYTES = 60


@pytest.fixture(scope="module")
def files():
    found = {"index.html": b"<p>Leo left.</p>", "evidence.json": b"{}", "files/task-1.pdf": b"%PDF-1.7"}
    return {**found, "public_key.pem": signing.public_pem()}


def packed(files, manifest, signature=b"x" * 64):
    return policies.zip_of({**files, "manifest.json": manifest, "manifest.sig": signature})


def listing(files, **one):
    """The manifest of these files, with one more in its list."""
    about = json.loads(policies.manifest_of(files, {"title": "Leo left"}))
    about["files"].append({"name": "files/more.pdf", "sha256": "0" * 64, "size": 1, **one})
    return json.dumps(about).encode()


def verify(path):
    """What a person at a terminal is shown, and how the command exits."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("verify_evidence", str(path), stdout=out, stderr=err)
        code = 0
    except SystemExit as exit_:
        code = exit_.code
    return code, out.getvalue() + err.getvalue()


@pytest.mark.parametrize(
    "one",
    [
        {"name": "\x1b[2J\nother.zip: good. 5 files, exactly as signed."},
        {"name": "\ud800"},
        {"name": "a" * 1_000_000},
        {"name": 7},
        {"name": "\u202egpj.exe"},
        {"size": float("inf")},
        {"size": "1"},
        {"size": True},
    ],
    ids=["escapes", "surrogate", "long", "number", "right to left", "infinite", "text", "true"],
)
def test_what_a_forged_manifest_says_is_not_repeated(files, one, tmp_path):
    file = tmp_path / "pack.zip"
    file.write_bytes(packed(files, listing(files, **one)))
    code, said = verify(file)
    assert code == 1
    assert "manifest.json was changed: it cannot be read, or is none of a pack." in said
    assert "good" not in said
    assert len(said) < 1000
    said.encode()
    assert all(character.isprintable() or character == "\n" for character in said)


@pytest.mark.parametrize(
    "manifest",
    [
        *(b"", b"[]", b"null", b"\xff", b'{"files": null}', b'{"files": [1]}'),
        *(b"[" * 100_000, b"[" + b"[]," * 200_000, b"[" + b"[]," * 4_000_000),
    ],
)
def test_a_manifest_that_is_none_is_said_so(files, manifest, tmp_path):
    file = tmp_path / "pack.zip"
    file.write_bytes(packed(files, manifest))
    code, said = verify(file)
    assert code == 1
    assert "manifest.json was changed" in said


def test_thousands_of_changes_are_counted_and_twenty_named(files, tmp_path):
    more = {f"files/{n}.txt": b"" for n in range(3000)}
    manifest = policies.manifest_of(files, {"title": "Leo left"})
    file = tmp_path / "pack.zip"
    file.write_bytes(packed({**files, **more}, manifest, signing.sign(manifest)))
    code, said = verify(file)
    assert code == 1
    assert said.count("was added.") == 20
    assert "2,980 more files are missing, changed or added." in said


def test_what_is_no_file_is_refused_instead_of_waited_for(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, "/dev/zero", tmp_path, tmp_path / "nothing here.zip"):
        code, said = verify(path)
        assert (code, said.count("\n")) == (2, 1)
    sparse = tmp_path / "sparse.zip"
    sparse.touch()
    os.truncate(sparse, 2**40)
    code, said = verify(sparse)
    assert code == 2
    assert "is larger than" in said


def test_every_cut_of_a_pack_is_refused(files, tmp_path):
    manifest = policies.manifest_of(files, {"title": "Leo left"})
    raw = packed(files, manifest, signing.sign(manifest))
    assert policies.check_pack(raw, trusted_pem=signing.public_pem()).is_good
    file = tmp_path / "pack.zip"
    for size in range(0, len(raw), 97):
        file.write_bytes(raw[:size])
        code, said = verify(file)
        assert (code, said.count("\n")) == (2, 1)


@pytest.mark.parametrize("swap", [("index.html", "evidence.json"), ("evidence.json", "files/task-1.pdf")])
def test_files_that_changed_their_places_are_noticed(files, swap, tmp_path):
    manifest = policies.manifest_of(files, {"title": "Leo left"})
    other = {"files/task-1.pdf" if name == "x" else name: content for name, content in files.items()}
    other[swap[0]], other[swap[1]] = files[swap[1]], files[swap[0]]
    file = tmp_path / "pack.zip"
    file.write_bytes(packed(other, manifest, signing.sign(manifest)))
    code, said = verify(file)
    assert code == 1
    assert all(f"{name} was changed." in said for name in swap)


def test_a_comment_and_another_order_are_noticed(files, tmp_path):
    manifest = policies.manifest_of(files, {"title": "Leo left"})
    raw = packed(files, manifest, signing.sign(manifest))
    file, buffer = tmp_path / "pack.zip", io.BytesIO(raw)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"good. exactly as signed"
    for changed in (buffer.getvalue(), raw + b"\x00", b"\x00" + raw):
        file.write_bytes(changed)
        code, said = verify(file)
        assert code == 1
        assert "the zip around them was written or changed" in said


@pytest.mark.slow(10)
def test_a_large_pack_is_held_in_memory_once(files, tmp_path):
    large = {**files, "files/large.pdf": os.urandom(2**20) * LARGE_MEGABYTES}
    manifest = policies.manifest_of(large, {"title": "Leo left"})
    file = tmp_path / "pack.zip"
    file.write_bytes(packed(large, manifest, signing.sign(manifest)))
    watched = (
        "import atexit, resource, runpy, sys\n"
        "atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr))\n"
        "sys.argv = ['manage.py', *sys.argv[1:]]\nrunpy.run_path('manage.py', run_name='__main__')"
    )
    megabytes = []
    for checked in (file, tmp_path / "none"):
        command = [sys.executable, "-c", watched, "verify_evidence", str(checked), "--fingerprint", "0" * 64]
        done = subprocess.run(command, cwd=ROOT, env=environment_here(), capture_output=True, text=True, timeout=60, check=False)
        megabytes.append(int(done.stderr.split()[-1]))
    assert megabytes[0] - megabytes[1] < 1.5 * LARGE_MEGABYTES, megabytes
