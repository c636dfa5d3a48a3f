"""Bodies that go out piece by piece, while the client listens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from router.kit.content_encoding import Packer


class ByteStream:
    """A body in pieces; whoever has it closes it.

    Attributes:
        on_end: called once when it has ended, whole or not; told how many bytes have gone out.
    """

    def __init__(self, pieces: AsyncIterator[bytes], close: Callable[[], Awaitable[None]]) -> None:
        """`close` ends whatever makes the pieces."""
        self._pieces = pieces
        self._close = close
        self._packer: Packer | None = None
        self._sent_bytes = 0
        self.on_end: list[Callable[[int], None]] = []

    def pack(self, packer: Packer) -> None:
        """Have the pieces packed; each can be unpacked as soon as it is there."""
        self._packer = packer

    async def next_piece(self) -> bytes | None:
        """The next piece, as it goes out; None after the last."""
        try:
            piece = await anext(self._pieces)
        except StopAsyncIteration:
            if self._packer is None:
                return None
            piece, self._packer = self._packer.finish(), None
            self._sent_bytes += len(piece)
            return piece
        if self._packer is not None:
            piece = self._packer.pack(piece)
        self._sent_bytes += len(piece)
        return piece

    async def aclose(self) -> None:
        """End it."""
        told, self.on_end = self.on_end, []
        try:
            await self._close()
        finally:
            for note in told:
                note(self._sent_bytes)


def when_sent(body: bytes | ByteStream, note: Callable[[int], None]) -> None:
    """Call `note` with a body's bytes: now if it is whole, when it has ended if it comes in pieces."""
    if isinstance(body, ByteStream):
        body.on_end.append(note)
    else:
        note(len(body))


async def pass_on(
    stream: ByteStream, send: Callable[[bytes], Awaitable[None]], gone: Awaitable[None]
) -> bool:
    """Send all pieces; tells whether the client, who is `gone` when that is done, was there to the end."""
    leaving = asyncio.ensure_future(gone)
    try:
        while True:
            coming = asyncio.ensure_future(stream.next_piece())
            await asyncio.wait({coming, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if not coming.done():
                coming.cancel()
                with suppress(asyncio.CancelledError):
                    await coming
                return False
            piece = coming.result()
            if piece is None:
                return True
            await send(piece)
    finally:
        leaving.cancel()
        await stream.aclose()
