"""Sandboxes: one networkless container for a researcher and a project, described once and started only so.

A **profile** is what the engine is told about a kind of sandbox; a **grant** is the portal's (or worker's) signed
word that one may start now; a **room** is the small folder with the two unix sockets by which a sandbox is reached
and by which it reaches the relay.
"""
