"""The four forms of a report, from one check that found something of every sort."""

import json

import pytest

from router import Check, SubgraphSource, check
from router.checks.report import build_document, write_github, write_markdown, write_plain
from router.kit.json import write_json

OLD = "type Query { item: Item }\ntype Item { id: ID! old: Int gone: Int }\n"
NEW = "type Query { item: Item more: Int }\ntype Item {\n  id(as: String): ID!\n}\n"
OPERATIONS = {
    "app/a.graphql": "query A { item { gone } }",
    "app/b.graphql": "query B { nothing }",
}


@pytest.fixture
def found():
    sources = [SubgraphSource("items", "", NEW, "items/schema.graphql")]
    return check(
        sources,
        against={"items": OLD},
        operations=OPERATIONS,
        exported={"items": NEW.replace("more", "most")},
    )


@pytest.fixture
def failed():
    return check(
        [SubgraphSource("items", "", "type Query { a: No }", "items.graphql")], against={"items": OLD}
    )


def test_plain_tells_each_finding_and_ends_with_the_verdict(found):
    assert (
        write_plain(found)
        == """\
unused[FIELD_REMOVED]: Field Item.old was removed.
  --> items/schema.graphql:2:6 (items)
  no operation uses it
breaking[FIELD_REMOVED]: Field Item.gone was removed.
  --> items/schema.graphql:2:6 (items)
  used by A
dangerous[FIELD_ARGUMENT_ADDED]: Argument Item.id(as:) of type String was added: the field may behave differently without it.
  --> items/schema.graphql:3:6 (items)
  no operation uses it
safe[FIELD_ADDED]: Field Query.more: Int was added.
  --> items/schema.graphql:1:25 (items)
broken: operation A
  --> app/a.graphql:1
  Cannot query field 'gone' on type 'Item'.
  Field Item.gone was removed.
invalid: operation B, and it was not valid before
  --> app/b.graphql:1
  Cannot query field 'nothing' on type 'Query'.
stale: The schema of items is not what its code exports: export it again and review the difference.
  --> items/schema.graphql:1
  --- items/schema.graphql
  +++ exported
  @@ -1,4 +1,4 @@
  -type Query { item: Item more: Int }
  +type Query { item: Item most: Int }
   type Item {
     id(as: String): ID!
   }
subgraph items: 2 breaking, 1 dangerous, 1 safe changes
  breaking  FIELD_REMOVED Item.old
  breaking  FIELD_REMOVED Item.gone
  dangerous FIELD_ARGUMENT_ADDED Item.id(as:)
  safe      FIELD_ADDED Query.more
This must not be published as it is: 2 breaking, 1 dangerous, 1 safe changes, 1 of 2 operations broken, 1 schema not as exported.
"""
    )


def test_plain_is_painted_by_the_kind_of_finding(found):
    painted = write_plain(found, lambda text, kind: f"<{kind}>{text}</>")
    assert painted.startswith("<info>unused[FIELD_REMOVED]</>: Field Item.old")
    assert "<error>breaking[FIELD_REMOVED]</>" in painted
    assert "<warning>dangerous[FIELD_ARGUMENT_ADDED]</>" in painted
    assert "<debug>safe[FIELD_ADDED]</>" in painted


def test_errors_of_composition_are_the_report(failed):
    assert write_plain(failed) == (
        "error[INVALID_GRAPHQL]: [items] Unknown type 'No'.\n"
        "  --> items.graphql:1:17 (items)\n"
        "The subgraphs do not compose: 1 error.\n"
    )


