"""Differencing: two safe tables whose difference is a few persons.

`values` compares finished tables by what they show. Contributor sets, which know the persons, are compared in the data
zone and nowhere else.
"""
