"""Editions: the published, pseudonymised, linked years, as the application knows them.

An *edition* (``2025r1``: year 2025, revision 1) holds one Parquet file a provider and table in the research store; here
stand only its catalogue (tables, columns, descriptions, counts), its linkage quality and what the vault reported on
the way to it. The vault writes signed events; the worker ingests them; nothing here is ever computed from a record.
"""
