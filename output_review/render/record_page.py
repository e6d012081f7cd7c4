"""The release record as a page that opens anywhere: no scripts, no outside files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from output_review.render.markup import Html, joined, tag

_STYLE = (
    "body{font:16px/1.5 'Public Sans',Arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border:1px solid #a9aeb1;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#f0f0f0}code{font-size:.85em}h1{line-height:1.2}"
)


def record_page(payload: Mapping[str, Any]) -> Html:
    """The page for `payload` (as `record.payload_of` makes it)."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"Release record {payload['release']}"),
        Html(f"<style>{_STYLE}</style>"),
    )
    body = tag(
        "body",
        tag("h1", payload["title"]),
        tag(
            "p",
            "Release record of the Cradle-to-Career research enclave. The signed form is record.json beside this "
            "page; “c2c review record verify” on the bundle confirms it without a network.",
        ),
        _facts(payload),
        tag("h2", "Files"),
        *(_file(entry) for entry in payload["files"]),
    )
    return joined(Html("<!doctype html>"), tag("html", head, body, lang="en"))


def _facts(payload: Mapping[str, Any]) -> Html:
    review = payload["review"]
    rows = {
        "Release": payload["release"],
        "Project": payload["project"],
        "Author": payload["author"],
        "Purpose": payload["purpose"] or "not stated",
        "Data providers": ", ".join(payload["lineage"]["providers"]) or "none named",
        "Submitted": payload["submitted_at"],
        "Approved": f"{payload['approved_at']} by {payload['approved_by']}",
        "Released": payload["released_at"],
        "Review": f"{review['mode'].lower()}, {review['required_votes']} approvals a file, {payload['turns']} turns",
        "Tier": f"{review['tier']}: {review['reason']}" if review.get("tier") else "as before tiers",
        "Audit chain": f"event {payload['audit']['events']}, {payload['audit']['head']}",
    }
    return tag("table", *(tag("tr", tag("th", k, scope="row"), tag("td", v)) for k, v in rows.items()))


def _file(entry: Mapping[str, Any]) -> Html:
    check = entry["check"]
    findings = check["findings"] if check else []
    return joined(
        tag("h3", entry["name"]),
        tag(
            "p",
            f"{entry['kind'].capitalize()}, {entry['size']} bytes, ",
            "released" if entry["leaves"] else "supporting, not released",
            ". SHA-256 ",
            tag("code", entry["sha256"]),
        ),
        _table("Votes", ("Checker", "Vote", "Turn", "At"),
               [(v["checker"], _words(v["choice"]), v["turn"], v["cast_at"]) for v in entry["votes"]]),
        tag("p", f"Checks: {check['status']} under {check['policy']['name']} {check['policy']['version']}; evidence ",
            tag("code", check["evidence"])) if check else None,
        _table("Findings", ("Rule", "Status", "Message", "Where"),
               [(f["rule"], f["status"], f["message"], f["where"]) for f in findings]),
        _table("Exceptions", ("Rule", "Answer", "Justification", "By", "Reason"),
               [(e["rule"], _words(e["state"]), e["justification"], e["decided_by"] or "", e["reason"])
                for e in entry["exceptions"]]),
    )  # fmt: skip


def _table(caption: str, heads: tuple[str, ...], rows: list[tuple[object, ...]]) -> Html | None:
    if not rows:
        return None
    return tag(
        "table",
        tag("caption", caption),
        tag("tr", *(tag("th", head, scope="col") for head in heads)),
        *(tag("tr", *(tag("td", value) for value in row)) for row in rows),
    )


def _words(value: str) -> str:
    return value.replace("_", " ").lower()
