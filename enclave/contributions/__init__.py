"""Contributions: what a data provider hands over for a year, and how the vault takes it in.

A *contribution* is one provider-year. Its files follow the provider's schema (`schemas/<provider>.yaml`): one
*roster* table says who a record is about, the other tables say what happened. Identity columns exist in rosters
only, so that splitting identity from attributes is a matter of which file a column came from.
"""
