"""`python -m bench.composition`: what composing costs, beside @apollo/composition on the same subgraphs.

Each side is a process of its own for each run, as it is in CI, and the sides alternate, so that a busy machine hits
both. Printed is the least CPU time (user and system) of all runs: noise only adds.
"""

import argparse
import json
import shutil
import subprocess
import sys
from pathlib import Path

from bench.composition.federations import Shape, build_federation

FOLDER = Path(__file__).parent
SHAPES = (
    Shape(subgraphs=10, types=50, shared=10, pool=25),
    Shape(subgraphs=100, types=50, shared=10, pool=250),
    Shape(subgraphs=100, types=50, shared=10, pool=10),
)
RUN_TIMEOUT_S = 600


def main() -> int:
    """Measure and print; 1 if a side did not compose, 2 if there is nothing to compare with."""
    parser = argparse.ArgumentParser("python -m bench.composition", description=__doc__)
    parser.add_argument("--runs", type=int, default=3, help="runs of each side for each shape")
    runs: int = parser.parse_args().runs
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("there is no Node.js here, and so nothing to compare with", file=sys.stderr)
        return 2
    if not (FOLDER / "node_modules").exists():
        subprocess.run(
            [npm, "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"],
            cwd=FOLDER,
            check=True,
        )
    print("CPU seconds of composing, and of the whole process")
    print(f"{'subgraphs':>9} {'types':>5} {'shared':>6} {'pool':>4} | {'ours':>15} | {'Apollo':>15} | ratio")
    for shape in SHAPES:
        subgraphs = json.dumps(build_federation(shape))
        ours, theirs = [], []
        for _ in range(runs):
            ours.append(
                measure([sys.executable, "-m", "bench.composition.ours"], subgraphs, FOLDER.parents[1])
            )
            theirs.append(measure([node, "--max-old-space-size=8000", "apollo.mjs"], subgraphs, FOLDER))
        if any(run["errors"] for run in ours + theirs):
            print(f"{shape} does not compose on both sides", file=sys.stderr)
            return 1
        (our_part, our_whole), (their_part, their_whole) = least(ours), least(theirs)
        print(
            f"{shape.subgraphs:9} {shape.types:5} {shape.shared:6} {shape.pool:4} | "
            f"{our_part:7.2f} {our_whole:7.2f} | {their_part:7.2f} {their_whole:7.2f} | {our_whole / their_whole:.2f}"
        )
    return 0


def measure(command: list[str], subgraphs: str, folder: Path) -> dict[str, float]:
    """Run one side once."""
    done = subprocess.run(
        command,
        input=subgraphs,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=True,
    )
    result: dict[str, float] = json.loads(done.stdout)
    return result


def least(runs: list[dict[str, float]]) -> tuple[float, float]:
    """The least CPU seconds of composing, and of the whole process."""
    return min(run["composing_s"] for run in runs), min(run["process_s"] for run in runs)


if __name__ == "__main__":
    sys.exit(main())
