"""Differentially private answers: typed questions, prices, a ledger, an engine and signed receipts.

The control side (`ledger`, `service`, `model`) never sees data; the research store (`bounded`, `engine`) never
sees the database. `specification`, `loss`, `policy`, `price` and `receipts` are read by both.
"""
