"""`python -m subgraphs.products serve | migrate | seed | bulk | export-schema`."""

import sys
from pathlib import Path

from subgraphs.common.command import Subgraph, run
from subgraphs.products.app import create_app, seed_demo
from subgraphs.products.schema import schema

if __name__ == "__main__":
    sys.exit(run(Subgraph("products", Path(__file__).parent / "migrations", schema, create_app, seed_demo)))
