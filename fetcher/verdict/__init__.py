"""Whether an answer is the page: challenges, walls, error pages and lost text are not.

`verdict.judge` is what others ask; `likeness` compares what two visits were shown.
"""
