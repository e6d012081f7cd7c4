"""A request as a whole: its tables together, and together with everything that the project has released.

Single files are judged by the rules. Here the statements of all files meet: hidden counts that several tables give
away (`secondary`), and tables that differ by a few persons (`differencing`). Findings stand under the files of the
request that they concern and name the tables that combine; released files get none, for they are out.

A known total is a statement like a released one: a count that an agency has published, and so a shown cell.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations

from c2c_research.disclosure.combined import MAX_TABLES, Group, Limits, Recovery
from c2c_research.disclosure.differencing.values import Difference, difference, is_revision, same_table
from c2c_research.disclosure.findings import Cell, Finding, Question, Status
from c2c_research.disclosure.linked import Agreement, Member, agreement, comparable, members_of, needed
from c2c_research.disclosure.percentages import check_percentages
from c2c_research.disclosure.policy import Policy
from c2c_research.disclosure.rules.shared import finding, many
from c2c_research.disclosure.statements import Coordinates, StatementSet

NAMED = 4
UNSURE_BITS = 4.0
MAX_PAIRS = 60_000
REVISION = "Both are editions of one measure, and cells moved by fewer persons than a cell must have. Round both to 5."


@dataclass(frozen=True)
class RequestFindings:
    """What the files of a request say together, by path."""

    findings: dict[str, list[Finding]] = field(default_factory=lambda: defaultdict(list))
    questions: dict[str, list[Question]] = field(default_factory=lambda: defaultdict(list))


def check_request(
    files: Sequence[StatementSet], released: Sequence[StatementSet], policy: Policy, *, within_files: bool = False
) -> RequestFindings:
    """Compare the files of a request with each other and with what is released.

    Each `released` set names its release. Tables of one and the same file are compared only with `within_files`: the
    rules have looked at them already.
    """
    found = RequestFindings()
    if not within_files:
        for path, said in check_percentages(files, released, policy):
            found.findings[path].append(said)
    unreleased = [StatementSet(each.path, each.statements) for each in files]
    members = [each for each in members_of([*unreleased, *released]) if policy.threshold(each.statement.unit) > 1]
    by_unit: dict[str, list[Member]] = defaultdict(list)
    for member in members:
        by_unit[member.statement.unit].append(member)
    for unit, alike in by_unit.items():
        _Comparison(alike, policy, policy.threshold(unit), within_files, found).run()
    for path, findings in found.findings.items():
        found.findings[path] = [
            replace(each, status=Status.PASS) if policy.advises(each.rule) else each for each in findings
        ]
    return found


@dataclass
class _Comparison:
    """All tables of one unit."""

    members: list[Member]
    policy: Policy
    threshold: int
    within_files: bool
    found: RequestFindings
    links: dict[tuple[int, int], Agreement] = field(default_factory=dict)

    def run(self) -> None:
        new = [member for member in self.members if member.new]
        old = [member for member in self.members if not member.new]
        needs = needed(len(new) * (len(new) - 1) // 2, True), needed(len(new) * len(old), False)
        joined, unsure = list[tuple[Member, Member]](), list[tuple[Member, Member]]()
        for one, other in self._pairs(new, old):
            need = needs[0] if other.new else needs[1]
            link = self._link(one, other)
            if not is_revision(one, other) and not same_table(one, other):
                if link.joins(need):
                    joined.append((one, other))
                elif link.joins(need - UNSURE_BITS):
                    unsure.append((one, other))
            self._difference(one, other, need)
        self._recoveries(joined)
        if unsure:
            self._ask(joined, unsure)

    def _pairs(self, new: list[Member], old: list[Member]) -> Iterator[tuple[Member, Member]]:
        yielded = 0
        for one, other in combinations(new, 2):
            if comparable(one, other) and (self.within_files or one.source is not other.source):
                yield one, other
        index = _Anchors(old, self.threshold)
        for one in new:
            for other in index.near(one):
                if comparable(one, other) and (yielded := yielded + 1) <= MAX_PAIRS:
                    yield one, other

    def _link(self, one: Member, other: Member) -> Agreement:
        key = (one.number, other.number)
        if key not in self.links:
            self.links[key] = agreement(one, other)
        return self.links[key]

    # ------------------------------------------------------------- a few persons apart

    def _difference(self, one: Member, other: Member, need: float) -> None:
        rule = self.policy.rule("differencing")
        found = difference(one, other, self.threshold, need) if rule else None
        if rule is None or found is None:
            return
        # whole numbers of which nobody says that they count persons may be something else in both tables
        proven = found.proven and not (one.statement.assumed and other.statement.assumed)
        status = rule.status if proven else min(Status.REVIEW, rule.status)
        for member, partner in ((one, other), (other, one)):
            if member.new:
                saw, where = _apart(found, member, partner), _where(member, [partner])
                cells = _cells(member, found.groups)
                self.found.findings[member.source.path].append(finding(rule, saw, where, cells, status))

    # ------------------------------------------------------------- hidden counts that are given away

    def _recoveries(self, joined: list[tuple[Member, Member]]) -> None:
        rule = self.policy.rule("secondary")
        if rule is None:
            return
        for recovery in self._recovered(joined):
            holders = [each for each in recovery.tables if each.new and _hidden(each, recovery.groups)]
            held_in = {each.source.path for each in holders}
            for member in (each for each in recovery.tables if each.new):
                if member not in holders and member.source.path in held_in:
                    continue  # its file is told of the hidden counts themselves
                others = [each for each in recovery.tables if each is not member]
                certain = recovery.exact and (member in holders or not holders)
                status = rule.status if certain else min(Status.REVIEW, rule.status)
                cells = _hidden(member, recovery.groups)
                saw = _given_away(recovery, len(cells), others)
                self.found.findings[member.source.path].append(
                    finding(rule, saw, _where(member, others), cells, status)
                )

    def _recovered(self, joined: list[tuple[Member, Member]]) -> list[Recovery]:
        rule = self.policy.rule("secondary")
        limits = Limits(
            self.threshold,
            rule.number("fail_within", 2) if rule else 2,
            rule.number("review_within", 4) if rule else 4,
        )
        found: list[Recovery] = []
        for members in _groups(joined):
            kept, links = self._consistent(members)
            if any(entry.number is None for member in kept for entry in member.cells.values()):
                found.extend(Group(kept, links, limits).recoveries())
        return [each for each in found if self.within_files or len({t.source.name for t in each.tables}) > 1]

    def _consistent(self, members: list[Member]) -> tuple[list[Member], dict[tuple[int, int], Agreement]]:
        """As many of the tables as do not contradict each other, new ones first, with all links between them."""
        kept: list[Member] = []
        links: dict[tuple[int, int], Agreement] = {}
        for member in sorted(members, key=lambda each: (not each.new, each.number))[:MAX_TABLES]:
            fresh = {(each.number, member.number): self._link(each, member) for each in kept}
            if not any(link.contradicted for link in fresh.values()):
                kept.append(member)
                links |= fresh
        return kept, links

    def _ask(self, joined: list[tuple[Member, Member]], unsure: list[tuple[Member, Member]]) -> None:
        """Ask where a table would give something away, if it counted the same persons."""
        certain = {group for recovery in self._recovered(joined) for group in recovery.groups}
        for one, other in unsure:
            recovered = self._recovered([(one, other)])
            if any(group not in certain for recovery in recovered for group in recovery.groups):
                text = (
                    f"Does {other.name} count the same persons as this table? Then hidden counts can be worked out. "
                    "Say `population:` in both sidecars."
                )
                self.found.questions[one.source.path].append(Question("population", text, one.statement.where))


class _Anchors:
    """Released tables by their counts, so that a new table meets only those that it can agree with."""

    def __init__(self, members: Sequence[Member], reach: int) -> None:
        self._reach = reach
        self._at: dict[Coordinates, list[tuple[float, Member]]] = defaultdict(list)
        self._population: dict[str, list[Member]] = defaultdict(list)
        for member in members:
            for at, value in _values(member):
                self._at[at].append((value, member))
            for said in (member.statement.population, member.statement.revision_of):
                if said:
                    self._population[said].append(member)

    def near(self, one: Member) -> list[Member]:
        """Members with a count near one of this table's, or of its declared population or measure."""
        found: dict[int, Member] = {}
        for at, value in _values(one):
            for theirs, member in self._at.get(at, ()):
                if abs(theirs - value) < self._reach:
                    found[member.number] = member
        for said in (one.statement.population, one.statement.revision_of):
            found.update((member.number, member) for member in self._population.get(said, ()) if said)
        return [found[number] for number in sorted(found)]


