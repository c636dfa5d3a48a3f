"""`python -m bench.policies`: what a marketplace's policies and metrics add to the CPU of a request.

Measured twice. Over sockets: the router's processes with everything off and with policies, under the same load in
alternating rounds, CPU of the whole process for each request of the reference workload (6 fetches, 87 KB, no two alike).
That is what clients meet and what a machine is bought for, so the bound of 25 % is for that number; the exit code says
whether it is kept. It needs Node, as bench.gateways does. In one process without sockets, each feature by itself: there
the base is half as much, so shares are about twice as large, and show best where time goes. Ways alternate in short turns,
and the least of all rounds is printed, as noise only adds.
"""

import argparse
import sys

from bench.policies import in_process, over_sockets
from bench.policies.ways import ALL, ALLOWED_PERCENT, BOUNDED, OFF


def main() -> int:
    """Measure and print; the exit code says whether policies add more than is allowed."""
    parser = argparse.ArgumentParser("python -m bench.policies", description=__doc__)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=0.2, help="CPU time of one turn in one process")
    parser.add_argument("--load-rounds", type=int, default=5, help="over sockets")
    parser.add_argument("--load-seconds", type=int, default=5, help="of one run over sockets")
    parser.add_argument("--only", choices=("in-process", "sockets"), help="measure one of both")
    parser.add_argument("--ways", nargs="+", default=[ALL], help="which others over sockets")
    options = parser.parse_args()
    share = None
    if options.only != "sockets":
        share = print_in_process(in_process.measure(options.rounds, options.seconds))
    if options.only != "in-process":
        share = print_over_sockets(
            over_sockets.measure(options.load_rounds, options.load_seconds, (OFF, BOUNDED, *options.ways))
        )
    return 0 if share is not None and share <= ALLOWED_PERCENT else 1


def print_in_process(spent: dict[str, float]) -> float:
    """A row for each way; gives what the bounded one adds, in percent."""
    off = spent[OFF]
    print(f"{'CPU us of one request':24} {'':>8} {'added':>7} {'%':>6}")
    for name, least in spent.items():
        print(f"{name:24} {least:8.0f} {least - off:7.0f} {(least / off - 1) * 100:6.1f}")
    return (spent[BOUNDED] / off - 1) * 100


def print_over_sockets(spent: dict[str, list[float]]) -> float:
    """A row for each way; gives what the bounded one adds, in percent."""
    print(f"{'the same over sockets':24} {'least':>8} {'most':>7} {'%':>6}")
    for name, runs in spent.items():
        print(f"{name:24} {min(runs):8.0f} {max(runs):7.0f} {over_sockets.compare(spent, name):6.1f}")
    return over_sockets.compare(spent, BOUNDED)


if __name__ == "__main__":
    sys.exit(main())
