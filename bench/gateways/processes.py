"""Processes under measurement: started in sessions of their own on given CPUs, and what they and theirs cost."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from stack.accounts import dying_with_us

TICK_HZ = os.sysconf("SC_CLK_TCK")
STOP_AFTER_S = 5


def spawn(
    command: Sequence[str],
    cpus: set[int],
    *,
    stdout: int | IO[bytes],
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, on the given CPUs; stderr goes to a log file with stdout, else nowhere."""
    return subprocess.Popen(
        ["taskset", "-c", ",".join(map(str, sorted(cpus))), *command],
        start_new_session=True,
        preexec_fn=dying_with_us(signal.SIGKILL),  # noqa: PLW1509 -- see there
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.DEVNULL if isinstance(stdout, int) else subprocess.STDOUT,
        env={**os.environ, "NODE_ENV": "production", **(environment or {})},
    )


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a process that `spawn` started, and whatever it left in its session."""
    for kind in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + STOP_AFTER_S
        if find_tree(process.pid):
            os.killpg(process.pid, kind)
        while find_tree(process.pid) and time.monotonic() < deadline:
            process.poll()
            time.sleep(0.05)
    process.wait()


def find_tree(root: int) -> dict[int, list[str]]:
    """Every process in the session that `root` leads, or below one of its processes: /proc/PID/stat from field 3 on."""
    stats: dict[int, list[str]] = {}
    for pid in (int(entry.name) for entry in os.scandir("/proc") if entry.name.isdigit()):
        try:
            text = Path(f"/proc/{pid}/stat").read_text()
        except OSError:
            continue
        stats[pid] = text[text.rindex(")") + 2 :].split()
    found = {pid for pid, fields in stats.items() if pid == root or int(fields[3]) == root}
    while more := {pid for pid, fields in stats.items() if int(fields[1]) in found} - found:
        found |= more
    return {pid: stats[pid] for pid in found}


def read_cpu_s(root: int) -> float:
    """User and system seconds of the tree so far, of children that ended too."""
    return sum(sum(map(int, fields[11:15])) for fields in find_tree(root).values()) / TICK_HZ


def read_peak_mib(root: int) -> float:
    """The sum of the processes' peaks of resident memory; pages that they share count in each."""
    total = 0
    for pid in find_tree(root):
        try:
            lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    return total / 1024


def find_free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port
