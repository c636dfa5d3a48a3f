"""`python -m bench.reloads`: a hundred reloads of a router that is asked all the while; the exit code is 1 if a request failed.

New configurations, new supergraphs, both at once, SIGHUP, and broken files in between, in turn. With `--large` one of 100 subgraphs
is loaded again and again, and what clients wait meanwhile is printed.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from bench.reloads.large import run_large
from tests.support.reloading import run_reloads


def main() -> int:
    """Run and tell."""
    parser = argparse.ArgumentParser("python -m bench.reloads", description=__doc__)
    parser.add_argument("--reloads", type=int, default=100)
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--workers", type=int, default=1, help="of the router with the large supergraph")
    options = parser.parse_args()
    if options.large:
        with tempfile.TemporaryDirectory() as folder:
            return asyncio.run(run_large(Path(folder), options.reloads, options.workers))
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
