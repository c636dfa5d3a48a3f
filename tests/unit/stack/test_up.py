"""What a start leaves out, what it tells, and what a reset throws away."""

from dataclasses import replace
from pathlib import Path

import pytest

from stack import progress, studio
from stack.__main__ import main
from stack.environment import Environments
from stack.keys import Keys
from stack.lock import only_launcher
from stack.prepare import Preparation
from stack.settings import SUBGRAPHS, StackSettings, read_settings
from stack.studio import Studio
from tests.support.deadline import eventually

_KEYS = Keys(internal_secret="internal", signing_key="signing")


@pytest.fixture
def settings(tmp_path: Path) -> StackSettings:
    return read_settings({}, tmp_path / "data")


@pytest.fixture
def environments(settings: StackSettings) -> Environments:
    urls = {name: f"postgresql://{name}:password-of-{name}@/{name}_db" for name in SUBGRAPHS}
    return Environments({"PATH": "/bin", "USERS_DATABASE_URL": "stale"}, settings, _KEYS, urls)


def test_a_subgraph_gets_its_own_database_only(environments: Environments) -> None:
    of_orders = environments.of_subgraph("orders")

    assert "password-of-orders" in of_orders["ORDERS_DATABASE_URL"]
    assert [name for name in of_orders if name.endswith("_DATABASE_URL")] == ["ORDERS_DATABASE_URL"]


def test_auth_alone_can_sign_tokens_and_the_router_knows_no_secret(environments: Environments) -> None:
    of_auth = environments.of_subgraph("auth")
    assert of_auth["JWT_SIGNING_KEY_FILE"] == str(environments.settings.data / "secrets/signing_key.pem")
    given = replace(environments, base={"JWT_SIGNING_KEY": "signing"})
    assert given.of_subgraph("auth")["JWT_SIGNING_KEY"] == "signing"
    assert not {name for name in environments.of_subgraph("users") if name.startswith("JWT_SIGNING_KEY")}


def test_auth_alone_knows_the_way_out_for_mail(environments: Environments) -> None:
    outbox = (environments.settings.data / "outbox").as_uri()
    assert environments.of_subgraph("auth")["AUTH_MAIL_URL"] == outbox
    given = replace(environments, base={"AUTH_MAIL_URL": "smtp://user:password@mail"})
    assert given.of_subgraph("auth")["AUTH_MAIL_URL"] == "smtp://user:password@mail"
    assert "AUTH_MAIL_URL" not in given.of_subgraph("users") | given.of_router()


def test_the_router_knows_no_secret(environments: Environments) -> None:
    assert not {"internal", "signing", "stale"} & set(environments.of_router().values())


def test_what_was_done_in_a_cluster_is_not_done_again(
    settings: StackSettings, environments: Environments, tmp_path: Path
) -> None:
    first = Preparation(settings, environments, tmp_path)
    assert first.pending == list(SUBGRAPHS)
    first.remember()

    assert Preparation(settings, environments, tmp_path).pending == []


def test_a_database_of_somebody_else_is_prepared_at_every_start(
    settings: StackSettings, environments: Environments
) -> None:
    first = Preparation(settings, environments, None)
    first.remember()

    assert Preparation(settings, environments, None).pending == list(SUBGRAPHS)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://auth:secret@db.example:6543/auth_db", "db.example:6543"),
        ("postgresql://auth:secret@db.example/auth_db", "db.example:5432"),
        ("postgresql://auth:secret@/auth_db?host=/run/pg&port=5432", "/run/pg"),
    ],
)
def test_a_server_is_told_without_its_password(url: str, told: str) -> None:
    assert progress.tell_server(url) == told


def test_reset_refuses_when_nobody_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "kept").touch()

    assert main(["--data", str(tmp_path), "reset"]) == 1
    assert (tmp_path / "kept").exists()
    assert "Nothing was thrown away" in capsys.readouterr().err


def test_reset_throws_the_data_away(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()

    assert main(["--data", str(tmp_path / "data"), "reset", "--yes"]) == 0
    assert not (tmp_path / "data").exists()


def test_reset_refuses_while_a_launcher_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with only_launcher(tmp_path):
        assert main(["--data", str(tmp_path), "reset", "--yes"]) == 1
    assert "already runs" in capsys.readouterr().err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "package.json").write_text("{}")
    for name, path in {"_FOLDER": "", "_DIST": "dist", "_STAMP": "dist/.digest"}.items():
        monkeypatch.setattr(studio, name, tmp_path / path)
    return tmp_path


def test_a_failed_build_of_graphiql_leaves_a_page_that_says_so(
    folder: Path, environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "npm_of", lambda _node: ["/bin/false"])
    monkeypatch.setattr(studio, "find_node", lambda: Path("/bin/false"))
    build = Studio(environments.of_router(), folder / "logs")
    assert "being built" in (folder / "dist/index.html").read_text()

    eventually(build.advance)

    assert build.fault is not None
    assert not build.is_ready
    assert "could not be built" in (folder / "dist/index.html").read_text()


def test_graphiql_is_built_once_for_the_same_sources(
    folder: Path, environments: Environments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "npm_of", lambda _node: ["/bin/true"])
    monkeypatch.setattr(studio, "find_node", lambda: Path("/bin/true"))
    build = Studio(environments.of_router(), folder / "logs")
    eventually(build.advance)
    assert build.is_ready

    assert Studio(environments.of_router(), folder / "logs").is_ready
    (folder / "package.json").write_text('{"name": "changed"}')
    changed = Studio(environments.of_router(), folder / "logs")
    assert not changed.is_ready
    changed.stop()
