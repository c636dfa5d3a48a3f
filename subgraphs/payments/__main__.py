"""`python -m subgraphs.payments serve | migrate | seed | bulk | export-schema`."""

import sys
from pathlib import Path

from subgraphs.common.command import Subgraph, run
from subgraphs.payments.app import create_app, seed_demo
from subgraphs.payments.schema import schema

if __name__ == "__main__":
    sys.exit(run(Subgraph("payments", Path(__file__).parent / "migrations", schema, create_app, seed_demo)))
