"""Several processes that serve at the same sockets, and the one that keeps them alive.

The supervisor serves nothing: it holds the application, forks a worker for each seat, and sleeps until a signal comes. A
worker that dies or stops answering is replaced. A reload replaces one worker after the other by one with the new
application; what cannot be built changes nothing. When the supervisor dies, however, its workers drain and end.
"""

import asyncio
import gc
import logging
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NoReturn

from router.server.asgi import RouterApp
from router.server.last_connections import refuse_handshakes
from router.server.run import Beat
from router.server.watch import Watched

logger = logging.getLogger(__name__)

HUNG_S = 30.0
"""A worker that has not been heard of for so long serves nobody: its event loop stands still."""

START_S = 60.0
"""What a new worker may take until it serves."""

RESTART_S = 1.0
"""Between two starts in the same seat: what dies at its start must not keep the machine busy."""

END_S = 5.0
"""What workers get to end beside their delay and their time to drain."""

WAKE_S = 1.0
END_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})
SIGNALS = END_SIGNALS | {signal.SIGHUP, signal.SIGCHLD}

Serve = Callable[[RouterApp, Beat], int]
Rebuild = Callable[[], RouterApp | None]


@dataclass(slots=True)
class _Worker:
    pid: int
    heartbeat: int
    heard_at: float
    is_serving: bool = False


