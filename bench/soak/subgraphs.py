"""Two subgraphs whose answers can be told right from wrong: everything follows from the number that a client sends."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import uvloop

SDL = {
    "echoes": """
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
        type Query { echo(n: Int!): Int item(n: Int!): Item }
        type Mutation { say(n: Int!): Int }
        type Item @key(fields: "id") { id: ID! }
    """,
    "details": """
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
        type Item @key(fields: "id") { id: ID! detail: String }
    """,
}


def _answer_echoes(body: dict[str, Any]) -> dict[str, Any]:
    n = body["variables"]["n"]
    if body["query"].lstrip().startswith("mutation"):
        return {"say": n}
    return {"echo": n, "item": {"__typename": "Item", "id": str(n)}}


def _answer_details(body: dict[str, Any]) -> dict[str, Any]:
    return {
        key: [{"__typename": "Item", "detail": "d" * 50 + each["id"]} for each in representations]
        for key, representations in zip(["_entities"], [body["variables"]["representations"]], strict=True)
    }


ANSWERS = {"echoes": _answer_echoes, "details": _answer_details}


def serve(name: str, port: int) -> None:
    """Be one of the two until killed."""
    uvloop.run(_serve(ANSWERS[name], port))


async def _serve(answer: Callable[[dict[str, Any]], dict[str, Any]], port: int) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                (line,) = (x for x in head.split(b"\r\n") if x.startswith(b"content-length"))
                body = json.loads(await reader.readexactly(int(line[15:])))
                data = json.dumps({"data": answer(body)}).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                    % (len(data), data)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", port, reuse_address=True)
    await server.serve_forever()
