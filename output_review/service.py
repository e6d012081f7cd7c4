"""The airlock's use cases under one name; each lives in the module of its noun."""

from output_review.airlock import Airlock, Submission, Upload
from output_review.drafting import (
    create_draft,
    describe,
    describe_group,
    justify,
    put_file,
    submit,
    withdraw,
    withdraw_file,
)
from output_review.release import download, release, revoke
from output_review.reviewing import (
    approve,
    claim,
    comment,
    decide_exception,
    hand_over,
    reject,
    return_to_author,
    tick,
    vote,
)
from output_review.together import run_checks

__all__ = [
    "Airlock",
    "Submission",
    "Upload",
    "approve",
    "claim",
    "comment",
    "create_draft",
    "decide_exception",
    "describe",
    "describe_group",
    "download",
    "hand_over",
    "justify",
    "put_file",
    "reject",
    "release",
    "return_to_author",
    "revoke",
    "run_checks",
    "submit",
    "tick",
    "vote",
    "withdraw",
    "withdraw_file",
]
