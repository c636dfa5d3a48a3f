"""What becomes of memory that answers have used: it is kept for the next ones.

glibc gives what is free at the end of its heap back to the kernel, and takes it again, as zeroed pages, a moment later. At 87 KB
an answer that is ten page faults, 3 % of its CPU. How much it keeps is twice the largest block that it has ever mapped by itself
and seen freed, up to 64 MB. Spec: mallopt(3), M_MMAP_THRESHOLD.
"""

KEPT_BYTES = 16_777_216
"""At the end of the heap. More than the answers under way have at a time, unless they are large; then glibc keeps more by itself."""


def keep_freed_memory() -> None:
    """Have the C library keep `KEPT_BYTES` from now on, unless the environment says otherwise or it is not glibc."""
    # Zeros that nobody reads or writes are never in memory.
    bytes(KEPT_BYTES // 2)
