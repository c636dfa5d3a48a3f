"""Users has no settings beyond those that all subgraphs have."""
