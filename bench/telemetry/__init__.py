"""What noticing requests costs."""
