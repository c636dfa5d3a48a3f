"""Persisted operations of a client, as a manifest has them."""

from router.checks.errors import CheckError
from router.kit.json import read_json
from router.policy.persisted_operations import ManifestError
from router.policy.persisted_operations import read_manifest as read_operations


def read_manifest(file: str, text: str) -> dict[str, str]:
    """The text of each operation; its name here is `file#name`.

    Raises:
        CheckError: it is no such manifest.
    """
    try:
        operations = read_operations(read_json(text.encode()))
    except ManifestError as error:
        raise CheckError([f"{file}: {error}"]) from error
    except ValueError as error:
        raise CheckError([f"{file}: is not JSON: {error}"]) from error
    texts: dict[str, str] = {}
    for index, operation in enumerate(operations):
        key = f"{file}#{operation.name or operation.id}"
        # Two persisted operations may share their name: old clients send the old one.
        texts[key if key not in texts else f"{key}-{index}"] = operation.body
    return texts
