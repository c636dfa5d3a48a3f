"""Asking the coprocessor: one POST with JSON, one JSON object back."""

from datetime import timedelta

from pyreqwest.client import Client, ClientBuilder
from pyreqwest.exceptions import PyreqwestError

from router.hooks.errors import HookError
from router.kit.json import JsonObject, read_json, write_json

ANSWER_BYTES_MAX = 16 * 1024 * 1024
CONNECTIONS_MAX = 256
OK = 200


class CoprocessorClient:
    """Connections to one coprocessor, made when first needed and kept open."""

    def __init__(self, url: str, timeout_s: float) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._client: Client | None = None

    async def ask(self, message: JsonObject) -> JsonObject:
        """What the coprocessor answers.

        Raises:
            HookError: it does not, in time, with status 200 and a JSON object.
        """
        if self._client is None:
            self._client = _build_client(self._timeout_s)
        request = self._client.post(self._url).headers(
            [("content-type", "application/json"), ("accept", "application/json")]
        )
        try:
            async with request.body_bytes(write_json(message)).build_streamed() as response:
                if response.status != OK:
                    raise HookError(f"the coprocessor answered with status {response.status}")
                body = b""
                while (chunk := await response.body_reader.read_chunk()) is not None:
                    body += bytes(chunk)
                    if len(body) > ANSWER_BYTES_MAX:
                        raise HookError(f"the coprocessor's answer is larger than {ANSWER_BYTES_MAX} bytes")
            answer = read_json(body)
        except PyreqwestError as error:
            raise HookError(f"the coprocessor cannot be asked: {type(error).__name__}") from error
        except ValueError as error:
            raise HookError("the coprocessor's answer is no JSON") from error
        if not isinstance(answer, dict):
            raise HookError("the coprocessor's answer is no JSON object")
        return answer

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()


def _build_client(timeout_s: float) -> Client:
    return (
        ClientBuilder()
        .timeout(timedelta(seconds=timeout_s))
        .follow_redirects(enable=False)
        .default_cookie_store(enable=False)
        .max_connections(CONNECTIONS_MAX)
        .no_proxy()
        .build()
    )
