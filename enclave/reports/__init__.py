"""Registered reports: notebooks of the catalogue that run with validated parameters in a sandbox of their own.

A **template** is a folder of the catalogue: a notebook, its parameters, a README. A **run** executes one template for
one project on the project's extract; what it makes becomes a draft release request and leaves only through review.
"""
