"""`router check`: what it reads, exit codes, git refs, exports, and what it says where it cannot run."""

import io
import json
import os
import shutil
import subprocess
import sys

import pytest

from router import compose
from router.__main__ import main

LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@override"])\n'
SCHEMA = LINK + "type Query { a: Int b: Int }\n"
CONFIG = "subgraphs: {a: {routing_url: 'http://a', schema: {file: schemas/a.graphql}}}"
GIT = shutil.which("git") or ""
PRINTED = f"{sys.executable} -c 'print(open(\"schemas/{{name}}.graphql\").read())'"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "a.graphql").write_text(SCHEMA)
    (tmp_path / "s.yaml").write_text(CONFIG)
    (tmp_path / "published.graphql").write_text(compose({"a": SCHEMA}).supergraph_sdl or "")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def check(folder, capsys):
    """Run the command; gives exit code, standard output and standard error."""

    def run(*flags, against="published.graphql"):
        code = main(["check", "--config", "s.yaml", "--against", against, *flags])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


def write(folder, *fields, name="a"):
    (folder / "schemas" / f"{name}.graphql").write_text(f"{LINK}type Query {{ {' '.join(fields)} }}\n")


def test_no_change_is_0(check):
    assert check() == (0, "This is safe to publish: no changes.\n", "")


def test_a_breaking_change_is_1_and_has_its_place(check, folder):
    write(folder, "a: Int")
    code, out, err = check()
    assert (code, err) == (1, "")
    assert out.startswith(
        "breaking[FIELD_REMOVED]: Field Query.b was removed.\n  --> schemas/a.graphql:2:6 (a)\n"
    )


def test_dangerous_and_safe_changes_are_0(check, folder):
    write(folder, "a(x: Int): Int", "b: Int!", "c: Int")
    code, out, _ = check()
    assert (code, out.count("dangerous["), out.count("safe[")) == (0, 1, 2)


def test_subgraphs_that_do_not_compose_are_1(check, folder):
    write(folder, "a: Nothing")
    code, out, _ = check()
    assert (code, out.startswith("error[INVALID_GRAPHQL]: ")) == (1, True)


@pytest.mark.parametrize("operation", ["{ a }", "query A { a }"])
def test_operations_tell_what_may_be_removed(check, folder, operation):
    write(folder, "a: Int")
    (folder / "app").mkdir()
    (folder / "app" / "a.gql").write_text(operation)
    code, out, _ = check("--operations", "app")
    assert (code, out.startswith("unused[FIELD_REMOVED]")) == (0, True)
    (folder / "b.graphql").write_text("query B { b }")
    code, out, _ = check("--operations", "app", "--operations", "b.graphql")
    assert (code, "used by B" in out, "broken: operation B\n  --> b.graphql:1\n" in out) == (1, True, True)


def test_a_manifest_has_operations_too(check, folder):
    write(folder, "a: Int")
    operations = [{"id": "1", "name": "B", "type": "query", "body": "query B { b }"}]
    manifest = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    (folder / "m.json").write_text(json.dumps(manifest))
    code, out, _ = check("--operations", "m.json")
    assert (code, "broken: operation B\n  --> m.json#B:1\n" in out) == (1, True)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("empty", None, "empty: has no file with the ending .graphql or .gql"),
        ("none.graphql", "fragment F on Query { a }", "there is no operation"),
        ("bad.graphql", "query {", "bad.graphql:1:8: Syntax Error"),
        ("bad.json", "{", "bad.json: is not JSON"),
    ],
)
def test_operations_that_cannot_be_read_are_2(check, folder, name, text, told):
    (folder / name).mkdir() if text is None else (folder / name).write_text(text)
    code, out, err = check("--operations", name)
    assert (code, out, told in err) == (2, "", True)


def test_operations_that_are_not_there_are_2(check):
    code, _, err = check("--operations", "nowhere")
    assert (code, "nowhere" in err) == (2, True)


