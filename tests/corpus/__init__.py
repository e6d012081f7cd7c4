"""A labelled corpus of outputs: requests as researchers would make them, each with the verdict it deserves.

Nothing here shares code with the checker. A simulated population is tabulated, modelled and drawn with the usual tools, and every label
is either evident from the numbers or proven by `feasible.py`. `README.md` tells how to use it.
"""
