"""Persisted operations of a client, in the form of Apollo's manifest.

Spec: Apollo GraphOS, persisted queries, "apollo-persisted-query-manifest", version 1.
"""

from router.checks.errors import CheckError
from router.kit.json import read_json

_FORMAT = "apollo-persisted-query-manifest"
_VERSION = 1


def read_manifest(file: str, text: str) -> dict[str, str]:
    """The text of each operation; its name here is `file#name`.

    Raises:
        CheckError: it is no such manifest.
    """
    try:
        manifest = read_json(text.encode())
    except ValueError as error:
        raise CheckError([f"{file}: is not JSON: {error}"]) from error
    if not isinstance(manifest, dict) or manifest.get("format") != _FORMAT:
        raise CheckError([f'{file}: is no manifest of persisted operations: "format" is not "{_FORMAT}"'])
    if manifest.get("version") != _VERSION:
        raise CheckError([f"{file}: version {manifest.get('version')} of the manifest is not known"])
    operations = manifest.get("operations")
    if not isinstance(operations, list):
        raise CheckError([f'{file}: "operations" is no list'])
    texts: dict[str, str] = {}
    for index, operation in enumerate(operations):
        body = operation.get("body") if isinstance(operation, dict) else None
        if not isinstance(body, str):
            raise CheckError([f'{file}: operation {index} has no "body"'])
        name = operation.get("name") or operation.get("id") or index
        key = f"{file}#{name}"
        # Two persisted operations may share their name: old clients send the old one.
        texts[key if key not in texts else f"{key}-{index}"] = body
    return texts
