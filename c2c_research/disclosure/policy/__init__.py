"""Policy packs: rules and thresholds as versioned data, validated when loaded.

A pack names its rules, their parameters, a sentence for researchers ("why, and how to mend it") and a source. Code
implements rule *kinds*; a rule whose kind has no code yet is listed as not enforced, never silently taken as passed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from c2c_research.disclosure.findings import Status
from c2c_research.disclosure.policy.schema import problems

RULE_KINDS = (
    "min_cell", "rate", "group", "dominance", "order_statistic", "model", "survival", "secondary", "differencing",
    "rounding", "unit_record", "identifier", "hidden_content", "file_kind", "unreadable",
)  # fmt: skip
NEVER_ADVICE = frozenset({"identifier", "unit_record", "secondary", "hidden_content", "file_kind", "unreadable"})
"""Rules that stay what they are: identifiers, unit records, exact recovery, and what nobody has read."""
DEFAULT_PACK = "enclave-default"
_REFERENCE = re.compile(r"(?P<name>[a-z0-9.-]+)\+(?P<revision>[1-9][0-9]{0,5}):(?P<advice>[a-z_,]*)")
_EFFECTS = {"advice": Status.PASS, "review": Status.REVIEW, "fail": Status.FAIL}
_PACKS = Path(__file__).with_name("packs")


class BadPolicy(ValueError):
    """A pack that cannot be used; the message says where."""


@dataclass(frozen=True)
class Rule:
    """One rule of a pack. `parameters` are numbers, words or lists; `status` is what a breach means.

    Of a rule that is `advice` by its owner's decision, a breach is said and means nothing.
    """

    kind: str
    status: Status
    sentence: str
    source: str
    parameters: Mapping[str, Any]
    advice: bool = False

    def number(self, name: str, default: float) -> float:
        return float(self.parameters.get(name, default))

    def word(self, name: str, default: str) -> str:
        return str(self.parameters.get(name, default))

    def effect(self, name: str, default: str) -> Status:
        """What a pack makes of a lesser breach: advice (PASS), review or fail; never more than the rule itself."""
        return min(_EFFECTS[self.word(name, default)], self.status)


@dataclass(frozen=True)
class Policy:
    """A validated pack."""

    name: str
    version: str
    title: str
    rules: tuple[Rule, ...]
    about: str = ""

    def rule(self, kind: str) -> Rule | None:
        return next((rule for rule in self.rules if rule.kind == kind), None)

    def advises(self, kind: str) -> bool:
        """Did the pack's owner turn this rule to advice?"""
        rule = self.rule(kind)
        return rule is not None and rule.advice

    def threshold(self, unit: str) -> int:
        """The least number of distinct units that a shown count may have; 0 where the unit is not protected."""
        rule = self.rule("min_cell")
        if rule is None:
            return 0
        return int(rule.parameters.get("persons" if unit == "rows" else unit, 0))


def pack_names() -> list[str]:
    """The packs that ship with the enclave."""
    return sorted(path.stem for path in _PACKS.glob("*.yaml"))


def reference(name: str, revision: int, advice: Collection[str]) -> str:
    """Names a pack after its owner's decisions: `enclave-default+2:rate`, revision 2, in which `rate` is advice."""
    return f"{name}+{revision}:{','.join(sorted(advice))}" if revision else name


def name_of(pack: str) -> str:
    """The pack's own name in a reference."""
    return pack.partition("+")[0]


@lru_cache(maxsize=16)
def load_pack(name: str = DEFAULT_PACK) -> Policy:
    """Load a pack by name or reference. Raises BadPolicy for an unknown one or a pack that does not validate."""
    if named := _REFERENCE.fullmatch(name):
        return _turned(load_pack(named["name"]), int(named["revision"]), {*named["advice"].split(",")} - {""})
    if name not in pack_names():
        raise BadPolicy(f"There is no policy pack called {name!r}; `c2c policy list` shows them.")
    return parse_pack((_PACKS / f"{name}.yaml").read_text(encoding="utf-8"), name)


def _turned(pack: Policy, revision: int, advice: Collection[str]) -> Policy:
    """The pack with rules as advice: what they find is said and asks for nothing."""
    if not set(advice) <= {rule.kind for rule in pack.rules} - NEVER_ADVICE:
        raise BadPolicy(f"{pack.name}: these rules cannot be advice: {', '.join(sorted(advice))}.")
    rules = tuple(replace(rule, advice=True) if rule.kind in advice else rule for rule in pack.rules)
    return replace(pack, version=f"{pack.version}+{revision}", rules=rules)


def parse_pack(text: str, origin: str) -> Policy:
    """Validate a pack's YAML."""
    import yaml

    try:
        data = yaml.safe_load(text)
    except yaml.YAMLError as problem:
        raise BadPolicy(f"{origin}: this is not valid YAML.") from problem
    if not isinstance(data, dict):
        raise BadPolicy(f"{origin}: a pack is a YAML mapping.")
    for field in ("name", "version", "title", "rules"):
        if not data.get(field):
            raise BadPolicy(f"{origin}: `{field}` is missing.")
    unknown = set(data) - {"name", "version", "title", "about", "rules"}
    if unknown:
        raise BadPolicy(f"{origin}: a pack has no `{sorted(unknown)[0]}`.")
    if not isinstance(data["version"], str) or not isinstance(data["rules"], list):
        raise BadPolicy(f'{origin}: `version` is a text such as "1.0", and `rules` is a list.')
    rules = tuple(_rule(item, origin) for item in data["rules"])
    kinds = [rule.kind for rule in rules]
    repeated = {kind for kind in kinds if kinds.count(kind) > 1}
    if repeated:
        raise BadPolicy(f"{origin}: {', '.join(sorted(repeated))} stands there twice.")
    about = " ".join(str(data.get("about", "")).split())
    return Policy(str(data["name"]), str(data["version"]), str(data["title"]), rules, about)


def _rule(item: Any, origin: str) -> Rule:
    if not isinstance(item, dict) or item.get("kind") not in RULE_KINDS:
        raise BadPolicy(f"{origin}: a rule's `kind` is one of {', '.join(RULE_KINDS)}.")
    kind = item["kind"]
    if set(item) - {"kind", "status", "sentence", "source", "parameters"}:
        raise BadPolicy(f"{origin}: rule {kind}: it has kind, status, sentence, source and parameters.")
    for field in ("status", "sentence", "source"):
        if not str(item.get(field, "")).strip():
            raise BadPolicy(f"{origin}: rule {kind} has no `{field}`.")
    if item["status"] not in ("review", "fail"):
        raise BadPolicy(f"{origin}: rule {kind}: `status` is review or fail.")
    parameters = item.get("parameters") or {}
    if not isinstance(parameters, dict):
        raise BadPolicy(f"{origin}: rule {kind}: `parameters` is a mapping.")
    wrong = problems(kind, parameters)
    if wrong:
        raise BadPolicy(f"{origin}: rule {kind}: {'; '.join(wrong)}.")
    return Rule(kind, Status.of(item["status"]), " ".join(item["sentence"].split()), item["source"], parameters)
