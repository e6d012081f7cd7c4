"""Protection of hidden cells: what a reader can work out, and which further cells keep it from them.

`system` is the reader's knowledge as linear equations over cells with any hashable key; `bounds` finds what each
unknown cell can be; `structure` reads the equations out of a table; `needs` says how wide a hidden cell has to stay;
`suppression` looks for the cheapest pattern that keeps all of them so wide, and `lower_bound` proves how cheap any
pattern could be.
"""
