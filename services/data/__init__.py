"""The research store's one door: signed jobs in, signed results out, over a unix socket."""
