"""Extracts: specification, de-identification, risk, build, verifier, manifest, destruction."""