def _values(member: Member) -> Iterator[tuple[Coordinates, float]]:
    for at, entry in member.cells.items():
        if entry.number is not None:
            yield at, entry.number
    for level in member.summed_levels:
        for at, line in member.sums(level).items():
            if line.complete:
                yield at, line.shown


def _groups(joined: Sequence[tuple[Member, Member]]) -> list[list[Member]]:
    """Tables that hang together by joins."""
    of: dict[int, int] = {}
    groups: dict[int, dict[int, Member]] = {}
    for one, other in joined:
        for member in (one, other):
            if member.number not in of:
                of[member.number] = member.number
                groups[member.number] = {member.number: member}
        first, second = of[one.number], of[other.number]
        if first != second:
            moved = groups.pop(second)
            groups[first] |= moved
            of.update(dict.fromkeys(moved, first))
    return [list(members.values()) for members in groups.values()]


def _cells(member: Member, groups: Sequence[Coordinates]) -> list[Cell]:
    return [member.cells[at].cell for at in groups if at in member.cells]


def _hidden(member: Member, groups: Sequence[Coordinates]) -> list[Cell]:
    return [member.cells[at].cell for at in groups if at in member.cells and member.cells[at].number is None]


def _where(member: Member, others: Sequence[Member]) -> str:
    others = [other for other in others if not same_table(member, other)]
    if not others:
        return member.statement.where
    own = [member.statement.where] if member.statement.where else []
    return ", ".join([*own, f"with {_names(others)}"])


def _names(members: Sequence[Member]) -> str:
    names = list(dict.fromkeys(member.name for member in members))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def _apart(found: Difference, member: Member, partner: Member) -> str:
    where, differ = many(len(found.groups), "count"), "differs" if len(found.groups) == 1 else "differ"
    if same_table(member, partner):
        return f"{where} {differ} by 1 to 10 persons from other counts of this table, of a few persons more or less."
    if found.revision:
        return f"{where} moved by a few persons since {partner.name}. {REVISION}"
    return f"{where} {differ} by 1 to 10 persons from {partner.name}, of a few persons more or less."


def _given_away(recovery: Recovery, own: int, others: Sequence[Member]) -> str:
    how = "worked out" if recovery.exact else "narrowed to a few values"
    number = many(len(recovery.groups), "hidden count")
    whose = "" if own else " of another table"
    return f"Together with {_names(others)}, {number}{whose} can be {how}."
