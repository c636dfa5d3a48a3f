"""What federation's own specifications define, by version: the vocabulary that composition reads and writes."""
