"""Pages whose text comes by script: what a refresh makes of those by real frameworks, and what rendering costs."""
