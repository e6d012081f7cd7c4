"""The checkers' pages: the queue, and one request on one screen."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Form, Request
from starlette.responses import Response

from enclave.notices import store as notices
from enclave.people.permissions import Permission
from output_review import duty, handing, queue, service, store, summaries
from output_review.queue import Pick
from output_review.render import Html
from output_review.render.figures import table_behind
from output_review.revisions import revision
from output_review.states import Visibility, VoteChoice
from output_review.templates import checklist_of
from output_review.visibility import Thing, can_see
from services.airlock import airlock_of
from services.api.deps import Ctx, CurrentActor, GuardedRouter
from services.api.release_access import act, opened, view
from services.api.release_appeals import appeals_for
from services.api.release_changes import ChangeView, changed
from services.api.release_desk import colleagues_for
from services.api.release_files import render_files
from services.api.release_looks import list_looks
from services.api.release_precedents import decided_before
from services.api.release_twins import has_twin, twin_or_note
from services.api.release_views import ReleaseView, can_review
from services.api.releases import listing, pick_of_queue, suggestions
from services.api.review_replies import list_replies
from services.web.pages import page, redirect
from services.web.releases import links
from services.web.stale import SeenId

router = GuardedRouter(prefix="/review", include_in_schema=False)


@router.get("", permission=Permission.REVIEW)
def queue_page(request: Request, ctx: Ctx, actor: CurrentActor, pick: Pick = Pick.ALL) -> Response:
    """What waits for checkers: overdue first, then by risk and age; below it what was decided last."""
    now = ctx.clock.now()
    with ctx.database.read() as session:
        waiting = queue.in_order(summaries.queue(session), now)
        parts = pick_of_queue(session, actor, waiting)
        found = listing(session, actor, parts[pick], None, suggestions(ctx, session, waiting)).releases
        present = sorted(duty.on_duty(session, now, airlock_of(ctx).absent))
        decided = listing(session, actor, summaries.decided(session, 10)).releases
        seated = {name for row in found for name in row.checkers}
        absent = {name: each.until for name, each in notices.away(session, seated, now).items()}
    looks = list_looks(ctx, actor)
    return page(
        request, "review/queue.html", title="Review queue", actor=actor, found=found, decided=decided,
        looks=looks, appeals=appeals_for(ctx, actor),
        now=now.isoformat(), pick=pick, counts={each: len(rows) for each, rows in parts.items()},
        absent=absent, on_duty=present,
        overdue=sum(queue.is_overdue(row, now) for row in parts[Pick.ALL]),
    )  # fmt: skip


@router.get("/{release}", permission=Permission.REVIEW)
def desk_page(
    request: Request,
    ctx: Ctx,
    actor: CurrentActor,
    release: str,
    sort: str = "",
    reply: str = "",
    show: Literal["all", "changed"] = "all",
    twin: str = "",
    hand: bool = False,
) -> Response:
    """The desk: files with findings beside them, votes, comments, the decision."""
    contents: dict[str, Html] = {}
    versions: dict[str, ChangeView] = {}
    with ctx.database.read() as session:
        row, members = opened(session, actor, release)
        shown = ReleaseView.of(row, actor, members, revision(session, row.id))
        absent = {name: each.until for name, each in notices.away(session, row.checkers, ctx.clock.now()).items()}
        reviewer = can_review(actor, row, members)
        readable = can_see(actor, row, members, Thing.CONTENT)
        groups = [
            {"name": g.name, "context": g.context, "controls": g.controls}
            for g in row.groups
            if g.context or g.controls
        ]
        before = [
            {"id": each.id, "title": each.title, "at": each.decided_at, "files": each.files}
            for each in store.released_before(session, row.project_id, 20)
            if each.id != release
        ]
        precedents = decided_before(session, actor, row, members) if reviewer and row.under_review else []
        checklist = checklist_of(row)
        if readable:
            contents = render_files(ctx, actor, row, members, sort)
            versions = changed(ctx, session, actor, row, members) if reviewer else {}
    beside = twin_or_note(ctx, actor, release, twin) if twin and readable and reviewer else None
    return page(
        request, "review/desk.html", title=shown.title, actor=actor, release=shown, contents=contents,
        readable=readable, before=before, groups=groups, checklist=checklist, summary=summary(shown),
        can=set(shown.allowed_actions), behind=tables_behind(shown), show=show, versions=versions,
        absent=absent, colleagues=colleagues_for(ctx, actor, release) if hand else [],
        replies=list_replies(ctx, actor), reply=reply, twin=beside, has_twin=has_twin,
        twin_parts=(Html(beside.html), Html(beside.changed)) if beside else (),
        precedents=precedents,
        diffs={file: Html(version.html) for file, version in versions.items()}, linked=links(shown, "review"),
    )  # fmt: skip


def tables_behind(shown: ReleaseView) -> dict[str, str]:
    """Id of a figure → id of the table that it was drawn from, "" where the request holds none."""
    ids = {file.name: file.id for file in shown.files}
    found = {file.id: table_behind(file.name, ids) for file in shown.files}
    return {figure: ids.get(table, "") for figure, table in found.items() if table is not None}


def summary(shown: ReleaseView) -> str:
    """The letter to the researcher, drafted from findings and from what this checker asked for."""
    lines = []
    for file in shown.files:
        flagged = [finding for finding in file.findings if finding.status == "fail"]
        if file.my_vote == VoteChoice.CHANGES_REQUESTED and not flagged:
            flagged = [finding for finding in file.findings if finding.status == "review"]
        lines += [f"{file.name}: {finding.message}" for finding in flagged]
    return "\n".join(dict.fromkeys(lines))


@router.post("/{release}/claim", permission=Permission.REVIEW)
def claim(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Take a place at the desk."""
    act(ctx, actor, release, service.claim)
    return redirect(f"/review/{release}", "You have a place at this desk.")


