"""The release record as a page that opens anywhere: no scripts, no outside files."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from output_review.render.markup import Html, joined, tag
from output_review.render.unseen import all_spelled
from output_review.vetoes.states import LABEL, VetoState

_STYLE = (
    "body{font:16px/1.5 'Public Sans',Arial,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}"
    "table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}"
    "th,td{border:1px solid #a9aeb1;padding:.4rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}"
    "th{background:#f0f0f0}code{font-size:.85em}h1{line-height:1.2}"
)


def record_page(payload: Mapping[str, Any]) -> Html:
    """The page for `payload` (as `record.payload_of` makes it)."""
    payload = all_spelled(payload)
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
        *(
            joined(tag("h2", head), tag("ul", *(tag("li", tag("strong", f"{k}: "), v) for k, v in lines)))
            for head, lines in sections_of(payload).items()
        ),
        tag("h2", "Files as they were reviewed"),
        *(_file(entry) for entry in payload["files"]),
    )
    return joined(Html("<!doctype html>"), tag("html", head, body, lang="en"))


def facts_of(payload: Mapping[str, Any]) -> dict[str, str]:
    """What is true of the whole release, as label and words; page and paper say the same."""
    review = payload["review"]
    return {
        "Release": payload["release"],
        "Project": payload["project"],
        "Author": payload["author"],
        "Purpose": payload["purpose"] or "not stated",
        "For the public": "yes" if payload["public"] else "no",
        "Data providers": ", ".join(payload["lineage"]["providers"]) or "none named",
        "Submitted": moment(payload["submitted_at"]),
        "Approved": f"{moment(payload['approved_at'])} by {payload['approved_by']}",
        "Released": moment(payload["released_at"]),
        "Review": f"{words(review['mode'])}, {review['required_votes']} approvals a file, {payload['turns']} turns",
        "Tier": f"{review['tier']}: {review['reason']}" if review.get("tier") else "as before tiers",
        "Audit chain": f"event {payload['audit']['events']}, {payload['audit']['head']}",
    }


def sections_of(payload: Mapping[str, Any]) -> dict[str, list[tuple[str, str]]]:
    """Heading → (label, words) of what comes before the files: confirmed, lineage with receipts, manifest."""
    checklists, lineage = payload["review"]["checklists"], payload["lineage"]
    sections = {
        "What the checkers confirmed": [(checker, " ".join(said)) for checker, said in checklists.items() if said],
        "What providers with a veto said": [(veto["provider"], _said(veto)) for veto in payload.get("vetoes", ())],
        "Lineage and receipts": [(words(key), flat(value)) for key, value in lineage.items() if value],
        f"Manifest: {len(payload['manifest'])} files were released": [
            (entry["path"], f"{entry['size']:,} bytes, SHA-256 {entry['sha256']}") for entry in payload["manifest"]
        ],
    }
    return {head: lines for head, lines in sections.items() if lines}


def _said(veto: Mapping[str, Any]) -> str:
    """A provider's veto in a sentence or two."""
    about = f"Turn {veto['turn']}: {LABEL[VetoState(veto['state'])]}"
    by = f", {moment(veto['said_at'])} by {veto['said_by']}" if veto["said_by"] else ""
    reasons = (("Reason", veto["reason"]), ("The author", veto["contest"]), ("The office", veto["answer"]))
    return f"{about}{by}. " + " ".join(f"{label}: {text}" for label, text in reasons if text)


def exception_words(item: Mapping[str, Any]) -> str:
    """Who answered a request for an exception, and why; after an appeal also the first answer."""
    answer = f"{words(item['state'])} by {item['decided_by']}" if item["decided_by"] else words(item["state"])
    said = f"{answer}. Justification: {item['justification']} Answer: {item['reason'] or 'none'}"
    if not item.get("appeal"):
        return said
    return f"{said} First refused by {item['refused_by']}: {item['refusal']} Appeal: {item['appeal']}"


def flat(value: Any) -> str:
    """A nested value in one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{words(str(key))} {flat(each)}" for key, each in value.items())
    if isinstance(value, list):
        return "; ".join(map(flat, value))
    return str(value)


def _facts(payload: Mapping[str, Any]) -> Html:
    rows = facts_of(payload).items()
    return tag("table", *(tag("tr", tag("th", k, scope="row"), tag("td", v)) for k, v in rows))


def moment(value: str | None) -> str:
    """A record's moment for people, in UTC; the signed form has it to the microsecond."""
    if value is None:
        return "never"
    at = datetime.fromisoformat(value).astimezone(UTC)
    return f"{at:%B} {at.day}, {at.year}, {at:%H:%M} UTC"


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
               [(v["checker"], words(v["choice"]), v["turn"], moment(v["cast_at"])) for v in entry["votes"]]),
        tag("p", f"Checks: {check['status']} under {check['policy']['name']} {check['policy']['version']}; evidence ",
            tag("code", check["evidence"])) if check else None,
        _table("Findings", ("Rule", "Status", "Message", "Where"),
               [(f["rule"], f["status"], f["message"], f["where"]) for f in findings]),
        _table("Exceptions", ("Rule", "Answer"), [(e["rule"], exception_words(e)) for e in entry["exceptions"]]),
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


def words(value: str) -> str:
    """A name of ours as words."""
    return value.replace("_", " ").lower()
