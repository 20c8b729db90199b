"""Front-end files: exact npm packages; only what the pages use is copied to static/vendor."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

from bansos.launcher.console import Stopped, say

# Source inside node_modules -> name inside static/vendor.
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap.min.css",
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    **{
        f"@fontsource/noto-sans/files/noto-sans-{script}-{weight}-{style}.woff2": (
            f"fonts/noto-sans-{script}-{weight}-{style}.woff2"
        )
        for script in ("latin", "latin-ext")
        for weight, style in ((400, "normal"), (400, "italic"), (600, "normal"), (700, "normal"))
    },
}
ICONS = "@tabler/icons/icons/outline"
SPRITE_HEAD = '<svg xmlns="http://www.w3.org/2000/svg">'
SYMBOL = (
    '<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
)
# Minified files end in a pointer to a source map that we do not ship; Django's manifest
# storage would look for it and fail.
SOURCE_MAP = re.compile(rb"\n?(//|/\*)# sourceMappingURL=[^\n]*")


# What stands behind the lock's digest in the stamp when the tests' packages are there too.
FOR_TESTS = " +dev"


def is_current(root: Path, *, tests: bool) -> bool:
    """True when node_modules holds what the lock names; the tests' packages only if asked for."""
    stamp = root / "node_modules" / ".bansos-stamp"
    if not stamp.exists():
        return False
    digest, more, _ = stamp.read_text().partition(FOR_TESTS)
    return digest == _lock_digest(root) and bool(more or not tests)


def install(root: Path, npm: list[str], env: dict[str, str], *, tests: bool) -> None:
    """Fills node_modules from the lock. Refuses (Stopped) when npm fails.

    npm, env: the command that runs npm on this machine and its environment.
    tests: with the packages that only the tests need.
    """
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command += [] if tests else ["--omit=dev"]
    if subprocess.run(command, cwd=root, env=env, check=False).returncode:
        raise Stopped("npm ci gagal. Periksa jaringan, lalu jalankan perintah yang sama lagi.")
    stamp = _lock_digest(root) + (FOR_TESTS if tests else "")
    (root / "node_modules" / ".bansos-stamp").write_text(stamp)


def copy_vendor(root: Path) -> bool:
    """Copies the files the pages use and builds the icon sprite; True when anything was stale."""
    modules, vendor = root / "node_modules", root / "static" / "vendor"
    sources = [root / "package-lock.json", root / "static" / "icons.txt", Path(__file__)]
    digest, stamp = _digest(sources), vendor / ".stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return False
    for source, target in FILES.items():
        path = vendor / target
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in {".js", ".css"}:
            _write(path, SOURCE_MAP.sub(b"", (modules / source).read_bytes()))
        else:
            shutil.copyfile(modules / source, path)
    _write(vendor / "icons.svg", sprite(root).encode())
    _drop_others(vendor, {*FILES.values(), "icons.svg"})
    stamp.write_text(digest)
    return True


def _drop_others(vendor: Path, wanted: set[str]) -> None:
    """What an older version copied and no page uses any more goes."""
    for path in vendor.rglob("*"):
        if path.is_file() and str(path.relative_to(vendor)) not in wanted:
            path.unlink()


def sprite(root: Path) -> str:
    """One SVG with a <symbol> per name in static/icons.txt (Tabler, MIT); the id is the name."""
    folder = root / "node_modules" / ICONS
    symbols = []
    for name in icon_names(root):
        path = folder / f"{name}.svg"
        if not path.exists():
            raise Stopped(f"static/icons.txt: ikon '{name}' tidak ada di Tabler.")
        symbols.append(SYMBOL.format(name=name, body=_body(path.read_text(encoding="utf-8"))))
    return "\n".join([SPRITE_HEAD, *symbols, "</svg>", ""])


def icon_names(root: Path) -> list[str]:
    """Names in static/icons.txt, sorted, without comments."""
    lines = (root / "static" / "icons.txt").read_text(encoding="utf-8").splitlines()
    return sorted({line.strip() for line in lines if line.strip() and line[0] != "#"})


def clean_lock(path: Path) -> None:
    """Takes the sponsor addresses out of package-lock.json: a lock names no host."""
    lock = json.loads(path.read_text(encoding="utf-8"))
    for package in lock["packages"].values():
        package.pop("funding", None)
        package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def say_files(root: Path) -> None:
    """Says how much the browser files weigh."""
    files = [path for path in (root / "static" / "vendor").rglob("*") if path.is_file()]
    total = sum(path.stat().st_size for path in files)
    say(f"static/vendor: {total // 1024} KB, {len(icon_names(root))} ikon")


def _body(svg: str) -> str:
    inner = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    shapes = [line.strip() for line in inner.splitlines()]
    return "".join(line for line in shapes if line and 'd="M0 0h24v24H0z"' not in line)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    os.replace(part, path)


def _lock_digest(root: Path) -> str:
    return _digest([root / "package-lock.json", root / ".npmrc"])


def _digest(paths: list[Path]) -> str:
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()
