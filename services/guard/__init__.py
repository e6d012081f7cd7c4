"""The guard: alone holds the Docker engine's socket, and lets through only what a sandbox needs.

Zone: engine. It answers a small part of the engine's API on its own unix socket: create, start, stop, kill, wait,
inspect, logs and remove of this installation's labelled containers. A create request must equal, key for key, what
`enclave.sandboxes.profiles` writes for a grant that the portal or the worker has signed.
"""
