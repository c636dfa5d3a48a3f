"""Memory that has been freed is there for what comes next, without a page fault."""

import platform
import subprocess
import sys

import pytest

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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not glibc")
def test_what_answers_have_used_is_not_taken_from_the_kernel_again():
    result = subprocess.run([sys.executable, "-c", COUNT_FAULTS], capture_output=True, text=True, check=True)
    assert int(result.stdout) < PAGES_OF_ONE_USE / 10