@pytest.mark.parametrize("broken", ["subgraphs: [", "subgraphs: {a: {}}", None])
def test_a_configuration_that_cannot_be_read_is_2(check, folder, broken):
    (folder / "s.yaml").unlink() if broken is None else (folder / "s.yaml").write_text(broken)
    code, out, err = check()
    assert (code, out, "s.yaml" in err) == (2, "", True)
    code, out, err = check("--format", "json")
    assert (code, err, json.loads(out)["data"]) == (2, "", {"success": False})


@pytest.mark.parametrize("text", ["type Query { a: Int }", "no GraphQL", ""])
def test_what_is_no_supergraph_is_2(check, folder, text):
    (folder / "published.graphql").write_text(text)
    code, _, err = check()
    assert (code, "published.graphql: " in err) == (2, True)


def test_the_published_supergraph_can_come_from_standard_input(check, folder, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO((folder / "published.graphql").read_text()))
    assert check(against="-")[0] == 0


@pytest.mark.parametrize("form", ["json", "markdown", "github"])
def test_the_other_forms(check, folder, form):
    write(folder, "a: Int")
    code, out, _ = check("--format", form)
    begins = {
        "json": '{"json_version":"1"',
        "markdown": "## ❌",
        "github": "::error file=schemas/a.graphql,line=2",
    }
    assert (code, out.startswith(begins[form])) == (1, True)


def test_the_report_can_go_to_a_file(check, folder):
    write(folder, "a: Int")
    assert check("--output", "report.txt")[:2] == (1, "")
    assert (folder / "report.txt").read_text().startswith("breaking[FIELD_REMOVED]: ")
    code, _, err = check("--output", "nowhere/report.txt")
    assert (code, "nowhere/report.txt" in err) == (2, True)


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("no_colour", "begins"), [("", "\x1b[1;31mbreaking[FIELD_REMOVED]\x1b[0m: "), ("1", "breaking[")]
)
def test_a_terminal_gets_colours_unless_it_wants_none(check, folder, monkeypatch, no_colour, begins):
    write(folder, "a: Int")
    monkeypatch.setenv("NO_COLOR", no_colour)
    monkeypatch.delenv("TERM", raising=False)
    monkeypatch.setattr(sys, "stdout", terminal := Terminal())
    main(["check", "--config", "s.yaml", "--against", "published.graphql"])
    assert terminal.getvalue().startswith(begins)


@pytest.mark.parametrize("flags", [["--format", "yaml"], ["--nothing"], ["--export-timeout", "soon"]])
def test_a_wrong_call_is_2(check, flags):
    with pytest.raises(SystemExit) as caught:
        check(*flags)
    assert caught.value.code == 2


def test_a_schema_that_is_as_exported_is_0_and_another_1(check, folder):
    assert check("--export", PRINTED)[0] == 0
    code, out, _ = check("--export", f"{sys.executable} -c 'print(1)'")
    assert (code, "stale: The schema of a is not what its code exports" in out) == (1, True)


def test_an_export_can_be_for_one_subgraph(check, folder):
    config = CONFIG.replace(
        "}}}", "}}, b: {routing_url: 'http://b', schema: {sdl: 'type Query { z: Int }'}}}"
    )
    (folder / "s.yaml").write_text(config)
    assert check("--export", PRINTED)[0] == 0, "what is no file has nothing to be compared with"
    code, out, _ = check("--export", PRINTED, "--export", f"b={sys.executable} -c 'print(1)'")
    assert (code, "stale: The schema of b is" in out) == (1, True)


@pytest.mark.parametrize(
    ("command", "told"),
    [
        (
            f"{sys.executable} -c 'import sys; sys.exit(\"first\\nlast words\")'",
            "ended with 1 and no schema: last words",
        ),
        (f"{sys.executable} -c ''", "ended with 0 and no schema: it said nothing"),
        (f"{sys.executable} -c 'print(1'", "SyntaxError"),
        (f"{sys.executable} -c 'import sys; sys.stdout.buffer.write(bytes([255]))'", "prints no UTF-8"),
        ("no-such-program", "cannot be run: "),
        ("'", "is no command"),
        (" ", "is no command"),
        (f"{sys.executable} -c 'input()' ", "EOFError"),
    ],
)
def test_an_export_that_fails_is_2(check, command, told):
    code, out, err = check("--export", command)
    assert (code, out, told in err) == (2, "", True), err


