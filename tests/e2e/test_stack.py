"""The launcher: what it tells, whom it refuses, and that nothing is left when it has gone."""

import os
import signal
from pathlib import Path

from tests.support.deadline import eventually
from tests.support.marketplace import (
    Marketplace,
    choose_ports,
    read_until_ready,
    running_marketplace,
    start_launcher,
)
from tests.support.ports import listening_socket

_TIMEOUT_S = 60


def test_the_table_tells_where_all_is_and_who_may_log_in(marketplace: Marketplace) -> None:
    for name, port in marketplace.ports.items():
        assert f"{name:<10} http://localhost:{port}" in marketplace.output
    assert f"http://localhost:{marketplace.ports['router']}/graphql" in marketplace.output
    assert "demo@marketplace.test" in marketplace.output
    assert "admin@marketplace.test" in marketplace.output


def test_secrets_are_in_files_of_the_owner_and_in_no_log(marketplace: Marketplace) -> None:
    secret = (marketplace.data / "secrets/internal_secret").read_text()

    assert (marketplace.data / "secrets/signing_key.pem").stat().st_mode & 0o077 == 0
    assert secret not in marketplace.output
    assert all(secret not in log.read_text() for log in (marketplace.data / "logs").iterdir())


def test_a_second_launcher_on_the_same_data_is_refused(marketplace: Marketplace) -> None:
    with start_launcher(marketplace.data, choose_ports()) as second:
        said, _ = second.communicate(timeout=_TIMEOUT_S)

    assert second.returncode == 1
    assert f"already runs on {marketplace.data} (process {marketplace.launcher.pid})" in said
    assert "Traceback" not in said


def test_a_taken_port_is_told_with_a_way_out(open_path: Path) -> None:
    with (
        listening_socket() as port,
        start_launcher(open_path, {**choose_ports(), "payments": port}) as launcher,
    ):
        said, _ = launcher.communicate(timeout=_TIMEOUT_S)

    assert launcher.returncode == 1
    assert f"port {port} (for payments)" in said
    assert "PAYMENTS_PORT=" in said
    assert "Traceback" not in said


def test_a_subgraph_that_ends_is_told_and_all_is_stopped(open_path: Path) -> None:
    with start_launcher(open_path, choose_ports()) as launcher:
        read_until_ready(launcher)
        processes = descendants(launcher.pid)
        os.kill(processes["subgraphs.orders"], signal.SIGKILL)
        said, _ = launcher.communicate(timeout=_TIMEOUT_S)

    assert launcher.returncode == 1
    assert "orders stopped: it was ended by SIGKILL" in said
    assert not any(is_running(pid) for pid in processes.values())


def test_kill_9_of_the_launcher_leaves_nothing_and_the_data_survive(open_path: Path) -> None:
    with running_marketplace(open_path) as first:
        processes = descendants(first.launcher.pid)
        assert {"postgres", "router", "subgraphs.auth", "subgraphs.users"} <= set(processes)
        document = """
            mutation {
              register(input: { email: "kept@example.test", password: "a-long-enough-passphrase-9", fullName: "Kept" }) {
                errors { ... on UserError { message } }
              }
            }
        """
        assert first.ask(document)["register"]["errors"] == []
        os.kill(first.launcher.pid, signal.SIGKILL)
        eventually(lambda: not any(is_running(pid) for pid in processes.values()))

    with running_marketplace(open_path, first.ports) as second:
        assert second.log_in("kept@example.test", "a-long-enough-passphrase-9")
        assert "Tables" not in second.output, "what was done is not done again"


def descendants(launcher: int) -> dict[str, int]:
    """Find the children of a launcher: module or program name to process id."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and parent_of(folder) == launcher:
            words = (folder / "cmdline").read_text().split("\0")
            found[words[2] if words[1] == "-m" else Path(words[0]).name] = int(folder.name)
    return found


def parent_of(process: Path) -> int | None:
    fields = fields_of(process)
    return int(fields[1]) if fields else None


def is_running(pid: int) -> bool:
    """A zombie counts as ended: reaping it is the init process's business."""
    fields = fields_of(Path(f"/proc/{pid}"))
    return bool(fields) and fields[0] != "Z"


def fields_of(process: Path) -> list[str]:
    try:
        return (process / "stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
