"""Composes the subgraphs on standard input with our router; prints what it cost as JSON."""

import json
import sys
import time

from router import compose

subgraphs = json.load(sys.stdin)
before = time.process_time()
composition = compose(subgraphs)
after = time.process_time()
print(
    json.dumps(
        {
            "composing_s": after - before,
            "process_s": after,
            "errors": len(composition.errors),
            "bytes": len(composition.supergraph_sdl or ""),
        }
    )
)