class Supervisor:
    """Keeps `count` workers alive, each running `serve` with the application built last."""

    def __init__(
        self,
        count: int,
        app: RouterApp,
        *,
        rebuild: Rebuild,
        serve: Serve,
        watched: Watched | None = None,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        """Take the seats; `run` fills them.

        Args:
            count: of workers.
            app: what they serve until the first reload.
            rebuild: gives what they are to serve from then on, None for nothing new; it must leave no thread behind.
            serve: a worker's life: serves until SIGTERM, gives the exit code, and is heard of about once a second.
            watched: files whose changes cause a reload.
            sockets: those at which they serve.
        """
        self._app = app
        self._rebuild = rebuild
        self._serve = serve
        self._watched = watched
        self._sockets = sockets
        self._seats: list[_Worker | None] = [None] * count
        self._started_at = [-RESTART_S] * count
        self._leaving: set[int] = set()
        self._watcher: int | None = None
        self._has_served = False
        self._woken_at = time.monotonic()
        # Workers read its end; nobody ever writes. It ends with this process, however that ends.
        self._lifeline = os.pipe()

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT; gives the exit code. SIGHUP reloads."""
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        # What is shared with the workers stays shared only as long as nobody writes to it.
        gc.collect()
        gc.freeze()
        watched = self._watched
        if watched:
            self._watcher = self._fork(lambda: self._watch(watched))
        while True:
            self._fill_seats()
            number = _await_signal(SIGNALS, WAKE_S)
            if number in END_SIGNALS:
                return self._end(number)
            if number == signal.SIGHUP:
                self._reload()
            self._listen(0.0)
            self._reap()
            if not self._has_served and not all(self._seats):
                logger.error("a worker ended before any has served")
                self._end(signal.SIGTERM)
                return 1
            self._kill_hung()

    def _fill_seats(self) -> None:
        for seat, worker in enumerate(self._seats):
            if worker is None and time.monotonic() - self._started_at[seat] >= RESTART_S:
                self._seats[seat] = self._start(seat)

    def _start(self, seat: int) -> _Worker:
        heard, beat = os.pipe()

        def work() -> int:
            os.set_blocking(beat, False)
            return self._serve(self._app, lambda: _write(beat))

        pid = self._fork(work)
        os.close(beat)
        self._started_at[seat] = time.monotonic()
        logger.info("worker %d started", pid)
        return _Worker(pid, heard, time.monotonic())

    def _fork(self, live: Callable[[], int]) -> int:
        """A process that does `live`, gives its exit code, and ends in good order when this one dies."""
        pid = os.fork()
        if not pid:
            self._live(live)
        return pid

    def _live(self, live: Callable[[], int]) -> NoReturn:
        code = 1
        try:
            # A terminal's Ctrl-C is for the supervisor, which passes it on; twice would mean at once.
            os.setpgid(0, 0)
            os.close(self._lifeline[1])
            for worker in filter(None, self._seats):
                os.close(worker.heartbeat)
            # Reloads are the supervisor's.
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
            threading.Thread(target=_end_with, args=(self._lifeline[0],), daemon=True).start()
            code = live()
        except BaseException:
            logger.exception("process %d failed", os.getpid())
        finally:
            logging.shutdown()
            os._exit(code)

    def _watch(self, watched: Watched) -> int:
        async def tell() -> None:
            async for _ in watched.changes():
                os.kill(os.getppid(), signal.SIGHUP)

        asyncio.run(tell())
        return 0

    def _reload(self) -> None:
        app = self._rebuild()
        if app is None:
            return
        before, self._app = self._app, app
        for seat, old in enumerate(self._seats):
            new = self._start(seat)
            if not self._await_serving(new):
                logger.error("reload: worker %d does not serve, the router goes on as before", new.pid)
                self._app = before
                self._dismiss(new, signal.SIGKILL)
                return
            self._seats[seat] = new
            if old is not None:
                self._dismiss(old, signal.SIGTERM)
        logger.info("reloaded")

    def _await_serving(self, worker: _Worker) -> bool:
        """Whether a new worker comes to serve; not if all are to end."""
        ends_at = worker.heard_at + START_S
        while time.monotonic() < ends_at and not signal.sigpending() & END_SIGNALS:
            if _read_beats([worker], WAKE_S / 10):
                return True
            if not _is_alive(worker.pid):
                return False
        return False

    def _dismiss(self, worker: _Worker, number: signal.Signals) -> None:
        os.close(worker.heartbeat)
        self._leaving.add(worker.pid)
        _kill(worker.pid, number)

    def _listen(self, timeout_s: float) -> None:
        self._has_served |= _read_beats(filter(None, self._seats), timeout_s)

    def _reap(self) -> None:
        """Take notice of processes that have ended."""
        self._leaving = {pid for pid in self._leaving if _is_alive(pid)}
        for seat, worker in enumerate(self._seats):
            if worker is not None and not _is_alive(worker.pid):
                logger.error("worker %d has ended, another takes its place", worker.pid)
                os.close(worker.heartbeat)
                self._seats[seat] = None
        if self._watcher is not None and not _is_alive(self._watcher):
            logger.error("files are no longer watched: the process that did has ended")
            self._watcher = None

    def _kill_hung(self) -> None:
        now = time.monotonic()
        slept_s, self._woken_at = now - self._woken_at, now
        for worker in filter(None, self._seats):
            if slept_s > 2 * WAKE_S:
                # We have not listened, or the whole machine stood still.
                worker.heard_at += slept_s
            if now - worker.heard_at > (HUNG_S if worker.is_serving else START_S):
                logger.error("worker %d does not answer and is killed", worker.pid)
                _kill(worker.pid, signal.SIGKILL)

    def _refuse_connections(self) -> None:
        """Nobody may connect any more, to any worker, and when the last of them closes its sockets they are gone."""
        refuse_handshakes(self._sockets)
        for each in self._sockets:
            each.close()
        self._sockets = ()

    def _end(self, number: int) -> int:
        """Have all workers drain; a second signal is passed on, and what outlives its time is killed.

        Two signals are one for a worker that has not taken the first yet. So who is in a hurry says it until all have ended.
        """
        shutdown = self._app.options.shutdown
        refuses_at = time.monotonic() + (shutdown.delay_s if number == signal.SIGTERM else 0.0)
        ends_at = refuses_at + shutdown.drain_s + END_S
        is_hurried = False
        pids = self._leaving | {worker.pid for worker in self._seats if worker is not None}
        if self._watcher is not None:
            _kill(self._watcher, signal.SIGKILL)
        while pids and (now := time.monotonic()) < ends_at:
            if now >= refuses_at:
                # Before any of them stops to serve, and until the last one has, or some would connect to nobody.
                self._refuse_connections()
            told = number if number in END_SIGNALS else signal.SIGTERM if is_hurried else 0
            for pid in pids if told else ():
                _kill(pid, told)
            waits_until = ends_at if now >= refuses_at else refuses_at
            number = _await_signal(SIGNALS, min(waits_until - now, WAKE_S))
            if number in END_SIGNALS and not is_hurried:
                is_hurried, refuses_at = True, time.monotonic()
                ends_at = refuses_at + shutdown.drain_s + END_S
            pids = {pid for pid in pids if _is_alive(pid)}
        for pid in pids:
            _kill(pid, signal.SIGKILL)
        return 0


def _await_signal(numbers: Iterable[int], timeout_s: float) -> int:
    """The signal that came; 0 if none did in time."""
    received = signal.sigtimedwait(numbers, timeout_s)
    return 0 if received is None else received.si_signo


def _read_beats(workers: Iterable[_Worker], timeout_s: float) -> bool:
    """Note who is heard of; whether anybody was."""
    by_heartbeat = {worker.heartbeat: worker for worker in workers}
    is_any = False
    for heard in select.select(list(by_heartbeat), [], [], timeout_s)[0]:
        if os.read(heard, 4096):
            by_heartbeat[heard].is_serving = is_any = True
            by_heartbeat[heard].heard_at = time.monotonic()
    return is_any


def _is_alive(pid: int) -> bool:
    """Whether a child runs; of one that does not, nothing is left."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == 0
    except ChildProcessError:
        return False


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        logger.debug("process %d had ended already", pid)


def _write(beat: int) -> None:
    try:
        os.write(beat, b".")
    except (BlockingIOError, BrokenPipeError):
        # The supervisor is busy or gone; the lifeline tells which.
        return


def _end_with(lifeline: int) -> None:
    """End in good order when the supervisor has died."""
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
