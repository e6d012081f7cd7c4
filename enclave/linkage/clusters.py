"""From scored pairs to clusters: one cluster a person.

Method: connected components over pairs above the threshold; most components agree with themselves and are clusters at
once. A *tense* component (two SSNs, two SSIDs, two first names, two birth dates, or two records of a source that
promises one record a person) is taken apart and put together again by average linkage: all its pairs are scored, and
two groups are joined, best first, as long as the mean weight between them stays positive; pairs that say nothing
for or against are left out of the mean. That is what keeps twins
apart, who are close to each other in every pair but not on average. Promise: the result does not depend on the order
of records. Limit: a tense component of more than ``LARGEST_TENSE`` records is joined by its scored pairs alone.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import duckdb
from splink import DuckDBAPI
from splink.clustering import cluster_pairwise_predictions_at_threshold

from enclave.linkage import model
from enclave.linkage.scoring import Scorer

LARGEST_TENSE = 300
WEIGHT_CAP = 12.0
FORBIDDEN = -1e6
JOIN_ABOVE = 0.0

Pair = tuple[int, int]
Bond = tuple[float, int]


def cluster(scorer: Scorer, threshold: float, unique_sources: Collection[str] = (), anchored: bool = False) -> int:
    """``pairs`` → table ``clusters`` (uid, cluster); the number of clusters.

    ``unique_sources`` are providers that promise one record a person. ``anchored``: records that share a ``person`` in
    the table ``standing`` (uid, person) stay together, whatever their pairs say.
    """
    connection = scorer.connection
    _components(connection, threshold, anchored)
    tense = _tense(connection, unique_sources)
    connection.execute("CREATE OR REPLACE TABLE clusters AS SELECT uid, component AS cluster FROM components")
    if tense:
        _take_apart(scorer, unique_sources, anchored)
    (count,) = connection.execute("SELECT count(DISTINCT cluster) FROM clusters").fetchall()[0]
    return int(count)


def _components(connection: duckdb.DuckDBPyConnection, threshold: float, anchored: bool) -> None:
    links = f"SELECT uid_l, uid_r FROM pairs WHERE match_weight >= {float(threshold)}"
    if anchored:
        links += (
            " UNION ALL SELECT min(uid) OVER (PARTITION BY person) AS uid_l, uid AS uid_r FROM standing "
            "QUALIFY uid_l <> uid_r"
        )
    connection.execute(f"CREATE OR REPLACE TABLE links AS {links}")
    api = DuckDBAPI(connection)
    nodes = api.register("records", table_name="component_nodes")
    edges = api.register("links", table_name="component_edges")
    found = cluster_pairwise_predictions_at_threshold(
        nodes,
        edges,
        api,
        node_id_column_name="uid",
        edge_id_column_name_left="uid_l",
        edge_id_column_name_right="uid_r",
    )
    connection.execute(
        "CREATE OR REPLACE TABLE components AS "
        f"SELECT uid, min(uid) OVER (PARTITION BY cluster_id) AS component FROM {found.physical_name}"
    )
    connection.execute(f"DROP TABLE {found.physical_name}")


def _tense(connection: duckdb.DuckDBPyConnection, unique_sources: Collection[str]) -> int:
    connection.execute("CREATE OR REPLACE TEMP TABLE unique_source (provider VARCHAR)")
    connection.executemany(
        "INSERT INTO unique_source VALUES (?)", [[name] for name in sorted(unique_sources)] or [["-"]]
    )
    connection.execute(_TENSE_SQL)
    (count,) = connection.execute("SELECT count(*) FROM tense").fetchall()[0]
    return int(count)


_TENSE_SQL = f"""
CREATE OR REPLACE TABLE tense AS
WITH member AS (SELECT * FROM components JOIN records USING (uid)),
differing AS (
    SELECT component FROM member GROUP BY component
    HAVING count(DISTINCT ssn) > 1 OR count(DISTINCT ssid) > 1 OR count(DISTINCT first_formal) > 1
        OR count(DISTINCT dob) > 1
), crowded AS (
    SELECT component FROM member JOIN unique_source USING (provider) GROUP BY component, provider HAVING count(*) > 1
), small AS (
    SELECT component FROM components GROUP BY component HAVING count(*) BETWEEN 2 AND {LARGEST_TENSE}
)
SELECT records.*, component FROM components JOIN records USING (uid) JOIN small USING (component)
WHERE component IN (FROM differing UNION FROM crowded)
"""


def _take_apart(scorer: Scorer, unique_sources: Collection[str], anchored: bool) -> None:
    connection = scorer.connection
    scored = scorer.pairs_inside("tense")
    weights: dict[int, dict[Pair, float]] = defaultdict(dict)
    for component, left, right, weight in connection.execute(_INFORMATIVE_SQL.format(scored=scored)).fetchall():
        weights[component][_pair(left, right)] = max(-WEIGHT_CAP, min(WEIGHT_CAP, weight))
    members: dict[int, list[int]] = defaultdict(list)
    sources: dict[int, str] = {}
    for component, uid, provider in connection.execute(
        "SELECT component, uid, provider FROM tense ORDER BY uid"
    ).fetchall():
        members[component].append(uid)
        sources[uid] = provider
    held = _held_together(connection) if anchored else {}
    rows: list[list[int]] = []
    for component, uids in members.items():
        _forbid_same_source(uids, sources, unique_sources, weights[component])
        for group in average_linkage(_starting_groups(uids, held), weights[component]):
            rows.extend([uid, min(group)] for uid in group)
    _rename(connection, rows)


_INFORMATIVE_SQL = f"""
SELECT component, uid_l, uid_r, match_weight
FROM (
    SELECT l.component, uid_l, uid_r, match_weight, {model.side_by_side()}
    FROM {{scored}} JOIN tense l ON l.uid = uid_l JOIN tense r ON r.uid = uid_r
)
WHERE match_weight > 0 OR {model.CONTRADICTION}
"""
"""Pairs that say something: support, or a contradiction. A wage record without birth date says little of a pupil's."""


