"""An example to look at: a small site in two versions, seeds that hold the first one, and what its author changed."""
