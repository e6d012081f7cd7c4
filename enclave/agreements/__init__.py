"""Agreements: who provides data, under which terms, and who may use them for what."""
