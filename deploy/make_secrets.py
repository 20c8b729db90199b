"""Writes the secrets of a one-server installation to deploy/secrets/, once, for root only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "secrets"


def main() -> None:
    """Makes the files that are missing; never touches one that is there."""
    password = secrets.token_urlsafe(32)
    values = {
        "secret_key": secrets.token_urlsafe(64),
        "field_keys": f"1:{secrets.token_hex(32)}",
        "index_key": secrets.token_hex(32),
        "postgres_password": password,
        "database_url": f"postgresql://bansos:{password}@postgres:5432/bansos",
    }
    FOLDER.mkdir(mode=0o700, exist_ok=True)
    kept = [name for name in values if (FOLDER / name).exists()]
    if kept:
        print(f"Sudah ada, tidak diubah: {', '.join(kept)}")
        return
    for name, value in values.items():
        # The containers read them under another number than ours: the folder keeps others out.
        descriptor = os.open(FOLDER / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "w") as handle:
            handle.write(value)
    print(f"Dibuat di {FOLDER}. Simpan salinannya di tempat lain: tanpa field_keys,")
    print("NIK dan rekening di cadangan tidak dapat dibaca lagi.")


if __name__ == "__main__":
    main()
