"""Ending a listening socket without a reset for anybody who has connected.

The kernel resets what waits in the queue of a socket that is closed, and what is still shaking hands. So first no handshake
begins any more, then those under way and the queue are waited for, and then the socket is closed: whoever asks for a connection
is served or refused, and never loses a request.
"""

import asyncio
import ctypes
import logging
import select
import socket
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

logger = logging.getLogger(__name__)

QUIET_S = 0.25
"""How long nobody must have waited in a queue until it counts as served: a few round trips."""

QUIET_S_MAX = 2.0
"""And when it is closed at the latest: where other processes listen too, some always wait."""

_POLL_S = 0.05

# A classic BPF program that drops each segment with SYN and without ACK, which asks for a connection: a byte of TCP's header
# (RFC 9293, 3.1) is loaded, masked, compared, and nothing or all of the segment let through.
_LOAD_BYTE, _AND, _JUMP_IF_EQUAL, _RETURN = 0x30, 0x54, 0x15, 0x06
_FLAGS_AT, _SYN, _SYN_OR_ACK, _ALL = 13, 0x02, 0x12, 0xFFFF_FFFF
_INSTRUCTIONS = (
    (_LOAD_BYTE, 0, 0, _FLAGS_AT),
    (_AND, 0, 0, _SYN_OR_ACK),
    (_JUMP_IF_EQUAL, 0, 1, _SYN),
    (_RETURN, 0, 0, 0),
    (_RETURN, 0, 0, _ALL),
)
_SO_ATTACH_FILTER = 26


def refuse_handshakes(sockets: Iterable[socket.socket]) -> None:
    """Let nobody connect any more, in any process that listens at the same sockets; who has begun to is let in.

    Clients try again after a second, by when the socket should be closed. Unix sockets lose their names. Only on Linux: elsewhere
    nothing happens.
    """
    if sys.platform != "linux":
        return
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in _INSTRUCTIONS))
    described = struct.pack("HP", len(_INSTRUCTIONS), ctypes.addressof(program))
    for each in sockets:
        if each.family == socket.AF_UNIX:
            # A connection to it is in the queue at once: there are no handshakes.
            Path(each.getsockname()).unlink(missing_ok=True)
            continue
        try:
            each.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, described)
        except OSError as error:
            logger.warning("clients that connect while the router ends may be reset: %s", error)


async def wait_for_last(sockets: Iterable[socket.socket]) -> None:
    """Return when nobody has waited in the queues for `QUIET_S`; the event loop takes them in meanwhile."""
    queues = select.poll()
    for each in sockets:
        queues.register(each, select.POLLIN)
    loop = asyncio.get_running_loop()
    begun = quiet_since = loop.time()
    while (now := loop.time()) - quiet_since < QUIET_S and now - begun < QUIET_S_MAX:
        await asyncio.sleep(_POLL_S)
        if queues.poll(0):
            quiet_since = loop.time()
