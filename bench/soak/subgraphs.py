"""Two subgraphs whose answers can be told right from wrong: everything follows from the number that a client sends."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import uvloop

SDL = {
    "echoes": """
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
        type Query { echo(n: Int!): Int item(n: Int!): Item things(n: Int!): [Thing!] }
        type Mutation { say(n: Int!): Int make(n: Int!): Item }
        type Item @key(fields: "id") { id: ID! }
        type Note { text: String! }
        union Thing = Item | Note
    """,
    "details": """
        extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
        type Item @key(fields: "id") { id: ID! detail: String }
    """,
}


THINGS = 20
"""Items of a list, every other one an entity."""

FAILING = 20
"""Of so many items the detail of one cannot be had."""


def _answer_echoes(body: dict[str, Any]) -> dict[str, Any]:
    n = body["variables"]["n"]
    item = {"__typename": "Item", "id": str(n)}
    if "say" in body["query"]:
        return {"data": {"say": n}}
    if "make" in body["query"]:
        return {"data": {"make": item}}
    if "things" in body["query"]:
        note = {"__typename": "Note", "text": f"note {n}"}
        return {"data": {"things": [{**item, "id": str(n + i)} if i % 2 else note for i in range(THINGS)]}}
    return {"data": {"echo": n, "item": item}}


def _answer_details(body: dict[str, Any]) -> dict[str, Any]:
    ids = [each["id"] for each in body["variables"]["representations"]]
    items = [{"__typename": "Item", "detail": tell_detail(int(each))} for each in ids]
    errors = [
        {"message": f"no detail of {ids[i]}", "path": ["_entities", i, "detail"]}
        for i, item in enumerate(items)
        if item["detail"] is None
    ]
    return {"data": {"_entities": items}, **({"errors": errors} if errors else {})}


def tell_detail(number: int) -> str | None:
    """The detail of an item; None where it cannot be had."""
    return "d" * 50 + str(number) if number % FAILING else None


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
                data = json.dumps(answer(body)).encode()
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
