"""Differencing by contributors: do two additive statistics of a project differ by 1 to 10 persons?

Lives in the data zone. A *statistic* is a set of persons with a measure: a cell of a table, or a line of cells that its
table lets a reader add. Sets are roaring bitmaps over the project's own dense person index; the store keeps them for
the life of the project, and nothing but findings ever leaves: which tables, which cells, no persons and no sizes.
"""
