"""Every SQL statement of auth. Each function is one statement; times come from the caller's clock."""
