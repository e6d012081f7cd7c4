"""Requests of table files."""
