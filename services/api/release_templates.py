"""The kinds of release request that an author can choose from."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel

from enclave.core.errors import BadInput
from enclave.people.permissions import Permission
from output_review.templates import Template, templates
from services.api.deps import GuardedRouter
from services.api.paging import AS_IT_STANDS

router = GuardedRouter(tags=["releases"])


class QuestionAsked(BaseModel):
    """What the author is asked; `key` is its name in `answers`."""

    key: str
    ask: str
    hint: str
    required: bool


class TemplateView(BaseModel):
    """A kind of request: which files may leave under it, what it asks, what its checkers make sure of beside the rest,
    and the least review."""

    name: str
    title: str
    about: str
    endings: list[str]
    questions: list[QuestionAsked]
    checklist: dict[str, str]
    review: str

    @classmethod
    def of(cls, template: Template) -> TemplateView:
        return cls(
            name=template.name, title=template.title, about=template.about, endings=template.endings,
            questions=[
                QuestionAsked(key=each.key, ask=each.ask, hint=each.hint, required=each.required)
                for each in template.questions
            ],
            checklist=dict(template.checklist), review=template.review.value,
        )  # fmt: skip


@router.get("/releases/templates", permission=Permission.SIGNED_IN, order=AS_IT_STANDS)
def list_templates() -> list[TemplateView]:
    """The kinds of request; below a project's address too, for its sandboxes."""
    return [TemplateView.of(each) for each in templates()]


@router.get("/projects/{project}/outputs/templates", permission=Permission.SIGNED_IN, order=AS_IT_STANDS)
def list_for_project(project: str) -> list[TemplateView]:
    """The same for a sandbox, which reaches its own project's addresses only."""
    return [TemplateView.of(each) for each in templates()]


def read_answers(text: str) -> Mapping[str, str]:
    """Answers as a form brings them: one JSON object of texts."""
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise BadInput(
            "The answers are no JSON object of texts.", 'Send {"key": "text"} with the keys of the template.'
        )
    return found
