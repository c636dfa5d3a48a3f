"""The layer that runs hooks around each request to a subgraph."""

from msgspec.structs import replace

from router.executor.layers import FetchCall, Send
from router.executor.transport import SubgraphAnswer, TransportError
from router.hooks.chain import Stage
from router.hooks.errors import HookError
from router.hooks.messages import (
    SubgraphRequest,
    SubgraphResponse,
    check_object,
    check_status,
    check_url,
    read_headers,
    read_object,
    write_body,
    write_headers,
)
from router.kit.http_headers import join_values, split_values
from router.kit.json import read_json


class SubgraphHooks:
    """Runs the hooks of the subgraph stage."""

    def __init__(self, stage: Stage[SubgraphRequest, SubgraphResponse]) -> None:
        self._stage = stage

    def __call__(self, send: Send) -> Send:
        """What sends a call through the layer."""
        return lambda call: self.pass_on(call, send)

    async def pass_on(self, call: FetchCall, send: Send) -> SubgraphAnswer:
        """The answer that the hooks leave.

        Raises:
            TransportError: no usable answer; or a hook has failed, which is this one fetch's error.
        """
        request = call.request
        message = SubgraphRequest(
            call.context, request.subgraph, read_headers(request.headers), read_json(request.body)
        )
        raw: SubgraphAnswer | None = None

        async def proceed(message: SubgraphRequest) -> SubgraphResponse:
            nonlocal raw
            headers, body = write_headers(message.headers), write_body(check_object(message.body))
            changed = replace(request, headers=headers, body=body, url=check_url(message.url))
            if changed.url is not None and changed.place is not None:
                # Those that it could go with go to the subgraph's own URL.
                changed.place.give_up()
                changed = replace(changed, place=None)
            raw = await send(replace(call, request=changed))
            answer = {name: split_values(name, value) for name, value in raw.headers.items()}
            shown = read_object(raw.body)
            return SubgraphResponse(
                call.context, request.subgraph, shown, raw.status, answer, message.id, message
            )

        try:
            response = await self._stage.run(message, proceed)
            if raw is not None and not self._stage.has_response_hooks:
                return raw
            return _write(response, raw)
        except HookError as error:
            raise TransportError(str(error)) from error


def _write(response: SubgraphResponse, raw: SubgraphAnswer | None) -> SubgraphAnswer:
    headers: dict[str, str] = {}
    for name, value in write_headers(response.headers):
        headers[name] = join_values(name, headers[name], value) if name in headers else value
    if raw is not None and not response.body:
        # What was no JSON stays the reason that the client is told.
        return SubgraphAnswer(check_status(response.status), raw.body, headers)
    if raw is None:
        # A hook's own answer is no failure of HTTP, whatever its status: this media type says so.
        headers["content-type"] = "application/graphql-response+json"
    headers.setdefault("content-type", "application/json")
    return SubgraphAnswer(check_status(response.status), write_body(check_object(response.body)), headers)
