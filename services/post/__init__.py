"""The only process that speaks to a mail server. It sees the outbox and nothing else: no database, no key, no data."""
