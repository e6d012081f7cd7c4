"""Components that contradict themselves are taken apart; the order of records does not matter."""

from __future__ import annotations

from enclave.linkage.clusters import FORBIDDEN, average_linkage

SINGLES = [frozenset({number}) for number in range(1, 5)]


def groups(weights: dict[tuple[int, int], float], start: list[frozenset[int]] | None = None) -> set[frozenset[int]]:
    return set(average_linkage(start or SINGLES, weights))


def test_twins_are_kept_apart_although_a_chain_joins_them() -> None:
    weights = {(1, 2): 12.0, (3, 4): 12.0, (2, 3): 6.0, (1, 3): -12.0, (1, 4): -12.0, (2, 4): -12.0}
    assert groups(weights) == {frozenset({1, 2}), frozenset({3, 4})}


def test_a_weak_link_joins_where_nothing_contradicts_it() -> None:
    assert groups({(1, 2): 12.0, (2, 3): 5.0}) == {frozenset({1, 2, 3}), frozenset({4})}


def test_pairs_that_were_not_scored_do_not_count() -> None:
    weights = {(1, 2): 12.0, (2, 3): 12.0, (3, 4): 12.0}
    assert groups(weights) == {frozenset({1, 2, 3, 4})}


def test_two_records_of_a_source_with_one_record_a_person_are_never_joined() -> None:
    weights = {(1, 2): 12.0, (1, 3): FORBIDDEN, (2, 3): 11.0}
    assert groups(weights) == {frozenset({1, 2}), frozenset({3}), frozenset({4})}


def test_records_of_a_standing_person_stay_together() -> None:
    start = [frozenset({1, 2}), frozenset({3}), frozenset({4})]
    weights = {(1, 2): -12.0, (2, 3): 12.0}
    assert groups(weights, start) == {frozenset({1, 2, 3}), frozenset({4})}


def test_the_result_does_not_depend_on_the_order_of_records() -> None:
    weights = {(1, 2): 5.0, (2, 3): 5.0, (3, 4): 5.0, (1, 3): -4.0, (2, 4): -4.0, (1, 4): -9.0}
    backwards = dict(reversed(list(weights.items())))
    assert groups(weights) == groups(backwards, list(reversed(SINGLES)))
