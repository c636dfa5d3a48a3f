"""`python -m router config`."""

import json

from router.__main__ import main


def test_the_schema_is_json(capsys):
    assert main(["config", "schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    assert schema["properties"]["limits"]["anyOf"][0]["properties"]["parser_max_tokens"]["default"] == 15000


def test_a_file_is_validated(tmp_path, capsys):
    file = tmp_path / "router.yaml"
    file.write_text("rhai: {scripts: x}\n")
    assert main(["config", "validate", str(file)]) == 0
    told = capsys.readouterr()
    assert told.out == f"{file} is valid\n"
    assert told.err.startswith("warning: rhai is not supported yet and has no effect: write hooks in Python")
    file.write_text("limit: {}\nsupergraph: {introspection: 3}\n")
    assert main(["config", "validate", str(file)]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "error: line 2: supergraph.introspection must be true or false",
        'error: line 1: limit is not known. Did you mean "limits"?',
    ]


def test_a_file_is_upgraded(tmp_path, capsys):
    file = tmp_path / "router.yaml"
    file.write_text("preview_operation_limits:\n  max_depth: 3\n")
    assert main(["config", "upgrade", str(file)]) == 0
    assert capsys.readouterr().out == "limits:\n  max_depth: 3\n"
    assert main(["config", "upgrade", "--diff", str(file)]) == 0
    assert "-preview_operation_limits:\n+limits:\n" in capsys.readouterr().out
    assert file.read_text().startswith("preview")
