"""What people are told: an inbox in the portal, e-mail that carries no content, and who stands in for whom.

A **notice** is one sentence about one event of the audit trail, for one person, with a place to go. The trail is the
only source: what is not audited is not told, and what is told can be traced. An **absence** says until when somebody
is away and who **stands in**: they get the notices too, and see what waits.
"""
