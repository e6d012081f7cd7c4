"""What people say of a release request: descriptions, justifications, answers to the checker's questions, comments."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from output_review import answering, drafting, exception_appeals, service
from output_review.states import Visibility
from services.airlock import check_draft
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_access import ReleaseId, act, both, view
from services.api.release_views import ReleaseView
from services.api.routing import Revised

router = GuardedRouter(tags=["releases"], answers=Revised)


class Remark(BaseModel):
    """A comment."""

    body: str
    visibility: Visibility = Visibility.PUBLIC
    file: str | None = None


class OtherTemplate(BaseModel):
    """A kind of request ("" for none), and answers to its questions that the purpose does not hold yet."""

    template: str
    answers: dict[str, str] = {}


class ExceptionAppeal(BaseModel):
    """Why a refused exception should be looked at again."""

    file: str
    rule: str
    reason: str


class Justification(BaseModel):
    """Why a failing rule should not hold a file back."""

    file: str
    rule: str
    justification: str


class GroupText(BaseModel):
    """What the files of a group show, and what was done to protect people."""

    group: str = "outputs"
    context: str = ""
    controls: str = ""


@both(router, "put", "/groups")
def describe_group(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: GroupText) -> ReleaseView:
    """Say what a group of files shows and what was done to protect people."""
    return act(ctx, actor, release, service.describe_group, **body.model_dump())


@both(router, "put", "/template")
def change_template(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: OtherTemplate) -> ReleaseView:
    """Make a draft or returned request one of another kind; nothing that was written is lost."""
    return act(ctx, actor, release, drafting.change_template, template=body.template, answers=body.answers)


@both(router, "post", "/exception-appeals")
def appeal_exception(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: ExceptionAppeal) -> ReleaseView:
    """Appeal the refusal of an exception, once; another senior checker decides."""
    return act(ctx, actor, release, exception_appeals.ask, body.file, rule=body.rule, reason=body.reason)


@both(router, "post", "/justifications")
def justify(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Justification) -> ReleaseView:
    """Ask for an exception to a failing rule."""
    return act(ctx, actor, release, service.justify, body.file, rule=body.rule, justification=body.justification)


@both(router, "post", "/answers")
def answer(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: dict[str, Any]) -> ReleaseView:
    """Answer the checker's questions: `{"column": {"role": "count", "unit": "persons", "population": "…"}}`."""
    act(ctx, actor, release, answering.answer, body)
    check_draft(ctx, actor, release)
    return view(ctx, actor, release)


@both(router, "post", "/comments")
def comment(ctx: Ctx, actor: CurrentActor, release: ReleaseId, body: Remark) -> ReleaseView:
    """Write a remark."""
    return act(ctx, actor, release, service.comment, body.body, visibility=body.visibility, file_id=body.file)
