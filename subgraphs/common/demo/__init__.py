"""The story that the demo data tell: who the people are, what they bought, paid, sent back and said of it.

Each subgraph's seed reads the part that is its own, and since the story is a function of its `Scope` alone, the five agree
without asking each other. It says what happened, never what the rows are: each service makes its rows of it by its own
rules, and refuses a story that breaks them. Pure but for the files that are read beside this one.
"""
