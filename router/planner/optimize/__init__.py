"""Passes over the steps of a plan, one a file. None makes a plan take more stages."""
