"""Break-glass: an administrator reads in a stuck researcher's workspace, with consent, visibly, for some hours.

An **ask** names the project, the member, the reason and the hours. The member **consents** or refuses. Where consent
cannot be waited for the ask says so (**urgent**), and a second person, of the managing entity, **overrules**; the
member is told. Either way only who asked may look, only at text, never write, and every look is audited first.
"""
