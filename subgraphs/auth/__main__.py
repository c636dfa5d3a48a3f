"""`python -m subgraphs.auth serve | migrate | seed | bulk | export-schema`."""

import sys
from pathlib import Path

from subgraphs.auth.app import create_app, seed_demo
from subgraphs.auth.schema import schema
from subgraphs.common.command import Subgraph, run

if __name__ == "__main__":
    sys.exit(run(Subgraph("auth", Path(__file__).parent / "migrations", schema, create_app, seed_demo)))
