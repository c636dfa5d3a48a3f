"""The end of a listening socket: who has connected is served, who has not is refused."""

import asyncio
import socket

from router.server.last_connections import refuse_handshakes, wait_for_last


async def test_who_has_connected_to_a_unix_socket_is_served_and_nobody_else_can(tmp_path):
    path = str(tmp_path / "s")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        reader, writer = await asyncio.open_unix_connection(path)
        refuse_handshakes([listening])
        assert not (tmp_path / "s").exists()
        server = await asyncio.start_unix_server(lambda _, writer: writer.close(), sock=listening)
        await wait_for_last([listening])
        server.close()
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()


async def test_a_queue_that_is_never_empty_is_left_in_the_end(monkeypatch):
    monkeypatch.setattr("router.server.last_connections.QUIET_S_MAX", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.socket() as waiting:
        waiting.connect(listening.getsockname())
        async with asyncio.timeout(20):
            await wait_for_last([listening])
