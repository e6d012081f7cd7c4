"""The import lane: how code, files of packages and public data come in, through the same airlock as outputs go out.

An **import** is a set of files that a member of a project wants in its labs, with its source, licence and purpose. The
checker looks at every file (identifiers, rows of persons, hidden content, kinds that nobody can read), the licence is
asked for; a person who does not belong to the project decides: an output checker about code, a data steward about
data. What is approved is **delivered**: it lies read-only at `/imports/<name>` in every sandbox of the project, and of
no other.
"""
