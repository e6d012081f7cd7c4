"""Set-up and operation from a bare checkout: standard library only, for they run before the virtual environment.

Vocabulary: a *clone* is one checkout; its *hash* names its compose project, its labels and its folder under ``/run``,
so two clones on one machine never touch each other's containers.
"""
