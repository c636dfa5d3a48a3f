"""Ports of 127.0.0.1 for tests."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager


@contextmanager
def listening_socket() -> Iterator[int]:
    """Listen on a free port, which nobody else gets meanwhile; gives the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_ports(count: int) -> list[int]:
    """Return `count` different ports that were free a moment ago."""
    with ExitStack() as held:
        return [held.enter_context(listening_socket()) for _ in range(count)]
