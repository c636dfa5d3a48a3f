"""Reloads under load."""
