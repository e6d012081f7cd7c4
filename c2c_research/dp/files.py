"""Answers as files: CSV with receipt and sidecar, Stata's dta, a script for R."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from c2c_research.errors import BadUse

if TYPE_CHECKING:
    from c2c_research.dp.answer import PrivateAnswer

_KEYS_EXCEPT = ("value", "half_width", "status")
_LABELS = {
    "value": "noisy value",
    "half_width": "half of the 95 % interval of the noise",
    "status": "ok, imprecise, or why there is no value",
}


def shown(row: Mapping[str, Any], name: str) -> Any:
    """What stands in a table: `<11` for a count that its provider's rule withholds, else empty where nothing is."""
    if row[name] is not None:
        return row[name]
    return row["status"] if name == "value" and row["status"].startswith("<") else ""


def save(answer: PrivateAnswer, target: Path) -> Path:
    """Write an answer in the form that the path's ending names. Raises BadUse for other endings."""
    writers = {".csv": _csv, ".dta": _stata, ".r": _r}
    writer = writers.get(target.suffix.lower())
    if writer is None:
        raise BadUse("Answers are saved as CSV, for Stata (.dta) or for R (.R).", f"Use {target.stem}.csv.")
    writer(answer, target)
    return target


def _csv(answer: PrivateAnswer, target: Path) -> None:
    # Byte for byte what the receipt's digest is of; pandas would turn 12 beside an empty cell into 12.0.
    with target.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows([[shown(row, name) for name in answer.columns] for row in answer.rows])
    target.with_name(f"{target.stem}.context.yaml").write_text(_sidecar(answer, target.name), encoding="utf-8")
    if not answer.sources:
        receipt = json.dumps(answer.receipt, indent=2, sort_keys=True)
        target.with_name(f"{target.stem}.receipt.json").write_text(receipt, encoding="utf-8")
    for number, source in enumerate(answer.sources, start=1):
        _csv(source, target.with_name(f"{target.stem}.source-{number}.csv"))


def _sidecar(answer: PrivateAnswer, name: str) -> str:
    import yaml

    keys = [column for column in answer.columns if column not in _KEYS_EXCEPT]
    context = {"table": name, "rows": keys, "kind": "summary", "population": answer.methods}
    return str(yaml.safe_dump(context, sort_keys=False, allow_unicode=True))


def _stata(answer: PrivateAnswer, target: Path) -> None:
    """Version 118 (Stata 14 and later), with labels; the citation is the data label (80 characters at most)."""
    frame = answer.frame.astype({"value": "float64", "half_width": "float64"})
    labels = {name: label for name, label in _LABELS.items() if name in frame.columns}
    frame.to_stata(target, write_index=False, version=118, data_label=answer.citation[-80:], variable_labels=labels)


def _r(answer: PrivateAnswer, target: Path) -> None:
    """A script that makes a data frame `answer` with the methods and the citation as attributes: `source("x.R")`."""
    columns = [f"  {name} = c({', '.join(_r_value(row[name]) for row in answer.rows)})" for name in answer.columns]
    target.write_text(
        "answer <- data.frame(\n" + ",\n".join([*columns, "  stringsAsFactors = FALSE"]) + "\n)\n"
        f'attr(answer, "methods") <- {_r_value(answer.methods)}\n'
        f'attr(answer, "citation") <- {_r_value(answer.citation)}\n',
        encoding="utf-8",
    )


def _r_value(value: Any) -> str:
    return "NA" if value is None else json.dumps(value, ensure_ascii=False)
