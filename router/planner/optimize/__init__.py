"""Passes over the steps of a plan, one a file. None makes a plan wait longer."""
