"""The client's document, normalised."""
