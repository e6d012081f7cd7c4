"""The airlock: nothing a researcher made leaves the enclave except through here.

A *release request* holds files by their SHA-256. The checker examines each, the author sees the findings first,
repairs or justifies, and submits. Output checkers who do not belong to the project vote on every file; what
`policies.required_votes` asks for must stand on the very bytes that leave. The release is a job: it verifies the
digests again, seals a bundle with a signed *release record*, and only then is anything downloadable.

The package knows no web framework and no other part of the enclave beside its core and its people; who belongs to a
project and whose data a file rests on come in as plain values (`service.Submission`, `service.Airlock.members`).
"""
