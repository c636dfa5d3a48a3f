"""The commands of `python -m router`: one file each, with its flags and what it does.

Each has `add(commands, environment)`, which adds its parser, and `run(options)`, which gives the exit code.
"""
