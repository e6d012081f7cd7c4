"""From the audit trail to people: who is told of which event, in which sentence, and how mail is sent.

`table` says it as data, `recipients` finds the people, `mail` sends. No sentence holds a title, a comment or a value: a
notice, and the mail that carries it, says what happened and where to look, and looking needs a login.
"""
