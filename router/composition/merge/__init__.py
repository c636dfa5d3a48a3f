"""Merging: one supergraph out of the subgraphs' types, element by element."""
