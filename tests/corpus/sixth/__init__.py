"""A sixth, smaller corpus, other words and layouts, written after the checker had been mended by the fifth; twins throughout."""
