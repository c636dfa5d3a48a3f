"""HTTP's content encodings. Unpacking is bounded: a small body may unpack to more than there is memory.

Spec: RFC 9110, 8.4.1 Content Codings; RFC 7932 (br), RFC 8878 (zstd).
"""

import zlib
from collections.abc import Callable
from functools import partial
from typing import Protocol

import brotli  # type: ignore[import-untyped]  # it ships no types
from backports import zstd

ENCODINGS = ("zstd", "br", "gzip", "deflate")
"""What is read and written, the cheapest to write first."""

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}

_BROTLI_QUALITY = 1
_ZSTD_LEVEL = 1
_DEFLATE_LEVEL = 1

_GZIP_MAGIC, _ZSTD_MAGIC = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
"""How each member of a series begins."""

_MEMBERS_MAX = 100
"""Of a series; at each the rest of the body is copied."""

_PARTS_MAX = 3
"""Encodings on top of each other; one is usual, and each costs."""


class UnknownEncodingError(ValueError):
    """The body has an encoding that is not one of ours."""


class DamagedEncodingError(ValueError):
    """The body is not what its encoding says."""


class UnpackedTooLargeError(ValueError):
    """The body unpacks to more than the bound."""


def decode_body(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """Undo a `content-encoding`.

    Raises:
        UnknownEncodingError: it is none of `ENCODINGS`.
        DamagedEncodingError: the bytes are damaged or incomplete.
        UnpackedTooLargeError: it unpacks to more than `bytes_max`.
    """
    names = [part.strip().lower() for part in encoding.split(",")]
    if len(names) > _PARTS_MAX:
        raise UnknownEncodingError(encoding)
    for name in reversed(names):
        if name in ("", "identity"):
            continue
        unpack = _UNPACKERS.get(name)
        if unpack is None:
            raise UnknownEncodingError(name)
        unpacked, is_whole = unpack(body, name, bytes_max + 1)
        if len(unpacked) > bytes_max:
            raise UnpackedTooLargeError(bytes_max)
        if not is_whole:
            raise DamagedEncodingError(name)
        body = unpacked
    return body


def encode_body(body: bytes, encoding: str) -> bytes:
    """`body` in one of `ENCODINGS`, packed quickly rather than tightly."""
    if encoding == "zstd":
        return zstd.compress(body, _ZSTD_LEVEL)
    if encoding == "br":
        return bytes(brotli.compress(body, quality=_BROTLI_QUALITY))
    packer = zlib.compressobj(_DEFLATE_LEVEL, wbits=_WINDOWS[encoding])
    return packer.compress(body) + packer.flush()


class Packer:
    """Packs a body that comes in pieces: what has gone in so far can be read from what has come out."""

    def __init__(self, encoding: str) -> None:
        """`encoding` is one of `ENCODINGS`."""
        self._pack: Callable[[bytes], bytes]
        self._flush: Callable[[], bytes]
        self.finish: Callable[[], bytes]
        if encoding == "zstd":
            to_zstd = zstd.ZstdCompressor(_ZSTD_LEVEL)
            self._pack = to_zstd.compress
            self._flush = partial(to_zstd.flush, to_zstd.FLUSH_BLOCK)
            self.finish = to_zstd.flush
        elif encoding == "br":
            to_brotli = brotli.Compressor(quality=_BROTLI_QUALITY)
            self._pack, self._flush, self.finish = to_brotli.process, to_brotli.flush, to_brotli.finish
        else:
            packer = zlib.compressobj(_DEFLATE_LEVEL, wbits=_WINDOWS[encoding])
            self._pack = packer.compress
            self._flush = partial(packer.flush, zlib.Z_SYNC_FLUSH)
            self.finish = packer.flush

    def pack(self, piece: bytes) -> bytes:
        """What the next piece becomes."""
        return self._pack(piece) + self._flush()


def _inflate(body: bytes, name: str, bytes_max: int) -> tuple[bytes, bool]:
    window, magic = _WINDOWS[name], _GZIP_MAGIC if name != "deflate" else None
    if magic is None:
        # Some leave the zlib format out, RFC 9110, 8.4.1.2 says; its first byte ends with 8, and that of theirs does not.
        window = window if body[:1] and body[0] & 0x0F == zlib.DEFLATED else -window
    return _unpack_series(partial(zlib.decompressobj, window), magic, body, name, bytes_max)


def _unpack_zstd(body: bytes, name: str, bytes_max: int) -> tuple[bytes, bool]:
    options = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
    make = partial(zstd.ZstdDecompressor, options=options)
    return _unpack_series(make, _ZSTD_MAGIC, body, name, bytes_max)


class _Unpacker(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def _unpack_series(
    make: Callable[[], _Unpacker], magic: bytes | None, body: bytes, name: str, bytes_max: int
) -> tuple[bytes, bool]:
    """Unpack one member after the other: a series of them is one body. What begins as no member is left.

    Spec: RFC 1952, 2.2 (gzip); RFC 8878, 3.1 (zstd).
    """
    parts: list[bytes] = []
    size = 0
    for _ in range(_MEMBERS_MAX):
        unpacker = make()
        try:
            part = unpacker.decompress(body, bytes_max - size)
        except (zlib.error, zstd.ZstdError) as error:
            raise DamagedEncodingError(name) from error
        parts.append(part)
        size += len(part)
        if not unpacker.eof or size >= bytes_max:
            return b"".join(parts), unpacker.eof
        body = unpacker.unused_data
        if magic is None or not body.startswith(magic):
            return b"".join(parts), True
    raise DamagedEncodingError(name)


_ZSTD_WINDOW_LOG = 23
"""8 MiB, as RFC 9659 has it for HTTP: a frame may ask for far more memory than it fills."""


def _unpack_brotli(body: bytes, name: str, bytes_max: int) -> tuple[bytes, bool]:
    unpacker = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        part = unpacker.process(body, output_buffer_limit=bytes_max)
        while part:
            parts.append(part)
            size += len(part)
            if size >= bytes_max or unpacker.can_accept_more_data():
                break
            part = unpacker.process(b"", output_buffer_limit=bytes_max - size)
    except brotli.error as error:
        raise DamagedEncodingError(name) from error
    return b"".join(parts), unpacker.is_finished()


_UNPACKERS: dict[str, Callable[[bytes, str, int], tuple[bytes, bool]]] = {
    **dict.fromkeys(_WINDOWS, _inflate),
    "br": _unpack_brotli,
    "zstd": _unpack_zstd,
}
