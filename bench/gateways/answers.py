"""Questions to a gateway, and whether an answer is the one that the same data in one schema gives."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any


def post(url: str, body: bytes, timeout_s: float = 30, more: Mapping[str, str] | None = None) -> bytes:
    """The answer's bytes; `more` are headers.

    Raises:
        OSError: there was none, or its status is 400 or above.
    """
    headers = {"content-type": "application/json", "accept": "application/json", **(more or {})}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 -- addresses are our own
    with urllib.request.urlopen(request, timeout=timeout_s) as response:  # noqa: S310
        answer: bytes = response.read()
    return answer


def count_fetches(subgraphs_url: str) -> int:
    """Requests that the subgraphs have had so far."""
    with urllib.request.urlopen(f"{subgraphs_url}/stats", timeout=10) as response:  # noqa: S310
        stats = json.load(response)
    return sum(each["requests"] for path, each in stats.items() if path != "/monolith")


def find_difference(answer: bytes, expected: bytes) -> str | None:
    """None for the expected data in the expected order of keys, with errors if any are due; otherwise what is the matter."""
    got, wanted = json.loads(answer), json.loads(expected)
    if not isinstance(got, dict):
        return "not a GraphQL answer"
    if got.get("errors") and not wanted.get("errors"):
        return f"errors: {json.dumps(got['errors'])[:300]}"
    if not got.get("errors") and _has_failed(wanted):
        return "an error is not told"
    if got.get("data") != wanted["data"]:
        return "the data differ"
    if _read_ordered(answer)["data"] != _read_ordered(expected)["data"]:
        return "the keys are in another order"
    return None


def _has_failed(answer: dict[str, Any]) -> bool:
    """Whether anything went wrong beside nulls, which Apollo Router's clients are told of in extensions."""
    return any("non-nullable" not in error["message"] for error in answer.get("errors", ()))


def _read_ordered(text: bytes) -> dict[str, Any]:
    # Tuples compare in order, dicts do not.
    pairs = json.loads(text, object_pairs_hook=tuple)
    return dict(pairs)
