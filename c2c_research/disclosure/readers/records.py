"""JSON: lists of records, pandas' and Vega-Lite's shapes become tables; loose numbers become prose."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.document import Cloud, Document, Hidden, Unreadable
from c2c_research.disclosure.readers.charts import chart_table
from c2c_research.disclosure.readers.encoding import decode
from c2c_research.disclosure.readers.session import is_session_record, is_session_summary, words_of
from c2c_research.disclosure.tables import Role, Table

_EDGES = frozenset(["edges", "edge", "breaks", "bins", "bounds", "cuts"])
_LEAST_OF_SETTINGS = 3


def read(kind: str, content: bytes) -> Document:
    hidden: list[Hidden] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs) and not hidden:
            hidden.append(Hidden("A name stands twice in one place; only the last value is read."))
        return made

    try:
        data = json.loads(decode(content), object_pairs_hook=once)
    except (ValueError, RecursionError) as problem:
        raise Unreadable("The file is not valid JSON; save it again.") from problem
    if is_session_record(data) or is_session_summary(data):
        return Document("session", (), words_of(data), tuple(hidden))
    tables = list(_tables(data, ""))
    return Document(kind, tuple(tables), "\n".join(_texts(data)), tuple(hidden), clouds=_clouds(data, tables))


def read_chart(specification: Any, where: str) -> Document:
    """The specification of a chart (Vega-Lite, Plotly) as a notebook stores it: its tables and its single points."""
    tables = [replace(table, where=f"{where}, chart") for table in _tables(specification, "")]
    clouds = tuple(replace(cloud, where=where) for cloud in _clouds(specification, tables))
    return Document("chart", tuple(tables), "\n".join(_texts(specification)), clouds=clouds)


def _clouds(data: Any, tables: list[Table]) -> tuple[Cloud, ...]:
    """Single points that a chart or a map draws."""
    if not isinstance(data, dict):
        return ()
    if "vega" in str(data.get("$schema", "")):
        return _points(data, tables)
    counted = any(table.columns_of(Role.COUNT) for table in tables)
    if data.get("type") == "FeatureCollection" and isinstance(data.get("features"), list) and not counted:
        spots = {
            str(shape.get("coordinates")) for each in data["features"] if (shape := _shape(each)).get("type") == "Point"
        }
        return (Cloud(len(spots), ordered=False),) if spots else ()
    traces = data.get("data") if isinstance(data.get("data"), list) else []
    loose = [each for each in traces or () if isinstance(each, dict) and _draws_points(each)]
    return tuple(Cloud(len(each.get("x") or each.get("lon") or ()), ordered=False) for each in loose)


def _shape(feature: Any) -> dict[str, Any]:
    found = feature.get("geometry") if isinstance(feature, dict) else None
    return found if isinstance(found, dict) else {}


def _draws_points(trace: dict[str, Any]) -> bool:
    """A trace of Plotly that draws marks without lines between them."""
    kind, mode = str(trace.get("type", "scatter")), str(trace.get("mode", ""))
    return (
        kind.startswith("scatter")
        and "markers" in mode
        and "lines" not in mode
        and isinstance(trace.get("x", trace.get("lon")), list)
    )


def _points(chart: dict[str, Any], tables: list[Table]) -> tuple[Cloud, ...]:
    """The largest table of a chart specification that draws a point a row."""
    marks = re.search(r'"(?:mark|type)": "(?:point|circle|square|tick|text)"', json.dumps(chart))
    rows = max((len(table.rows) for table in tables if not table.columns_of(Role.COUNT)), default=0)
    return (Cloud(rows, ordered=False),) if marks and rows else ()


def _tables(data: Any, where: str, depth: int = 0) -> Iterator[Table]:
    if depth > 40:
        raise Unreadable("The JSON is nested too deeply to be reviewed.")
    table = _as_table(data, where)
    if table is not None:
        yield table
        return
    if isinstance(data, dict):
        if data.get("type") == "FeatureCollection" and isinstance(data.get("features"), list):
            # the shapes of a map are no table; what is known of each shape is
            data = {"features": [_properties(item) for item in data["features"]]}
        series = _series(data, where)
        yield from series
        taken = {name for each in series for name in each.header}
        for key, value in data.items():
            if key not in taken:
                yield from _tables(value, f"{where}/{key}", depth + 1)
    elif isinstance(data, list):
        if len(data) > 1 and all(isinstance(item, dict) for item in data):
            yield from _records_in(data, where, depth)
            return
        for index, value in enumerate(data):
            yield from _tables(value, f"{where}/{index}", depth + 1)


def _records_in(data: list[dict[str, Any]], where: str, depth: int) -> Iterator[Table]:
    """Records that hold more than plain values: what is plain as one table (with objects of plain values as columns of
    it), and what is in the rest of each."""
    plain = [_flattened(item) for item in data]
    header = list(dict.fromkeys(key for item in plain for key in item))
    if header:
        yield _make(header, [[item.get(key) for key in header] for item in plain], where)
    for index, item in enumerate(data):
        for key, value in item.items():
            if not _flat(value) and not _is_plain_object(value):
                yield from _tables(value, f"{where}/{index}/{key}", depth + 1)


def _flattened(item: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in item.items():
        if _flat(value):
            found[key] = value
        elif _is_plain_object(value):
            found |= {f"{key} | {inner}": each for inner, each in value.items()}
    return found


def _is_plain_object(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_flat, value.values()))


def _series(data: dict[str, Any], where: str) -> list[Table]:
    """Lists of plain values beside other things: those of one length are the columns of a table.

    The edges of bins are one more than their counts; the last edge is left out.
    """
    lists = {
        key: part for key, part in data.items() if isinstance(part, list) and len(part) > 1 and all(map(_flat, part))
    }
    if len(lists) > 1:
        shortest = min(map(len, lists.values()))
        edges = {key for key, part in lists.items() if len(part) == shortest + 1 and set(lexicon.words(key)) & _EDGES}
        lists = {key: part[:-1] if key in edges else part for key, part in lists.items()}
    groups: dict[int, list[str]] = {}
    for key, part in lists.items():
        if not all(isinstance(value, str) for value in part) or len(lists) > 1:
            groups.setdefault(len(part), []).append(key)
    return [
        _make(keys, [list(row) for row in zip(*(lists[key] for key in keys), strict=True)], where)
        for keys in groups.values()
    ]


def _properties(feature: Any) -> Any:
    known = feature.get("properties") if isinstance(feature, dict) else None
    return known if isinstance(known, dict) else {}


def _as_table(data: Any, where: str) -> Table | None:
    if isinstance(data, list) and data and all(isinstance(item, dict) for item in data):
        header = list(dict.fromkeys(key for item in data for key in item))
        if all(_flat(item.get(key)) for item in data for key in header):
            return _make(header, [[item.get(key) for key in header] for item in data], where)
    if isinstance(data, list) and len(data) > 1 and all(isinstance(item, list) and item for item in data):
        if all(_flat(value) for item in data for value in item) and len({len(item) for item in data}) == 1:
            if all(isinstance(value, int | float) for value in data[0]):
                # a matrix has no line of names
                return _make([str(number) for number in range(len(data[0]))], data, where)
            return _make(data[0], data[1:], where)
        return None
    if isinstance(data, dict) and {"columns", "data"} <= set(data) and _is_matrix(data["data"]):
        index = data.get("index") or [None] * len(data["data"])
        return _make(
            ["", *data["columns"]], [[key, *row] for key, row in zip(index, data["data"], strict=False)], where
        )
    if isinstance(data, dict) and len(data) > 1:
        return chart_table(data, where) or _columns(data, where)
    return None


def _columns(data: dict[str, Any], where: str) -> Table | None:
    """{"column": {"row": value}} and {"column": [values]}."""
    parts = list(data.values())
    if all(isinstance(part, dict) and part and all(map(_flat, part.values())) for part in parts):
        keys = list(dict.fromkeys(key for part in parts for key in part))
        if (any(map(_is_measure, keys)) and not any(map(_is_measure, data))) or _are_running(list(data)):
            return _make(["", *keys], [[name, *(part.get(key) for key in keys)] for name, part in data.items()], where)
        return _make(["", *data], [[key, *(part.get(key) for part in parts)] for key in keys], where)
    if all(isinstance(part, list) and part and all(map(_flat, part)) for part in parts):
        if len({len(part) for part in parts}) == 1:
            return _make(list(data), [list(row) for row in zip(*parts, strict=True)], where)
        return None
    if all(isinstance(part, int | float) and not isinstance(part, bool) for part in parts):
        names = [where.rpartition("/")[2], *data]
        if (
            where
            and len(parts) < _LEAST_OF_SETTINGS
            and not any(_is_measure(n) or lexicon.is_category(n) for n in names)
        ):
            # a place, a size, a pair of settings
            return None
        return _make(["", "value"], [[key, value] for key, value in data.items()], where)
    return None


def _are_running(names: list[str]) -> bool:
    return len(names) > 1 and names == [str(number) for number in range(len(names))]


def _is_measure(name: str) -> bool:
    measures = lexicon.COUNT_STRONG | lexicon.COUNT_NOUNS | lexicon.RATE | lexicon.MEAN | lexicon.EXTREME
    return bool(set(lexicon.words(name)) & measures)


def _is_matrix(data: Any) -> bool:
    return isinstance(data, list) and all(isinstance(row, list) for row in data)


def _flat(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _make(header: list[Any], rows: list[list[Any]], where: str) -> Table:
    width = len(header)
    texts = tuple(tuple(_text(value) for value in row[:width]) + ("",) * (width - len(row)) for row in rows)
    return Table(tuple(_text(name) for name in header), texts, where)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value)
    return str(value)


def _texts(data: Any, depth: int = 0) -> Iterator[str]:
    if isinstance(data, dict) and depth < 40:
        for key, value in data.items():
            if isinstance(value, str | int | float):
                yield f"{key}: {value}"
            else:
                yield from _texts(value, depth + 1)
    elif isinstance(data, list) and depth < 40:
        for value in data:
            if isinstance(value, str):
                yield value
            else:
                yield from _texts(value, depth + 1)
