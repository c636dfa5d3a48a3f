"""What a command's exit code says."""

DONE, REFUSED, MISUSED = 0, 1, 2
"""All went well; the input was refused; the command was called wrongly, or could not run."""
