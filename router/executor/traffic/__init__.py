"""Traffic shaping: transports that limit, retry and break what goes to one subgraph, each around another."""
