"""A payment provider to try things with: another company's program, as far as payments can tell. It takes no money."""
