"""A migration runs while the release before it still serves: what `pre` ones do, that release must not notice."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.architecture.sources import ROOT

FOLDERS = sorted((ROOT / "subgraphs").glob("*/migrations"))
FILES = [path for folder in FOLDERS for path in sorted(folder.glob("*.py"))]
NAME = re.compile(r"(\d{4})_(pre|post)_[a-z_]+\.py")
TAKES_AWAY = re.compile(
    r"""\b(?: DROP \s+ (?:TABLE|COLUMN|FUNCTION|TYPE|VIEW) | RENAME | SET \s+ NOT \s+ NULL | ALTER \s+ COLUMN \s+ \w+ \s+ (?:SET\s+DATA\s+)? TYPE )\b
      | ADD \s+ COLUMN (?! [^,;]* (?:DEFAULT|GENERATED) ) [^,;]* NOT \s+ NULL""",
    re.VERBOSE | re.IGNORECASE,
)
UNNOTICED_NEVER = {"products/0032"}
"""From before the rule: across these the service stops."""


def read_statements(path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    """A migration, and all the SQL of its upgrade."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    said: list[str] = []
    monkeypatch.setattr(module.op, "execute", lambda statement: said.append(str(statement)))
    module.upgrade()
    return module, ";\n".join(said)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}/{path.stem}")
def test_the_release_before_does_not_notice_a_migration(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = NAME.fullmatch(path.name)
    assert name, "a migration is called NNNN_pre_what.py, or NNNN_post_what.py"
    module, sql = read_statements(path, monkeypatch)
    assert module.revision == name[1]
    taken = [found[0] for found in TAKES_AWAY.finditer(sql)]
    is_known = f"{path.parts[-3]}/{name[1]}" in UNNOTICED_NEVER
    assert name[2] == "post" or is_known == bool(taken), (
        f"{taken}: add now, and take away in a `post` migration of a later release (docs/decisions/0062)"
    )


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parts[-2])
def test_the_migrations_of_a_subgraph_are_one_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    modules = [read_statements(path, monkeypatch)[0] for path in sorted(folder.glob("*.py"))]
    revisions = [None, *(module.revision for module in modules)]
    assert [module.down_revision for module in modules] == revisions[:-1]


@pytest.mark.parametrize(
    ("sql", "takes_away"),
    [
        ("ALTER TABLE a DROP COLUMN b", True),
        ("DROP TABLE a", True),
        ("ALTER TABLE a RENAME TO b", True),
        ("ALTER TABLE a ALTER COLUMN b SET NOT NULL", True),
        ("ALTER TABLE a ALTER COLUMN b TYPE text", True),
        ("ALTER TABLE a ADD COLUMN b text NOT NULL", True),
        ("ALTER TABLE a ADD COLUMN b text NOT NULL DEFAULT 'x', ADD COLUMN c text", False),
        ("ALTER TABLE a ADD COLUMN b integer GENERATED ALWAYS AS (1) STORED NOT NULL", False),
        ("CREATE TABLE a (b text NOT NULL)", False),
        ("ALTER TABLE a DROP CONSTRAINT b", False),
    ],
)
def test_the_check_sees_what_takes_away(sql: str, takes_away: bool) -> None:
    assert bool(TAKES_AWAY.search(sql)) is takes_away
