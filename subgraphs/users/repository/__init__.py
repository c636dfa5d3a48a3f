"""Every SQL statement of users. Each function is one statement."""
