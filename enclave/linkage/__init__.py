"""Linkage: which records of different providers belong to one person.

Words: a *record* is one source person record (provider, record_id); a *pair* is two records with a *match weight*
(log2 of the odds that they are one person); a *component* is what pairs above the threshold connect; a *cluster* is
what is taken as one person; a *person key* is the random number that stands for that person over the years; the
*crosswalk* maps records to person keys. All of it lives in the vault zone and nowhere else.
"""
