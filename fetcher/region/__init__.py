"""The part of a page that a seed stores, learned from its stored text, or guessed where there is none.

`choice` decides, `written` has the part as Markdown; `main_content` and `region` tell why.
"""
