"""What the browsers that look into labs were sent: how many bytes, of which kind, which files, and when it is too much.

A *session* here is one run of one person's lab, from its start to its stop, however often its page was loaded again.
"""
