"""The clients' operations, as they are kept in files."""

from collections.abc import Iterator
from pathlib import Path

from router.checks.errors import CheckError
from router.checks.operations.manifest import read_manifest
from router.config.text_file import read_text_file

_SUFFIXES = frozenset({".graphql", ".gql"})


def read_operations(*paths: Path | str) -> dict[str, str]:
    """Read the texts of operations: what `check` takes, by file.

    Args:
        paths: files with GraphQL, folders with such files (`.graphql` and `.gql`, at any depth), and manifests of
            persisted operations in Apollo's form (`.json`).

    Raises:
        CheckError: a manifest is not understood, or a folder has no operations; all problems at once.
        OSError: something cannot be read.
        ConfigurationError: a file is not UTF-8.
    """
    texts: dict[str, str] = {}
    problems: list[str] = []
    for path in map(Path, paths):
        files = sorted(_find(path)) if path.is_dir() else [path]
        if not files:
            problems.append(f"{path}: has no file with the ending .graphql or .gql")
        for file in files:
            try:
                texts |= _read(file)
            except CheckError as error:
                problems += error.problems
    if problems:
        raise CheckError(problems)
    return texts


def _find(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def _read(file: Path) -> dict[str, str]:
    text = read_text_file(file)
    return read_manifest(str(file), text) if file.suffix == ".json" else {str(file): text}
