"""Which labels of a key add to which: parent → children, from a sidecar or from a .hrc file of tau-ARGUS.

In a sidecar, `hierarchies:` maps a key to a mapping of parent to children, to the text of a .hrc file, or to a list of
those where a key is added up in several ways. The key called `columns` means the labels across the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Tree = dict[str, tuple[str, ...]]
Hierarchies = dict[str, tuple[Tree, ...]]


class BadHierarchy(ValueError):
    """A hierarchy that cannot be used; the message says what is expected."""


def parse_hierarchies(data: Any) -> Hierarchies:
    """Read the sidecar's field. Raises BadHierarchy with a sentence for the author."""
    if not data:
        return {}
    if not isinstance(data, Mapping):
        raise BadHierarchy("`hierarchies` maps a key to its groups, such as `region: {North: [A, B]}`.")
    return {str(key): _trees(given) for key, given in data.items()}


def parse_hrc(text: str) -> Tree:
    """A tau-ARGUS .hrc file: one label a line, deeper ones with one more leading `@`."""
    tree: dict[str, list[str]] = {}
    path: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        label = line.lstrip("@")
        depth = len(line) - len(label)
        if depth > len(path):
            raise BadHierarchy(f"The .hrc line {line.strip()!r} is more than one level below the line before it.")
        path = [*path[:depth], label.strip()]
        if depth:
            tree.setdefault(path[depth - 1], []).append(path[depth])
    return _checked({parent: tuple(children) for parent, children in tree.items()})


def _trees(given: Any) -> tuple[Tree, ...]:
    return tuple(_tree(one) for one in (given if isinstance(given, list) else [given]))


def _tree(given: Any) -> Tree:
    if isinstance(given, str):
        return parse_hrc(given)
    if not isinstance(given, Mapping) or not all(isinstance(children, list) for children in given.values()):
        raise BadHierarchy("A hierarchy lists the children of each parent, such as `North: [A, B]`.")
    tree = {str(parent).strip(): tuple(str(child).strip() for child in given[parent]) for parent in given}
    return _checked(tree)


def _checked(tree: Tree) -> Tree:
    """No label is its own ancestor."""
    for start in tree:
        seen, waiting = set[str](), list(tree[start])
        while waiting:
            label = waiting.pop()
            if label == start:
                raise BadHierarchy(f"The hierarchy makes {start!r} a part of itself.")
            if label not in seen:
                seen.add(label)
                waiting.extend(tree.get(label, ()))
    return tree
