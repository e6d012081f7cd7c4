"""What every zone shares: errors, time, identities, digests, signatures, settings and logs."""
