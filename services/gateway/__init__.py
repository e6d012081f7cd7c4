"""The gateway: the only listener of the enclave that a browser reaches.

Zone: edge. Never root, no engine, no database. It passes hub and portal on under one host name and each researcher's
lab under another, checks every request to a lab by itself (the lab's own server is untrusted), filters addresses
and headers, and speaks the route-table API of configurable-http-proxy to the hub.
"""