def test_the_document_has_everything(found):
    document = build_document(found)
    data, error = document["data"], document["error"]
    assert (document["json_version"], data["success"], data["result"], data["failure_count"]) == (
        "1",
        False,
        "FAIL",
        1,
    )
    assert data["operation_check_count"] == 2
    assert data["changes"][1] == {
        "severity": "FAIL",
        "criticality": "breaking",
        "code": "FIELD_REMOVED",
        "coordinate": "Item.gone",
        "description": "Field Item.gone was removed.",
        "subgraphs": ["items"],
        "operations": ["A"],
        "nodes": [
            {"subgraph": "items", "source": "items/schema.graphql", "start": {"line": 2, "column": 6}},
        ],
    }
    assert data["changes"][0]["severity"] == "PASS"
    assert [change["code"] for change in data["subgraphs"]["items"]] == [
        each["code"] for each in data["changes"]
    ]
    assert [(each["name"], each["broken"], each["valid_before"]) for each in data["operations"]] == [
        ("A", True, True),
        ("B", False, False),
    ]
    assert data["stale"][0]["subgraph"] == "items"
    assert error["code"] == "E030"
    assert json.loads(write_json(document)) == document


def test_the_document_of_what_does_not_compose_is_rovers(failed):
    document = build_document(failed)
    assert document["data"] == {"success": False}
    assert document["error"]["code"] == "E029"
    (error,) = document["error"]["details"]["build_errors"]
    assert (error["code"], error["nodes"][0]["source"]) == ("INVALID_GRAPHQL", "items.graphql")


def test_the_document_of_a_safe_check_has_no_error():
    assert build_document(Check())["error"] is None
    assert build_document(Check())["data"]["operations"] is None


def test_markdown_begins_with_the_verdict_and_escapes(found):
    text = write_markdown(found)
    assert text.startswith("## ❌ This must not be published as it is: ")
    assert "### Broken operations\n\n- **A** (app/a.graphql:1)\n  - Cannot query field 'gone'" in text
    assert "- `FIELD_REMOVED` Field Item.gone was removed. (items; used by A)" in text
    assert (
        "<details><summary>Subgraph items: 2 breaking, 1 dangerous, 1 safe changes</summary>\n\n- breaking: "
        in text
    )
    changed = check({"a": "type Query { a: [Int]! }"}, against={"a": "type Query { a: [Int!] }"})
    assert r"from \[Int!\] to \[Int\]!" in write_markdown(changed)


def test_markdown_tells_what_does_not_compose(failed):
    assert "### Does not compose\n\n- `INVALID_GRAPHQL` \\[items\\] Unknown type 'No'." in write_markdown(
        failed
    )


def test_github_annotates_the_lines(found):
    assert write_github(found).splitlines()[:-1] == [
        "::notice file=items/schema.graphql,line=2,col=6,title=FIELD_REMOVED::Field Item.old was removed. (no operation uses it)",
        "::error file=items/schema.graphql,line=2,col=6,title=FIELD_REMOVED::Field Item.gone was removed. (used by A)",
        (
            "::warning file=items/schema.graphql,line=3,col=6,title=FIELD_ARGUMENT_ADDED::Argument Item.id(as:) of type "
            "String was added: the field may behave differently without it. (no operation uses it)"
        ),
        (
            "::error file=app/a.graphql,line=1,col=1,title=Operation A is broken::Cannot query field 'gone' on type "
            "'Item'. Field Item.gone was removed."
        ),
        (
            "::error file=items/schema.graphql,line=1,col=1,title=Schema not as exported::The schema of items is not "
            "what its code exports: export it again and review the difference."
        ),
    ]


def test_github_takes_no_text_for_a_command(failed):
    assert write_github(failed).startswith(
        "::error file=items.graphql,line=1,col=17,title=INVALID_GRAPHQL::[items] Unk"
    )
    operations = {"a,b:1%.graphql": "query A { item { old } }"}
    found = check({"items": NEW}, against={"items": OLD}, operations=operations)
    lines = write_github(found).splitlines()
    assert "::error file=a%2Cb%3A1%25.graphql,line=1,col=1,title=Operation A is broken::" in "\n".join(lines)
    assert lines[0].startswith("::error title=FIELD_REMOVED::"), "a text that is in no file has no place"


def test_github_names_the_manifest_and_not_the_operation_in_it():
    operations = {"m.json#A": "query A { item { old } }"}
    found = check({"items": NEW}, against={"items": OLD}, operations=operations)
    assert "::error file=m.json,line=1,col=1,title=Operation A is broken::" in write_github(found)
