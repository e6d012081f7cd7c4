"""A provider's veto of a release: off until the office switches it on for a provider, by that provider's agreement.

When checkers have approved a request that names data of such a provider, the provider has some working days to refuse
it with a reason before it leaves. Silence proceeds. A refusal gives the request back to its author and stands against
the very files that were refused, until the provider takes it back or the office overrules it on the author's word.
"""