def test_an_export_that_takes_too_long_is_2(check):
    code, _, err = check(
        "--export", f"{sys.executable} -c 'import time; time.sleep(60)'", "--export-timeout", "0.2"
    )
    assert (code, "the export of a takes longer than 0.2 s" in err) == (2, True)


def test_two_exports_for_all_are_2(check):
    assert check("--export", "true", "--export", "true")[0] == 2


def git(folder, *arguments):
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.org"}
    identity |= {key.replace("AUTHOR", "COMMITTER"): value for key, value in identity.items()}
    environment = {**os.environ, **identity, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run([GIT, "-C", folder, *arguments], check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(folder):
    if not GIT:
        pytest.skip("there is no git here")
    git(folder, "init", "--initial-branch", "main")
    git(folder, "add", ".")
    git(folder, "commit", "--message", "first")
    return folder


def test_a_git_ref_is_what_was_committed(check, repository):
    assert check(against="main")[0] == 0
    write(repository, "a: Int")
    code, out, _ = check(against="HEAD")
    assert (code, out.startswith("breaking[FIELD_REMOVED]: Field Query.b")) == (1, True)
    git(repository, "commit", "--all", "--message", "second")
    assert check(against="main")[0] == 0
    assert check(against="main~1")[0] == 1


def test_the_configuration_may_stand_in_a_folder_and_its_schemas_above_it(check, repository, monkeypatch):
    (repository / "deploy").mkdir()
    (repository / "s.yaml").rename(repository / "deploy" / "s.yaml")
    (repository / "deploy" / "s.yaml").write_text(CONFIG.replace("schemas/", "../schemas/"))
    git(repository, "add", ".")
    git(repository, "commit", "--message", "moved")
    write(repository, "a: Int")
    assert main(["check", "-c", "deploy/s.yaml", "--against", "main"]) == 1
    monkeypatch.chdir(repository / "deploy")
    assert check(against="main")[0] == 1


@pytest.mark.parametrize("ref", ["nothing", "schemas", "main:s.yaml", ""])
def test_a_ref_that_is_not_known_is_2(check, repository, ref):
    code, _, err = check(against=ref)
    assert (code, "is neither a file nor a git ref" in err) == (2, True)


def test_a_ref_that_looks_like_an_option_is_none(check, repository, capsys):
    assert main(["check", "-c", "s.yaml", "--against=--help"]) == 2
    assert "is neither a file nor a git ref" in capsys.readouterr().err


def test_a_file_that_was_not_there_yet_is_2(check, repository):
    git(repository, "rm", "--cached", "schemas/a.graphql")
    git(repository, "commit", "--message", "gone")
    code, _, err = check(against="main")
    assert (code, "s.yaml at main: subgraphs.a.schema.file cannot be read: " in err) == (2, True), err


def test_what_did_not_compose_then_is_2(check, repository):
    write(repository, "a: Nothing")
    git(repository, "commit", "--all", "--message", "broken")
    write(repository, "a: Int")
    code, _, err = check(against="main")
    assert (code, "what it is compared with does not compose: INVALID_GRAPHQL" in err) == (2, True)


def test_running_subgraphs_are_not_asked_for_the_past(check, repository):
    (repository / "s.yaml").write_text("subgraphs: {a: {schema: {subgraph_url: 'http://127.0.0.1:9'}}}")
    git(repository, "commit", "--all", "--message", "asked")
    code, _, err = check(against="main")
    assert (code, "s.yaml at main: a can only be asked for the schema of today" in err) == (2, True)


def test_without_a_repository_or_git_there_is_no_ref(check, folder, monkeypatch):
    code, _, err = check(against="main")
    assert (code, "main: is no file, and no git ref can be looked up" in err) == (2, True)
    monkeypatch.setenv("PATH", str(folder))
    code, _, err = check(against="main")
    assert (code, "there is no git here" in err) == (2, True)


def test_a_configuration_from_standard_input_is_in_no_commit(repository, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(CONFIG))
    assert main(["check", "-c", "-", "--against", "main"]) == 2
    assert "needs --config to be a file of the repository" in capsys.readouterr().err
