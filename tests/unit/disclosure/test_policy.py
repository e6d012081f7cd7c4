"""Policy packs: shipped ones are whole, broken ones are refused with a sentence."""

from __future__ import annotations

import pytest

from c2c_research.disclosure.policy import RULE_KINDS, BadPolicy, load_pack, pack_names, parse_pack
from c2c_research.disclosure.rules import MODULES, OF_THE_ENGINE, check_of

RULE = "{kind: min_cell, status: fail, sentence: Merge., source: here, parameters: {persons: 11}}"


def test_the_default_pack_has_every_rule_kind() -> None:
    assert sorted(rule.kind for rule in load_pack("enclave-default").rules) == sorted(RULE_KINDS)


@pytest.mark.parametrize("name", pack_names())
def test_every_rule_says_how_to_mend_it_and_where_it_comes_from(name: str) -> None:
    pack = load_pack(name)
    assert pack.name == name
    assert all(len(rule.sentence) > 20 and rule.source for rule in pack.rules)


@pytest.mark.parametrize("kind", MODULES)
def test_every_enforced_kind_has_its_code(kind: str) -> None:
    assert kind in RULE_KINDS and kind not in OF_THE_ENGINE
    assert callable(check_of(kind))


@pytest.mark.parametrize(
    "text",
    [
        "name: x",
        "[]",
        "{name: x, version: '1', title: t, rules: [{kind: other}]}",
        "{name: x, version: '1', title: t, rules: [{kind: min_cell, status: fail}]}",
        f"{{name: x, version: '1', title: t, rules: [{RULE}, {RULE}]}}",
        f"{{name: x, version: '1', title: t, rules: [{RULE.replace('11', '-1')}]}}",
        f"{{name: x, version: '1', title: t, rules: [{RULE.replace('fail', 'pass')}]}}",
    ],
)
def test_a_pack_that_does_not_validate_is_refused(text: str) -> None:
    with pytest.raises(BadPolicy):
        parse_pack(text, "x.yaml")


def test_an_unknown_name_says_where_the_names_are() -> None:
    with pytest.raises(BadPolicy, match="c2c policy list"):
        load_pack("../secrets")
