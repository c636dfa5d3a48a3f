"""Memory that has been freed is there for what comes next, without a page fault."""

import ctypes
import subprocess
import sys

import pytest

from router.kit.freed_memory import keep_freed_memory

COUNT_FAULTS = """
import resource
from router.kit.freed_memory import keep_freed_memory

def use_and_free():
    blocks = [b'x' * size for size in (900_000, 500_000, 200_000) * 4]

def count_faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

keep_freed_memory()
use_and_free()
before = count_faults()
for _ in range(5):
    use_and_free()
print(count_faults() - before)
"""
PAGES_OF_ONE_USE = 4 * 1_600_000 // 4096


def _read_glibc_version():
    return getattr(ctypes.CDLL(None), "gnu_get_libc_version", None)


@pytest.mark.skipif(_read_glibc_version() is None, reason="the C library is not glibc")
def test_what_answers_have_used_is_not_taken_from_the_kernel_again():
    result = subprocess.run([sys.executable, "-c", COUNT_FAULTS], capture_output=True, text=True, check=True)
    assert int(result.stdout) < PAGES_OF_ONE_USE / 10


def test_another_c_library_is_left_alone(monkeypatch):
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    keep_freed_memory()
