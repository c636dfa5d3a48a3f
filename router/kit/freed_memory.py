"""What becomes of memory that answers have used: it is kept for the next ones, up to a bound.

glibc gives what is free at the end of its heap back to the kernel, and takes it again, as zeroed pages, a moment later. At 87 KB
an answer that is ten page faults, 3 % of its CPU. By itself it keeps little at first, and after one large answer twice as much as
that; here it is the same bound from first to last.
"""

import ctypes

KEPT_BYTES_MAX = 16_777_216
"""At the end of the heap."""

MAPPED_BYTES_MIN = 1_048_576
"""What is as large as this is given back as soon as it is free."""

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Spec: mallopt(3)."""


def keep_freed_memory() -> None:
    """Set the bounds for this process. Does nothing where the C library is another one."""
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return
    set_option(_TRIM_THRESHOLD, KEPT_BYTES_MAX)
    set_option(_MMAP_THRESHOLD, MAPPED_BYTES_MIN)
