"""Cancelling against paying, against real processes: who wins, how quickly, and whether the books agree."""
