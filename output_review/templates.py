"""Kinds of release request, as data (`templates.yaml`): what each asks, expects, and has its checkers make sure of.

A template is the author's word about a request; it only ever adds. It asks questions, whose answers are kept with the
purpose; it narrows the kinds of files that leave; it adds to the checklist; and it can ask for more readers than the
tiers do, never for fewer. The table is read and validated when the portal starts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath

import yaml

from enclave.core.errors import BadInput, Unprocessable
from output_review.model import ReleaseRequest
from output_review.policies import CHECKLIST, KINDS
from output_review.states import ReviewMode

TABLE_FILE = Path(__file__).with_name("templates.yaml")
LINEAGE_KEY = "template"
_ANSWER, _WHOLE = 1000, 4000


@dataclass(frozen=True)
class TemplateQuestion:
    """What the author is asked when the request is made."""

    key: str
    ask: str
    hint: str
    required: bool


@dataclass(frozen=True)
class Template:
    """One kind of request."""

    name: str
    title: str
    about: str
    kinds: frozenset[str]
    review: ReviewMode
    questions: tuple[TemplateQuestion, ...]
    checklist: Mapping[str, str]

    @property
    def endings(self) -> list[str]:
        """Endings of file names that may leave under it."""
        return sorted(ending for ending, kind in KINDS.items() if kind in self.kinds)


@lru_cache
def templates() -> tuple[Template, ...]:
    """The table. ValueError where it does not fit together."""
    return read(TABLE_FILE.read_text(encoding="utf-8"))


def read(text: str) -> tuple[Template, ...]:
    """A table from YAML. ValueError or KeyError for a kind, mode, name or key that cannot be."""
    found = tuple(_template(row) for row in yaml.safe_load(text))
    names = [each.name for each in found]
    if len(set(names)) < len(names):
        raise ValueError("two templates have one name")
    return found


def named(name: str) -> Template | None:
    """The template; None for "". BadInput for a name that is none."""
    if not name:
        return None
    found = next((each for each in templates() if each.name == name), None)
    if found is None:
        raise BadInput(
            "There is no such template.", f"Templates are: {', '.join(each.name for each in templates())}; or none."
        )
    return found


def template_of(request: ReleaseRequest) -> Template | None:
    """The request's template; None where it has none, or one that the table lost since."""
    name = request.lineage.get(LINEAGE_KEY, "")
    return next((each for each in templates() if each.name == name), None)


def checklist_of(request: ReleaseRequest) -> dict[str, str]:
    """What its checkers make sure of."""
    template = template_of(request)
    return {**CHECKLIST, **(template.checklist if template else {})}


def purpose_with(template: Template | None, purpose: str, answers: Mapping[str, str]) -> str:
    """The purpose with the answers below it. Unprocessable where one is missing, BadInput where none was asked."""
    asked = {question.key: question for question in template.questions} if template else {}
    if unknown := sorted(set(answers) - set(asked)):
        raise BadInput(f"Nothing asks for “{unknown[0][:40]}”.", f"Answers are to: {', '.join(asked) or 'nothing'}.")
    told = {key: str(answers.get(key, "")).strip()[:_ANSWER] for key in asked}
    missing = [question for key, question in asked.items() if question.required and not told[key]]
    if missing:
        raise Unprocessable(
            "Not answered: " + " ".join(question.ask for question in missing),
            f"Answer to: {', '.join(question.key for question in missing)}.",
        )
    lines = [f"{asked[key].ask} {text}" for key, text in told.items() if text]
    whole = "\n".join([*([purpose.strip()] if purpose.strip() else []), *lines])
    if len(whole) > _WHOLE:
        raise Unprocessable("Purpose and answers are too long together.", f"Shorten them to {_WHOLE} characters.")
    return whole


def answered(template: Template | None, purpose: str) -> dict[str, str]:
    """Question → what the purpose already answers to it, on the line that begins with it."""
    lines = purpose.split("\n")
    found = {}
    for question in template.questions if template else ():
        line = next((each for each in lines if each.startswith(f"{question.ask} ")), None)
        if line is not None:
            found[question.key] = line.removeprefix(question.ask).strip()
    return found


def purpose_changed(template: Template | None, purpose: str, answers: Mapping[str, str]) -> str:
    """The purpose under another template: all that was written stays, new answers replace the line of theirs."""
    known = answered(template, purpose)
    new = {key: text for key, text in answers.items() if text.strip() or key not in known}
    asked = {question.key: question.ask for question in template.questions} if template else {}
    if template is None:
        return purpose_with(None, purpose, new)
    kept = [
        line
        for line in purpose.split("\n")
        if not any(line == f"{asked[key]} {known[key]}" for key in new if key in known)
    ]
    rest = {key: text for key, text in known.items() if key not in new}
    # what stays is in the purpose already: it is answered, and not written twice
    whole = purpose_with(template, "", {**rest, **new})
    added = [line for line in whole.split("\n") if line not in kept]
    text = "\n".join([*(kept if "\n".join(kept).strip() else []), *added])
    if len(text) > _WHOLE:
        raise Unprocessable("Purpose and answers are too long together.", f"Shorten them to {_WHOLE} characters.")
    return text


def check_kinds(template: Template | None, names: Collection[str]) -> None:
    """Unprocessable where something leaves that the template does not expect."""
    if template is None:
        return
    other = [name for name in names if PurePosixPath(name).suffix.lower() not in template.endings]
    if other:
        raise Unprocessable(
            f"“{other[0]}” is no file of the template “{template.title}”.",
            f"It takes {', '.join(template.endings)}. Send it as supporting, or choose no template.",
        )


def _template(row: Mapping[str, object]) -> Template:
    kinds, checklist, questions = row["kinds"], row["checklist"], row["questions"]
    if not isinstance(kinds, list) or not isinstance(checklist, dict) or not isinstance(questions, list):
        raise ValueError("kinds and questions are lists, the checklist is a table")
    if unknown := set(kinds) - set(KINDS.values()):
        raise ValueError(f"no such kind of file: {sorted(unknown)[0]}")
    if clash := set(checklist) & set(CHECKLIST):
        raise ValueError(f"the checklist has {sorted(clash)[0]} already")
    return Template(
        name=str(row["name"]), title=str(row["title"]), about=str(row["about"]), kinds=frozenset(kinds),
        review=ReviewMode(str(row["review"])),
        questions=tuple(
            TemplateQuestion(str(each["key"]), str(each["ask"]), str(each["hint"]), bool(each["required"]))
            for each in questions
        ),
        checklist={str(key): str(text) for key, text in checklist.items()},
    )  # fmt: skip
