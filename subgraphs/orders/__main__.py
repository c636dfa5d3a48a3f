"""`python -m subgraphs.orders serve | migrate | seed | bulk | export-schema`."""

import sys
from pathlib import Path

from subgraphs.common.command import Subgraph, run
from subgraphs.orders.app import create_app, seed_demo
from subgraphs.orders.schema import schema

if __name__ == "__main__":
    sys.exit(run(Subgraph("orders", Path(__file__).parent / "migrations", schema, create_app, seed_demo)))
