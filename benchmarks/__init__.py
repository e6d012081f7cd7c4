"""Benchmarks: one module a subject, each with a table `BENCHMARKS` of name → function that returns one result line."""
