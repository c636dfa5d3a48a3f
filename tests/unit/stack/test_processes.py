"""Children: their logs, their ends, and the words for a fault."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stack.errors import AlreadyRunningError, ChildFailedError, PortTakenError
from stack.lock import find_launcher, only_launcher
from stack.ports import check_ports_free, is_healthy
from stack.processes import Child, finish_all, stop_all, wait_until
from tests.support.deadline import eventually
from tests.support.ports import listening_socket


def python(name: str, code: str, logs: Path) -> Child:
    return Child(name, [sys.executable, "-c", code], environment=dict(os.environ), logs=logs)


def test_all_that_end_well_are_waited_for(tmp_path: Path) -> None:
    children = [python(name, f"print({name!r})", tmp_path) for name in ("one", "two")]

    finish_all(children, timeout_s=20)

    assert [child.poll() for child in children] == [0, 0]
    assert (tmp_path / "two.log").read_text() == "two\n"


def test_a_failure_is_told_with_the_last_lines_and_the_rest_is_stopped(tmp_path: Path) -> None:
    bad = python("bad", "import sys; sys.exit('no such table')", tmp_path)
    slow = python("slow", "import time; time.sleep(600)", tmp_path)

    with pytest.raises(ChildFailedError, match=r"bad failed: it ended with code 1(.|\n)*no such table"):
        finish_all([slow, bad], timeout_s=20)

    assert slow.poll() is not None


def test_a_deadline_names_those_that_are_late(tmp_path: Path) -> None:
    slow = python("slow", "import time; time.sleep(600)", tmp_path)

    with pytest.raises(ChildFailedError, match="Not ready after 0 seconds: slow"):
        wait_until(lambda: False, [slow], timeout_s=0)
    stop_all([slow])

    assert slow.poll() == -signal.SIGTERM


def test_the_log_before_is_kept(tmp_path: Path) -> None:
    for word in ("first", "second"):
        finish_all([python("one", f"print({word!r})", tmp_path)], timeout_s=20)

    assert (tmp_path / "one.log.1").read_text() == "first\n"
    assert (tmp_path / "one.log").read_text() == "second\n"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's end")
def test_a_child_ends_with_its_killed_launcher(tmp_path: Path) -> None:
    code = (
        "import os, sys, time; from pathlib import Path; from stack.processes import Child\n"
        "sleep = [sys.executable, '-c', 'import time; time.sleep(600)']\n"
        f"child = Child('child', sleep, environment=dict(os.environ), logs=Path({str(tmp_path)!r}))\n"
        "print(child._process.pid, flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        pid = int(launcher.stdout.readline())
        launcher.kill()

    eventually(lambda: not is_running(pid))


def test_a_taken_port_is_told_by_number_and_by_whom_it_is_for() -> None:
    with listening_socket() as port, pytest.raises(PortTakenError, match=rf"port {port} \(for orders\)"):
        check_ports_free("127.0.0.1", {"orders": port})


def test_nobody_there_is_not_healthy() -> None:
    with listening_socket() as port:
        pass
    assert not is_healthy(port, "/health")


def test_a_data_directory_has_one_launcher(tmp_path: Path) -> None:
    with only_launcher(tmp_path):
        assert find_launcher(tmp_path) == os.getpid()
        with pytest.raises(AlreadyRunningError, match=str(os.getpid())), only_launcher(tmp_path):
            pass
    assert find_launcher(tmp_path) is None


def is_running(pid: int) -> bool:
    """A zombie whose parent is gone counts as ended: reaping it is the init process's business."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
