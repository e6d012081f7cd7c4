"""The publication gate: what will be published of released outputs goes to the named providers for comment first.

A member of the project announces a manuscript or report and names the releases that it rests on. It goes to every
provider in their lineage; each may comment once, or say that it has no comment, within some days. Silence proceeds:
the gate delays, it does not forbid. What was said and what the author answered stays.
"""
