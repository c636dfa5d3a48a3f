"""A digest over files: has anything changed since work was done from them?"""

import hashlib
from collections.abc import Iterable
from pathlib import Path


def digest_files(paths: Iterable[Path]) -> str:
    """Return one hexadecimal SHA-256 over the names and bytes of files, in whatever order they come."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(f"{path}\0{path.stat().st_size}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()