def _rename(connection: duckdb.DuckDBPyConnection, rows: list[list[int]]) -> None:
    """Put the clusters of the tense records in place of their components."""
    connection.execute("CREATE OR REPLACE TEMP TABLE taken_apart (uid BIGINT, cluster BIGINT)")
    connection.execute(
        "INSERT INTO taken_apart SELECT unnest($1::BIGINT[]), unnest($2::BIGINT[])",
        [[row[0] for row in rows], [row[1] for row in rows]],
    )
    connection.execute(
        "UPDATE clusters SET cluster = taken_apart.cluster FROM taken_apart WHERE clusters.uid = taken_apart.uid"
    )


def _held_together(connection: duckdb.DuckDBPyConnection) -> dict[int, int]:
    return dict(connection.execute("SELECT uid, person FROM standing WHERE uid IN (SELECT uid FROM tense)").fetchall())


def _starting_groups(uids: Iterable[int], held: Mapping[int, int]) -> list[frozenset[int]]:
    """Records of one standing person start as one group, every other record as its own."""
    groups: dict[tuple[str, int], set[int]] = defaultdict(set)
    for uid in uids:
        groups[("person", held[uid]) if uid in held else ("record", uid)].add(uid)
    return [frozenset(group) for group in groups.values()]


def _forbid_same_source(
    uids: list[int], sources: Mapping[int, str], unique_sources: Collection[str], weights: dict[Pair, float]
) -> None:
    for position, left in enumerate(uids):
        if sources[left] in unique_sources:
            for right in uids[position + 1 :]:
                if sources[right] == sources[left]:
                    weights[_pair(left, right)] = FORBIDDEN


def average_linkage(groups: list[frozenset[int]], weights: Mapping[Pair, float]) -> list[frozenset[int]]:
    """Join groups, best mean weight first, while the mean is above ``JOIN_ABOVE``; only scored pairs enter the mean.

    Source: unweighted pair-group averaging (Sokal & Michener 1958) on match weights, which is the greedy form of
    correlation clustering.
    """
    standing: dict[int, frozenset[int]] = dict(enumerate(sorted(groups, key=min)))
    bonds = _bonds(standing, weights)
    queue = [_entry(standing, bonds, left, right) for left in standing for right in bonds[left] if left < right]
    heapq.heapify(queue)
    following = len(standing)
    while queue and -queue[0][0] > JOIN_ABOVE:
        _, _, left, right = heapq.heappop(queue)
        if left not in standing or right not in standing:
            continue
        standing[following] = standing.pop(left) | standing.pop(right)
        bonds[following] = _joined(bonds.pop(left), bonds.pop(right), left, right)
        for other, bond in bonds[following].items():
            bonds[other].pop(left, None)
            bonds[other].pop(right, None)
            bonds[other][following] = bond
            heapq.heappush(queue, _entry(standing, bonds, other, following))
        following += 1
    return list(standing.values())


def _bonds(standing: Mapping[int, frozenset[int]], weights: Mapping[Pair, float]) -> dict[int, dict[int, Bond]]:
    """Sum and number of the scored pairs between each two groups."""
    group_of = {uid: name for name, group in standing.items() for uid in group}
    bonds: dict[int, dict[int, Bond]] = {name: {} for name in standing}
    for (left_uid, right_uid), weight in weights.items():
        left, right = group_of[left_uid], group_of[right_uid]
        if left != right:
            total, count = bonds[left].get(right, (0.0, 0))
            bonds[left][right] = bonds[right][left] = (total + weight, count + 1)
    return bonds


def _joined(first: dict[int, Bond], second: dict[int, Bond], left: int, right: int) -> dict[int, Bond]:
    bonds = {name: bond for name, bond in first.items() if name != right}
    for name, (total, count) in second.items():
        if name != left:
            before, number = bonds.get(name, (0.0, 0))
            bonds[name] = (before + total, number + count)
    return bonds


def _entry(
    standing: Mapping[int, frozenset[int]], bonds: Mapping[int, Mapping[int, Bond]], left: int, right: int
) -> tuple[float, tuple[int, int], int, int]:
    """Heap entry: the best mean first; equal means in the order of the smallest records, so that order is stable."""
    total, count = bonds[left][right]
    ends = sorted((min(standing[left]), min(standing[right])))
    return -total / count, (ends[0], ends[1]), left, right


def _pair(left: int, right: int) -> Pair:
    return (left, right) if left < right else (right, left)


def default_threshold() -> float:
    return model.LINKED_FROM_WEIGHT
