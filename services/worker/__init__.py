"""Background work: extracts, checks, releases, reports, events of the vault."""
