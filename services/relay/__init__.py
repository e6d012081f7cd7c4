"""The relay: the one way out of a sandbox, one unix socket each, inside the gateway's process.

Who calls is known by the socket alone. What may be called is a short table; the portal gets a signed assertion of
user, project, method and address with each call, and refuses a sandbox's token without it.
"""
