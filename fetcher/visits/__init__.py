"""One page, asked for: from the answer to the new texts of its seeds. `visit` has its way in one function.

`inspection` looks at an answer, `recall` asks memory and tells it; the rest is data that these pass on.
"""
