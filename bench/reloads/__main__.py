"""`python -m bench.reloads`: a hundred reloads of a router that is asked all the while; the exit code is 1 if a request failed.

New configurations, new supergraphs, both at once, SIGHUP, and broken files in between, in turn.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.support.reloading import run_reloads


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser("python -m bench.reloads", description=__doc__)
    parser.add_argument("--reloads", type=int, default=100)
    options = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = asyncio.run(run_reloads(Path(folder), options.reloads))
    print(
        f"{report.reloads} reloads in {time.monotonic() - begun:.0f} s, {report.answers} answers, {len(report.failures)} failed"
    )
    for failure in report.failures[:10]:
        print(f"  {failure}")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
