"""What makes two questions the same: one order and one way of writing, so that equal questions digest equally.

The order of groups, measures, conditions, keys and list values says nothing; neither does a repetition, a list of one
value, two equal ends, or a whole number written as a fraction. What asks for other rows, cells or statistics differs.
"""

from __future__ import annotations

from typing import Any

from enclave.core.digests import canonical_json

Json = dict[str, Any]


def canonical_content(content: Json) -> Json:
    """The JSON of a specification in its one form. Groups and measures come in order: prices go by it."""
    content["where"] = _ordered([_condition(condition) for condition in content["where"]])
    for group in content["by"]:
        if group["keys"] is not None:
            group["keys"] = _ordered(group["keys"])
    return content


def _condition(condition: Json) -> Json:
    value = condition["value"]
    if not isinstance(value, list):
        return {**condition, "value": _whole(value)}
    values = [_whole(each) for each in value]
    if condition["op"] == "in":
        values = _ordered(values)
    one = len(values) == 1 if condition["op"] == "in" else len(values) == 2 and values[0] == values[1]
    return {**condition, "op": "=", "value": values[0]} if one else {**condition, "value": values}


def _whole(value: Any) -> Any:
    """3.0 as 3, -0.0 as 0; what is no number stays."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _ordered(values: list[Any]) -> list[Any]:
    unique = {canonical_json(value): value for value in values}
    return [unique[key] for key in sorted(unique)]
