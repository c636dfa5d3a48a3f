"""Compressed answers, unpacked within the bound: a small answer may unpack to more than there is memory."""

import zlib

from router.executor.transport import AnswerTooLargeError, TransportError

_WINDOWS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


def decode_body(body: bytes, encoding: str, bytes_max: int) -> bytes:
    """Undo a `content-encoding`.

    Raises:
        AnswerTooLargeError: it unpacks to more than `bytes_max`.
        TransportError: it is an encoding that we did not ask for, or the bytes are damaged.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name not in ("", "identity"):
            body = _inflate(body, name, bytes_max)
    return body


def _inflate(body: bytes, name: str, bytes_max: int) -> bytes:
    window = _WINDOWS.get(name)
    if window is None:
        msg = f'the answer has the content encoding "{name}", which was not asked for'
        raise TransportError(msg)
    unpacker = zlib.decompressobj(window)
    try:
        unpacked = unpacker.decompress(body, bytes_max + 1)
    except zlib.error as error:
        msg = f"the answer's {name} encoding is damaged"
        raise TransportError(msg) from error
    if len(unpacked) > bytes_max:
        msg = f"the response is larger than {bytes_max} bytes"
        raise AnswerTooLargeError(msg)
    if not unpacker.eof:
        msg = f"the answer's {name} encoding is damaged"
        raise TransportError(msg)
    return unpacked
