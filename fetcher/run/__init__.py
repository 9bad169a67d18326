"""What concerns a run as a whole: arguments, plan, pace, whom to leave alone, when to stop writing, its end.

All modules are for the shell and for `fleet`.
"""
