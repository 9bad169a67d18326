"""Judges whether an answer is the page: challenges, walls, error pages and answers that lost the stored text are not.

Begin with `verdict.judge`.
"""
