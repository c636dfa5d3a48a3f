"""One Postgres server as our child: made on first use, up while we live, gone when we are gone.

It is run in the foreground, not by `pg_ctl`: a daemon outlives a killed launcher. What must be got right:

* a file `postmaster.pid` that a killed server left says `ready` too, so only a file that names *our* child
  counts; one that names a server of this directory that still runs (its launcher was killed where the
  system could not tell it) has that server stopped first;
* `initdb` works in `data.new` and the result is renamed: half a cluster never looks like one;
* a Unix socket's path must fit 107 bytes, so a deep home gets a short one in the temporary directory;
* parallel queries would use /dev/shm, 64 MB in many containers: shared memory comes from mapped files;
* as root, everything that Postgres touches belongs to the account it runs as; where that account cannot
  reach the home at all (a project below /root), the home moves to /var/lib.

The server listens on its Unix socket only: there is no TCP port to collide with and nothing to reach from
outside. fsync stays on, so that what a crash test proves is true.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Self
from urllib.parse import quote

from stack.accounts import Account, as_account, dying_with_us, find_unprivileged_account
from stack.binaries import Binaries, find_binaries
from stack.errors import AlreadyRunningError, DataMismatchError, PostgresFailedError

SUPERUSER = "postgres"
# The port is only the suffix of the socket's name.
_PORT = 5432
_SOCKET_PATH_BYTES_MAX = 107 - len(f"/.s.PGSQL.{_PORT}.lock")
_HOME_OF_ROOT = Path("/var/lib/federated-marketplace")
_START_DEADLINE_S = 60.0
_STOP_DEADLINE_S = 20.0
_POLL_S = 0.02
_LOG_TAIL_BYTES = 2000
# After kill -9 the old server's backends hold the shared memory for a moment.
_WORTH_ANOTHER_TRY = ("pre-existing shared memory block", "could not create shared memory segment")
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "dynamic_shared_memory_type": "mmap",
    # The default is that of disks that turn: it has Postgres read whole tables where an index is faster.
    "random_page_cost": "1.1",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class PostgresServer:
    """A server whose whole state lies below `home`, in a directory that must be its own.

    Start it from the main thread (see `dying_with_us`). `settings` are added to the server's command line.
    """

    def __init__(
        self, home: Path, *, log: Path | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        self.account = find_unprivileged_account()
        self.home = reachable_home(home.resolve(), self.account)
        self.data = self.home / "data"
        self.sockets = _socket_directory(self.home)
        self.log = log or self.home / "postgres.log"
        self._settings = {**_SETTINGS, **(settings or {})}
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._password = ""

    def __enter__(self) -> Self:
        """Start it."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.stop()

    def start(self) -> None:
        """Make the cluster if there is none, start the server, return when it accepts connections.

        Raises:
            AlreadyRunningError: somebody else has started a server in this home.
            BinariesMissingError: no usable Postgres programs.
            DataMismatchError: the cluster was written by another major version.
            PostgresFailedError: it ended during the start or was not ready in time; with its last words.
        """
        binaries = find_binaries(self.account)
        self._take_home()
        try:
            if self.data.exists():
                self._check_version(binaries)
            else:
                self._initialise(binaries)
            self._password = self._password_file.read_text()
            self._end_orphan()
            self._launch(binaries)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server with its data safe, and give the home free. Harmless when it does not run."""
        if self._process is not None and self._process.poll() is None:
            # A shell's Ctrl-C never reaches it (own session): we alone say when, and SIGINT = fast shutdown.
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(_STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGQUIT)
                self._process.wait(_STOP_DEADLINE_S)
        if self._lock is not None:
            if not self.sockets.is_relative_to(self.home):
                shutil.rmtree(self.sockets, ignore_errors=True)
            self._lock.close()
            self._lock = None

    def poll(self) -> int | None:
        """Return the exit code of a server that ended, None while it runs."""
        return self._process.poll() if self._process is not None else None

    def url(self, database: str, user: str = SUPERUSER, password: str | None = None) -> str:
        """Return `postgresql://user:password@/database?host=<socket directory>&port=N`."""
        secret = self._password if password is None else password
        host = quote(str(self.sockets), safe="/")
        return (
            f"postgresql://{quote(user)}:{quote(secret, safe='')}@/{quote(database)}?host={host}&port={_PORT}"
        )

    @property
    def _password_file(self) -> Path:
        return self.home / "superuser_password"

    def _take_home(self) -> None:
        for directory in (self.home, self.sockets):
            directory.mkdir(parents=True, exist_ok=True)
            self._check_owner(directory)
        self._lock = (self.home / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._lock.close()
            self._lock = None
            raise AlreadyRunningError(
                f"Another process already runs Postgres on {self.home}.",
                "Stop it first (Ctrl-C in its window), or give this one its own directory.",
            ) from None
        for directory in (self.home, self.sockets):
            self._give(directory, 0o700)

    def _check_owner(self, directory: Path) -> None:
        """Refuse what somebody else laid out for us: /tmp is everybody's."""
        owner = directory.lstat().st_uid
        ours = {os.geteuid()} | ({self.account.uid} if self.account else set())
        if owner not in ours or directory.is_symlink():
            raise PostgresFailedError(
                f"{directory} belongs to somebody else (uid {owner}) or is a link.",
                "Remove it, or run the command as its owner.",
            )

    def _give(self, path: Path, mode: int) -> None:
        if self.account is not None:
            self.account.own(path)
        path.chmod(mode)

    def _check_version(self, binaries: Binaries) -> None:
        try:
            written_by = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise PostgresFailedError(
                f"The database in {self.data} is damaged: {error}.", "Throw it away with `make reset`."
            ) from error
        if written_by != str(binaries.major):
            raise DataMismatchError(
                f"The data in {self.data} were written by Postgres {written_by}, but {binaries.directory} is {binaries.major}.",
                f"Set PG_BIN to the programs of Postgres {written_by}, or throw the data away with `make reset`.",
            )

    def _initialise(self, binaries: Binaries) -> None:
        unfinished = self.home / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._password_file.write_text(secrets.token_urlsafe(24))
        self._give(self._password_file, 0o600)
        result = subprocess.run(
            [
                *(binaries.directory / "initdb", "--pgdata", unfinished, "--username", SUPERUSER),
                *("--pwfile", self._password_file, "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            preexec_fn=dying_with_us(signal.SIGTERM),
            **as_account(self.account),
        )
        if result.returncode != 0:
            raise PostgresFailedError(
                f"Postgres could not make its database in {self.home}:\n{result.stderr.strip()}",
                "Look for free space and permissions there, then start again.",
            )
        unfinished.rename(self.data)

    def _end_orphan(self) -> None:
        """Stop a server of this directory that runs although its launcher is gone; drop a stale pid file."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return
        # The number may meanwhile belong to anybody: a postmaster works in its data directory.
        deadline = time.monotonic() + _STOP_DEADLINE_S
        while _works_in(pid, self.data):
            if time.monotonic() > deadline:
                raise PostgresFailedError(
                    f"An old Postgres (process {pid}) still runs on {self.data} and does not end.",
                    f"End it with `kill -INT {pid}`, then start again.",
                )
            os.kill(pid, signal.SIGINT)
            time.sleep(_POLL_S)
        if Path("/proc/self").exists():
            pid_file.unlink(missing_ok=True)

    def _launch(self, binaries: Binaries) -> None:
        deadline = time.monotonic() + _START_DEADLINE_S
        while not self._launch_once(binaries, deadline):
            time.sleep(_POLL_S * 10)

    def _launch_once(self, binaries: Binaries, deadline: float) -> bool:
        """Return True when ready, False where another try may succeed."""
        options = [part for name, value in self._settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            begin = log.tell()
            self._process = subprocess.Popen(
                [
                    binaries.directory / "postgres",
                    "-D",
                    self.data,
                    "-k",
                    self.sockets,
                    "-p",
                    str(_PORT),
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
                preexec_fn=dying_with_us(signal.SIGINT),  # noqa: PLW1509  it is one system call, nothing that locks
                **as_account(self.account),
            )
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                words = _tail(self.log, begin)
                if any(phrase in words for phrase in _WORTH_ANOTHER_TRY):
                    return False
                raise PostgresFailedError(
                    f"Postgres ended during its start with code {self._process.returncode}. Its last words:\n{words}",
                    f"The whole log is {self.log}. If the data are damaged, `make reset` throws them away.",
                )
            if self._is_ready(self._process.pid):
                return True
            time.sleep(_POLL_S)
        raise PostgresFailedError(
            f"Postgres was not ready after {_START_DEADLINE_S:.0f} seconds. Its last words:\n{_tail(self.log, begin)}",
            f"The whole log is {self.log}.",
        )

    def _is_ready(self, pid: int) -> bool:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return int(lines[0]) == pid and lines[7].strip() == "ready"
        except (OSError, ValueError, IndexError):
            return False  # not written yet, or half


def reachable_home(home: Path, account: Account | None) -> Path:
    """Return `home`, or its stand-in below /var/lib where `account` cannot enter a directory above it."""
    if account is None:
        return home
    above = next(parent for parent in home.parents if parent.exists())
    if all(_may_enter(parent, account) for parent in (above, *above.parents)):
        return home
    return _HOME_OF_ROOT / hashlib.sha256(str(home).encode()).hexdigest()[:12]


def _may_enter(directory: Path, account: Account) -> bool:
    status = directory.stat()
    if status.st_uid == account.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    return bool(status.st_mode & (stat.S_IXGRP if status.st_gid == account.gid else stat.S_IXOTH))


def _socket_directory(home: Path) -> Path:
    directory = home / "socket"
    if len(os.fsencode(directory)) <= _SOCKET_PATH_BYTES_MAX:
        return directory
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"marketplace-{os.geteuid()}-{digest}"


def _works_in(pid: int, directory: Path) -> bool:
    try:
        return Path(f"/proc/{pid}/cwd").readlink() == directory
    except OSError:
        return False


def _tail(path: Path, begin: int = 0) -> str:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(begin, size - _LOG_TAIL_BYTES))
        return file.read().decode(errors="replace").strip()
