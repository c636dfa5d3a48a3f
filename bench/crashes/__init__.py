"""Who dies at which boundary of an operation: all of them, one after the other."""