@router.post("/{release}/hand-over", permission=Permission.REVIEW)
def hand_over(ctx: Ctx, actor: CurrentActor, release: str, checker: Annotated[str, Form()] = "") -> Response:
    """Give the place up; a senior checker also frees a colleague's."""
    act(ctx, actor, release, service.hand_over, checker or None)
    if checker and checker != actor.name:
        return redirect(f"/review/{release}", f"The place of {checker} is free for a colleague.")
    return redirect("/review", "Your place is free for a colleague.")


@router.post("/{release}/hand-to", permission=Permission.REVIEW)
def hand_to(
    ctx: Ctx, actor: CurrentActor, release: SeenId, colleague: Annotated[str, Form()], note: Annotated[str, Form()]
) -> Response:
    """Hand the place to a colleague with a note."""
    act(ctx, actor, release, handing.hand_to, colleague, note)
    return redirect("/review", f"{colleague} has your place and was told. You can take it back until they begin.")


@router.post("/{release}/take-back", permission=Permission.REVIEW)
def take_back(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Take the place back."""
    act(ctx, actor, release, handing.take_back)
    return redirect(f"/review/{release}", "The place is yours again.")


@router.post("/{release}/vote", permission=Permission.REVIEW)
def vote(
    ctx: Ctx, actor: CurrentActor, release: str,
    file: Annotated[str, Form()], seen: Annotated[str, Form()], choice: Annotated[VoteChoice, Form()],
) -> Response:  # fmt: skip
    """Vote on one file; the page comes back at the next file without a vote."""
    shown = act(ctx, actor, release, service.vote, file, choice, seen)
    following = next((each.id for each in shown.files if each.votable and each.my_vote is None), "decision")
    answer = redirect(f"/review/{release}", "Your vote was counted.")
    answer.headers["location"] += f"#{following}"
    return answer


@router.post("/{release}/vote-all", permission=Permission.REVIEW)
def vote_all(ctx: Ctx, actor: CurrentActor, release: str, seen: Annotated[list[str], Form()]) -> Response:
    """Approve every file that was on the screen and that this checker has not voted on, or none of them."""
    waiting = [file for file in view(ctx, actor, release).files if file.votable and file.my_vote is None]
    read = dict(pair.split(":", 1) for pair in seen if ":" in pair)
    with ctx.database.write() as session:
        for file in waiting:
            service.vote(airlock_of(ctx), session, actor, release, file.id, VoteChoice.APPROVED, read.get(file.id, ""))
    return redirect(f"/review/{release}", f"{len(waiting)} files approved.")


@router.post("/{release}/comment", permission=Permission.REVIEW)
def comment(
    ctx: Ctx, actor: CurrentActor, release: SeenId, body: Annotated[str, Form()],
    visibility: Annotated[Visibility, Form()] = Visibility.PRIVATE, file: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Write a remark, to the colleagues or to the author too."""
    act(ctx, actor, release, service.comment, body, visibility=visibility, file_id=file or None)
    return redirect(f"/review/{release}", "Your comment was added.")


@router.post("/{release}/checklist", permission=Permission.REVIEW)
def checklist(
    ctx: Ctx, actor: CurrentActor, release: str, items: Annotated[list[str], Form()] = [],  # noqa: B006
) -> Response:  # fmt: skip
    """Keep the ticks."""
    act(ctx, actor, release, service.tick, items)
    return redirect(f"/review/{release}", "Your checklist was saved.")


@router.post("/{release}/exception", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def exception(
    ctx: Ctx, actor: CurrentActor, release: SeenId, file: Annotated[str, Form()], rule: Annotated[str, Form()],
    reason: Annotated[str, Form()], answer: Annotated[str, Form()],
) -> Response:  # fmt: skip
    """Grant or refuse."""
    act(ctx, actor, release, service.decide_exception, file, rule=rule, grant=answer == "grant", reason=reason)
    return redirect(f"/review/{release}", "The exception was answered.")


@router.post("/{release}/return", permission=Permission.REVIEW)
def return_to_author(ctx: Ctx, actor: CurrentActor, release: SeenId, note: Annotated[str, Form()]) -> Response:
    """Back to the author."""
    act(ctx, actor, release, service.return_to_author, note)
    return redirect("/review", "The request went back to its author with your note.")


@router.post("/{release}/reject", permission=Permission.REVIEW)
def reject(ctx: Ctx, actor: CurrentActor, release: SeenId, note: Annotated[str, Form()]) -> Response:
    """Refuse for good."""
    act(ctx, actor, release, service.reject, note)
    return redirect("/review", "The request was rejected.")


@router.post("/{release}/approve", permission=Permission.REVIEW, fresh=True)
def approve(ctx: Ctx, actor: CurrentActor, release: SeenId) -> Response:
    """Let it leave."""
    act(ctx, actor, release, service.approve)
    return redirect(f"/review/{release}", "Approved. The release is under way and takes some seconds.")


@router.post("/{release}/release", permission=Permission.REVIEW, fresh=True)
def release_again(ctx: Ctx, actor: CurrentActor, release: str) -> Response:
    """Try a release again that failed."""
    service.release(airlock_of(ctx), ctx.database, actor, release, ctx.key)
    return redirect(f"/review/{release}", "Released.")


@router.post("/{release}/revoke", permission=Permission.EXCEPTIONS_GRANT, fresh=True)
def revoke(ctx: Ctx, actor: CurrentActor, release: str, note: Annotated[str, Form()]) -> Response:
    """Take a release back after an incident."""
    with ctx.database.write() as session:
        told = service.revoke(airlock_of(ctx), session, actor, release, note)
    whom = ", ".join(told) or "nobody"
    return redirect(f"/review/{release}", f"Revoked. It was downloaded by: {whom}.")
