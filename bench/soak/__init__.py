"""A router under mixed load, for minutes or hours, with subgraphs that come and go."""
