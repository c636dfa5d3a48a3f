"""The SDL of a running subgraph, asked for as federation defines it."""

import urllib.error
import urllib.request

import orjson

TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 20_000_000
_BODY = orjson.dumps({"query": "{ _service { sdl } }"})


class FetchError(Exception):
    """The subgraph did not give its SDL; the message says why."""


def fetch_sdl(url: str) -> str:
    """Ask a subgraph for its SDL.

    Raises:
        FetchError: no answer within ten seconds, or one without SDL.

    Spec: Apollo Federation subgraph specification, `Query._service`.
    """
    if not url.startswith(("http://", "https://")):
        raise FetchError("must begin with http:// or https://")
    headers = {"content-type": "application/json", "accept": "application/json"}
    request = urllib.request.Request(url, _BODY, headers, method="POST")  # noqa: S310 -- the scheme is checked
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as response:  # noqa: S310 -- the scheme is checked
            content = response.read(ANSWER_BYTES_MAX + 1)
    except (urllib.error.URLError, TimeoutError, OSError) as error:
        raise FetchError(f"does not answer: {getattr(error, 'reason', error)}") from error
    try:
        sdl = orjson.loads(content)["data"]["_service"]["sdl"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        raise FetchError("answers without an SDL: is it a federation subgraph?") from None
    if not isinstance(sdl, str):
        raise FetchError("answers without an SDL: is it a federation subgraph?")
    return sdl
