"""A second corpus, written from the rule text alone and frozen before its first measure: table files, and everything that is none."""
