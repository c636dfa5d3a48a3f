"""Subgraphs in the same process."""

import asyncio

import pytest

from router.executor.memory import MemoryTransport, mount_asgi
from router.executor.transport import SubgraphRequest, SubgraphTimeoutError, TransportError


async def application(scope, receive, send):
    body = (await receive())["body"]
    headers = dict(scope["headers"])
    assert (scope["method"], scope["path"], headers[b"x-a"]) == ("POST", "/graphql", b"1")
    await send(
        {"type": "http.response.start", "status": 201, "headers": [(b"content-type", b"application/json")]}
    )
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b"!"})


async def test_an_asgi_application_is_called_without_a_socket():
    transport = MemoryTransport({"a": mount_asgi(application)})
    answer = await transport.send(SubgraphRequest("a", b"{}", headers=(("x-a", "1"),)))
    assert (answer.status, answer.body, answer.headers) == (201, b"{}!", {"content-type": "application/json"})


async def test_an_application_that_says_nothing_is_no_answer():
    async def silent(_scope, _receive, _send):
        return

    with pytest.raises(TransportError):
        await MemoryTransport({"a": mount_asgi(silent)}).send(SubgraphRequest("a", b"{}"))


async def test_a_deadline_holds_for_functions_too():
    async def hang(_request):
        await asyncio.Event().wait()

    with pytest.raises(SubgraphTimeoutError):
        await MemoryTransport({"a": hang}).send(SubgraphRequest("a", b"{}", timeout_s=0.01))


async def test_an_unknown_subgraph_is_a_transport_error():
    with pytest.raises(TransportError):
        await MemoryTransport({}).send(SubgraphRequest("a", b"{}"))


async def test_a_subgraph_that_fails_is_a_transport_error():
    async def fail(_scope, _receive, _send):
        raise ZeroDivisionError

    with pytest.raises(TransportError, match="failed"):
        await MemoryTransport({"a": mount_asgi(fail)}).send(SubgraphRequest("a", b"{}"))
