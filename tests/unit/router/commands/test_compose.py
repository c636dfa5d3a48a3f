"""`router compose`: streams, exit codes, JSON, and files that are whole or untouched."""

import io
import json
import os
import stat
import sys
import time
from pathlib import Path

import pytest

from router.__main__ import main
from router.commands.progress import telling

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])\n'
GOOD = LINK + 'type Query { a: Int @override(from: "gone") }'
BAD = LINK + "type Query {\n  a: Missing\n}"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.graphql").write_text(GOOD)
    (tmp_path / "s.yaml").write_text("subgraphs: {a: {routing_url: 'http://a', schema: {file: a.graphql}}}")
    return tmp_path


@pytest.fixture
def compose(folder, capsys, monkeypatch):
    """Run the command; gives exit code, standard output and standard error."""
    monkeypatch.chdir(folder)

    def run(*flags):
        code = main(["compose", "--config", "s.yaml", *flags])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def test_the_supergraph_is_printed_and_hints_stand_beside_it(compose):
    code, out, err = compose()

    assert code == 0
    assert out.startswith("schema\n")
    assert err == (
        'warn[FROM_SUBGRAPH_DOES_NOT_EXIST]: Source subgraph "gone" for field "Query.a" on subgraph "a" does not exist.\n'
        "  --> a.graphql:2:21 (a)\n"
    )


def test_errors_have_code_and_place(compose, folder):
    (folder / "a.graphql").write_text(BAD)
    code, out, err = compose()

    assert (code, out) == (1, "")
    assert err.startswith("error[INVALID_GRAPHQL]: [a] Unknown type")
    assert err.endswith("\n  --> a.graphql:3:6 (a)\n")


def test_json_is_one_document_with_the_hints_in_it(compose):
    code, out, err = compose("--format", "json")
    document = json.loads(out)

    assert (code, err) == (0, "")
    assert (document["json_version"], document["error"], document["data"]["success"]) == ("1", None, True)
    assert document["data"]["core_schema"].startswith("schema\n")
    (hint,) = document["data"]["hints"]
    assert (hint["code"], hint["level"]) == ("FROM_SUBGRAPH_DOES_NOT_EXIST", "WARN")
    assert hint["nodes"] == [{"subgraph": "a", "source": "a.graphql", "start": {"line": 2, "column": 21}}]


def test_json_has_the_errors(compose, folder):
    (folder / "a.graphql").write_text(BAD)
    code, out, err = compose("--format", "json", "--output", "out.json")
    document = json.loads(out)

    assert (code, err) == (1, "")
    assert document["data"] == {"success": False}
    assert document["error"]["code"] == "E029"
    assert document["error"]["message"] == "Encountered 1 build error while trying to build a supergraph."
    (error,) = document["error"]["details"]["build_errors"]
    assert (error["code"], error["nodes"][0]["start"]) == ("INVALID_GRAPHQL", {"line": 3, "column": 6})
    assert not (folder / "out.json").exists()


@pytest.mark.parametrize("broken", ["subgraphs: [", "subgraphs: {a: {}}", None])
def test_what_cannot_be_read_is_told_in_json_too(compose, folder, broken):
    if broken is None:
        (folder / "s.yaml").unlink()
    else:
        (folder / "s.yaml").write_text(broken)
    code, out, err = compose("--format", "json")

    assert (code, err) == (1, "")
    assert "s.yaml" in json.loads(out)["error"]["message"]


def test_the_configuration_can_come_from_standard_input(folder, capsys, monkeypatch):
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "stdin", io.StringIO((folder / "s.yaml").read_text()))

    assert main(["compose", "-c", "-", "-o", "-"]) == 0
    assert capsys.readouterr().out.startswith("schema\n")


def test_faults_in_standard_input_are_called_so(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("subgraph: {}"))

    assert main(["compose", "-c", "-"]) == 1
    assert 'standard input: subgraph is not known. Did you mean "subgraphs"?' in capsys.readouterr().err


@pytest.mark.parametrize(
    "flags",
    [
        *(["--federation-version", version] for version in ("1", "3", "=2.x")),
        *(["--format", "yaml"], ["--nothing"]),
    ],
)
def test_a_wrong_call_is_2(compose, flags):
    with pytest.raises(SystemExit) as caught:
        compose(*flags)
    assert caught.value.code == 2


def test_rovers_flags_are_taken(compose):
    assert compose("--federation-version", "=2.9.0", "--elv2-license", "accept")[0] == 0


def test_a_failure_leaves_the_file_as_it_was(compose, folder):
    compose("--output", "out.graphql")
    before = (folder / "out.graphql").read_text()
    (folder / "a.graphql").write_text(BAD)

    assert compose("--output", "out.graphql")[0] == 1
    assert (folder / "out.graphql").read_text() == before
    assert sorted(path.name for path in folder.iterdir()) == ["a.graphql", "out.graphql", "s.yaml"]


def test_a_file_that_cannot_be_written_is_told_and_nothing_is_left(compose, folder, monkeypatch):
    def full(_descriptor):
        raise OSError(28, "No space left on device")

    (folder / "out.graphql").write_text("before")
    monkeypatch.setattr(os, "fsync", full)
    code, _, err = compose("--output", "out.graphql")

    assert code == 1
    assert "out.graphql: No space left on device" in err
    assert (folder / "out.graphql").read_text() == "before"
    assert sorted(path.name for path in folder.iterdir()) == ["a.graphql", "out.graphql", "s.yaml"]


def test_a_folder_that_is_not_there_is_told(compose):
    code, _, err = compose("--output", "nowhere/out.graphql")
    assert (code, "error: nowhere/out.graphql: No such file or directory\n" in err) == (1, True)


def test_the_file_keeps_its_mode_and_a_link_leads_to_it_still(compose, folder):
    (folder / "out.graphql").write_text("before")
    (folder / "out.graphql").chmod(0o640)
    (folder / "link.graphql").symlink_to("out.graphql")

    compose("--output", "link.graphql")

    assert (folder / "link.graphql").is_symlink()
    assert stat.S_IMODE((folder / "out.graphql").stat().st_mode) == 0o640
    assert (folder / "out.graphql").read_text().startswith("schema\n")


def test_a_device_is_written_to(compose):
    assert compose("--output", "/dev/null")[0] == 0
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_terminal_gets_colours(compose, monkeypatch):
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    compose()
    assert terminal.getvalue().startswith("\x1b[1;33mwarn[FROM_SUBGRAPH_DOES_NOT_EXIST]\x1b[0m: ")


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_none_gets_none(compose, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    compose()
    assert "\x1b[1" not in terminal.getvalue()


def test_slow_work_is_told_of_on_a_terminal_and_the_line_is_taken_away(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    monkeypatch.setattr("router.commands.progress._QUIET_S", 0.01)
    with telling("Composing 3 subgraphs"):
        deadline = time.monotonic() + 10
        while "Composing" not in terminal.getvalue():
            assert time.monotonic() < deadline
    assert terminal.getvalue().startswith("\r\x1b[KComposing 3 subgraphs ... 0 s")
    assert terminal.getvalue().endswith("\r\x1b[K")


def test_quick_work_and_pipes_hear_nothing(monkeypatch):
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with telling("Composing"):
        pass
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    with telling("Composing"):
        pass
    assert terminal.getvalue() == pipe.getvalue() == ""
