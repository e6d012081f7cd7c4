"""The release record on paper: the same facts as `record_page`, tagged, with the same bytes at every making."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from output_review.render.record_page import exception_words, facts_of, moment, sections_of, words
from output_review.render.tagged_pdf import Paper

_FACTS = 60
"""A finding's place is said in so many letters at most; record.json has the whole."""


def record_pdf(payload: Mapping[str, Any]) -> bytes:
    """The PDF of `payload` (as `record.payload_of` makes it)."""
    paper = Paper(f"Release record {payload['release']}", datetime.fromisoformat(payload["released_at"]))
    paper.heading(1, payload["title"])
    paper.say(
        "Release record of the Cradle-to-Career research enclave. The signed form is record.json in the same bundle; "
        "“c2c review record verify” on the bundle confirms it, and this paper, without a network."
    )
    with paper.items():
        for label, value in facts_of(payload).items():
            paper.item(value, label)
    for head, lines in sections_of(payload).items():
        paper.heading(2, head)
        with paper.items():
            for label, said in lines:
                paper.item(said, label)
    paper.heading(2, "Files as they were reviewed")
    for entry in payload["files"]:
        _file(paper, entry)
    return paper.bytes_of()


def _file(paper: Paper, entry: Mapping[str, Any]) -> None:
    paper.heading(3, entry["name"])
    leaves = "released" if entry["leaves"] else "supporting, not released"
    paper.say(f"{words(entry['kind']).capitalize()}, {entry['size']:,} bytes, {leaves}. SHA-256 {entry['sha256']}")
    if context := entry["group"]["context"]:
        paper.say(context, f"Context of the group {entry['group']['name']}" if entry["group"]["name"] else "Context")
    if check := entry["check"]:
        pack = check["policy"]
        said = f"{check['status']} under {pack['name']} {pack['version']}; evidence {check['evidence']}"
        paper.say(said, "Checks")
    lines = [
        *((f"Finding {f['rule']}", _finding(f)) for f in (check["findings"] if check else [])),
        *((f"Exception for {e['rule']}", exception_words(e)) for e in entry["exceptions"]),
        *((f"Vote of {v['checker']}", _vote(v)) for v in entry["votes"]),
    ]
    if lines:
        with paper.items():
            for label, said in lines:
                paper.item(said, label)


def _finding(finding: Mapping[str, Any]) -> str:
    place = str(finding["where"] or "")
    shown = place if len(place) <= _FACTS else f"{place[:_FACTS]}…"
    return f"{finding['status']}. {finding['message']}" + (f" At: {shown}" if shown else "")


def _vote(vote: Mapping[str, Any]) -> str:
    return f"{words(vote['choice'])}, turn {vote['turn']}, {moment(vote['cast_at'])}, bytes {vote['sha256'][:16]}…"
