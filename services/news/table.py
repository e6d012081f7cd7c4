"""The table: action of the audit trail → who is told, in which sentence, where to look.

Sentences take `{subject}` (the id that the event is about), `{project}` and `{actor}`, and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from enclave.core.audit.model import AuditEvent
from enclave.notices.states import Weight
from enclave.people.roles import Role
from services.news import recipients as who
from services.news.recipients import Recipients

OFFICE = who.holders(Role.MANAGING_ENTITY)
SENIORS = who.holders(Role.SENIOR_CHECKER)
ADMINISTRATORS = who.holders(Role.ADMINISTRATOR)
EXTRACT_KEEPERS = who.holders(Role.MANAGING_ENTITY, Role.DATA_STEWARD)
IMAGE_KEEPERS = who.holders(Role.ADMINISTRATOR, Role.DATA_STEWARD)
_ASKED = who.named("requested_by")
RELEASE, REVIEW = "/releases/{subject}", "/review/{subject}"
REQUEST, PROJECT, ACCOUNT = "/requests/{subject}", "/projects/{project}", "/account"
VETO = "/vetoes/{subject}"
PUBLICATION = "/publications/{subject}"
JOBS = "/projects/{project}/jobs"

IMPORT = "/imports/{subject}"
_SUBMITTED = who.named("submitter")
PACKAGES = "/projects/{project}/packages"


@dataclass(frozen=True)
class News:
    """What one action means to some people."""

    sentence: str
    path: str
    to: Recipients
    weight: Weight = Weight.ROUTINE


def _account(sentence: str) -> tuple[News, ...]:
    return (News(sentence, ACCOUNT, who.the_person, Weight.SECURITY),)


def _members(sentence: str) -> tuple[News, ...]:
    return (News(sentence, PROJECT, who.members),)


TABLE: dict[str, tuple[News, ...]] = {
    # outputs
    "release.submitted": (News("Outputs of {project} wait for a checker.", REVIEW, who.free_checkers),),
    "release.resubmitted": (
        News("The author of {subject} has answered; it is back at your desk.", REVIEW, who.desk),
        News("Outputs of {project} wait for a checker.", REVIEW, who.free_checkers),
    ),
    "release.handed_to": (
        News("{actor} hands a place at {subject} to you; a note is on its desk.", REVIEW, who.named("colleague")),
    ),
    "release.handed_back": (News("{actor} took back the place at {subject}.", REVIEW, who.named("checker")),),
    "release.place_expired": (
        News("Your place at {subject} is free for colleagues again: nothing was said for days. Take it any time.",
             REVIEW, who.named("checker")),
    ),
    "duty.set": (News("You are on the checkers' duty roster.", "/duty", who.named("checker")),),
    "release.returned": (News("Your outputs {subject} came back with a note.", RELEASE, who.author),),
    "release.rejected": (News("Your outputs {subject} were rejected; the reason is there.", RELEASE, who.author),),
    "release.approved": (News("Your outputs {subject} are approved.", RELEASE, who.author),),
    "release.held": (
        News("Outputs that use your provider's data are approved; you may refuse them for some days.", "/vetoes",
             who.reviewers_of_providers),
        News("Your outputs {subject} are approved; a provider may refuse them for some days.", RELEASE, who.author),
    ),
    "veto.refused": (
        News("A provider refused a release that you approved.", VETO, who.desk_of_release),
        News("A provider refused a release.", VETO, OFFICE),
    ),
    "veto.contested": (News("An author contests a provider's refusal of a release: decide.", VETO, OFFICE),),
    "veto.overruled": (
        News("The office overruled a provider's refusal: submit your outputs again.", VETO, who.named("author")),
        News("The office overruled your provider's refusal of a release; the reason is there.", VETO,
             who.reviewers_of_provider),
    ),
    "veto.upheld": (News("The office upheld a provider's refusal of your outputs.", VETO, who.named("author")),),
    "release.released": (News("Your outputs {subject} are released and can be downloaded.", RELEASE, who.author),),
    "release.failed": (News("The release of {subject} did not succeed.", REVIEW, SENIORS),),
    "release.second_look_drawn": (
        News("A release of {project} was drawn for a second look.", REVIEW, who.second_lookers),
    ),
    "release.second_look_incident": (
        News("A second look calls the release {subject} an incident: decide on its revocation.", REVIEW, SENIORS),
    ),
    "release.blind_asked": (News("Two independent readers were asked for: {subject}.", REVIEW, who.desk),),
    "release.revoked": (
        News("Your release {subject} was revoked.", RELEASE, who.author),
        News("A release that you downloaded, {subject}, was revoked: destroy your copies.", RELEASE,
             who.named("downloaded_by")),
    ),
    "release.exception_granted": (News("An exception for {subject} was granted.", RELEASE, who.author),),
    "release.exception_refused": (News("An exception for {subject} was refused.", RELEASE, who.author),),
    "release.exception_appealed": (
        News("A refused exception of {project} was appealed: a senior checker decides.", REVIEW,
             who.exception_appeal_readers),
    ),
    "release.appealed": (News("A rejection of {project} was appealed: a senior checker decides.", REVIEW,
                              who.appeal_readers),),
    "release.appeal_upheld": (News("Your appeal for {subject} was answered: the rejection stands.", RELEASE,
                                   who.author),),
    "release.appeal_reopened": (News("Your appeal succeeded: {subject} is yours to mend and submit.", RELEASE,
                                     who.author),),
    # publications
    "publication.sent": (
        News("A publication that uses your provider's data waits for your comment.", PUBLICATION,
             who.reviewers_of_providers),
    ),
    "publication.commented": (News("A provider commented on your publication.", PUBLICATION, who.named("author")),),
    "publication.answered": (
        News("The author of a publication has answered your comment.", PUBLICATION, who.reviewers_of_provider),
    ),
    "publication.cleared": (News("Your publication is cleared.", PUBLICATION, who.named("author")),),
    "publication.withdrawn": (
        News("A publication that you were asked about was withdrawn.", PUBLICATION, who.reviewers_of_providers),
    ),
    # data requests
    "request.submitted": (News("A data request waits to be checked and forwarded.", REQUEST, OFFICE),),
    "request.forwarded": (
        News("A data request names elements of your provider and waits for a decision.", REQUEST, who.asked_reviewers),
        News("Your data request {subject} went to the providers.", REQUEST, who.requester),
    ),
    "request.returned": (News("Your data request {subject} came back with questions.", REQUEST, who.requester),),
    "request.approved": (News("Your data request {subject} is approved.", REQUEST, who.requester),),
    "request.declined": (News("Your data request {subject} was declined; see the reason.", REQUEST, who.requester),),
    "request.withdrawn": (News("The data request {subject} was withdrawn.", REQUEST, who.asked_reviewers),),
    # projects and extracts
    "extract.ready": _members("The extract of {project} is ready."),
    "extract.revoked": _members("The extract of {project} was revoked; your lab is closed until a new one is ready."),
    "extract.blocked": (News("The extract of {project} was blocked by the verifier.", PROJECT, EXTRACT_KEEPERS),),
    "extract.failed": (News("The extract of {project} could not be built.", PROJECT, EXTRACT_KEEPERS),),
    "project.extended": _members("The approval of {project} was renewed."),
    "project.suspended": _members("The project {project} is suspended; its workspaces are kept and sealed."),
    "project.resumed": _members("The project {project} goes on."),
    "project.made_dormant": _members("The project {project} sleeps; its workspaces are kept and sealed."),
    "project.reopened": _members("The project {project} is open again."),
    "project.closed": _members("The project {project} is closed; its extract and workspaces are being destroyed."),
    "project.member_added": (News("You are a member of {project}.", PROJECT, who.named("user")),),
    "project.member_removed": (News("You are no longer a member of {project}.", "/projects", who.named("user")),),
    "dp.audit_refuted": (
        News("The audit of private answers refutes their claim: stop granting budgets and look.", "/public/privacy",
             OFFICE, Weight.SECURITY),
    ),
    "dp.budget_granted": _members("The privacy budget of {project} was raised."),
    "dp.budget_corrected": _members("A grant of privacy budget to {project} was taken back in part."),
    "agreement.suspended": (
        News("An agreement is suspended; projects that use its data are affected.", "/agreements/{subject}", OFFICE),
        News("A provider suspended its agreement; a project of yours uses its data.", "/projects",
             who.leads_with_provider),
        News("Your provider's agreement is suspended.", "/", who.reviewers_of_provider),
    ),
    "agreement.terminated": (
        News("An agreement has ended; projects that use its data are affected.", "/agreements/{subject}", OFFICE),
        News("A provider ended its agreement; a project of yours uses its data.", "/projects",
             who.leads_with_provider),
        News("Your provider's agreement has ended.", "/", who.reviewers_of_provider),
    ),
    # labs, reports, workspaces
    "lab.stopped": (News("Your lab of {project} was stopped: it may not run any longer.", PROJECT, who.named("user")),),
    "lab.stopped_idle": (
        News("Your lab of {project} was stopped because it was idle; the workspace is kept.", PROJECT,
             who.named("user")),
    ),
    "job.finished": (News("A job of yours in {project} has finished; its notebook lies in jobs/.", JOBS,
                          who.named("user")),),
    "job.failed": (News("A job of yours in {project} has failed; the page says why.", JOBS, who.named("user")),),
    "job.stopped": (News("A job of yours in {project} was stopped; the page says why.", JOBS, who.named("user")),),
    "job.cancelled": (News("A job of yours in {project} was cancelled by {actor}.", JOBS, who.named("user")),),
    "lab.traffic_alert": (News("A lab of {project} sends its browser a lot.", "/sessions", ADMINISTRATORS),),
    "lab.traffic_stopped": (
        News("A lab of {project} was stopped: it sent its browser too much.", "/sessions", ADMINISTRATORS),
        News("Your lab of {project} was stopped: it sent your browser too much.", PROJECT, who.named("user")),
    ),
    "report.succeeded": (News("A report has run; its outputs are your draft.", "/reports/runs/{subject}", who.runner),),
    "report.failed": (News("A report did not succeed.", "/reports/runs/{subject}", who.runner),),
    "assistance.asked": (News("{actor} asks to read in a workspace of yours.", "/assistance/{subject}",
                              who.named("member")),),
    "assistance.opened": (News("A workspace of yours is open to an administrator.", "/assistance/{subject}",
                               who.named("member")),),
    "workspace.destroyed": (News("The workspaces of {project} are destroyed.", PROJECT, OFFICE),),
    # packages and images
    "package.requested": (News("A package is asked for in {project}.", "/packages", IMAGE_KEEPERS),),
    "package.approved": (News("A package for {project} is approved; the next image holds it.", PACKAGES, _ASKED),),
    "package.refused": (News("A package for {project} was refused; the reason is there.", PACKAGES, _ASKED),),
    "package.built": (News("A package for {project} is in an image; the office gives it to you.", PACKAGES, _ASKED),),
    "project.image_pinned": (News("The image of the labs of {project} was chosen.", PACKAGES, who.members),),
    # imports
    "import.checked": (News("Files for {project} wait for a decision.", IMPORT, who.import_readers),),
    "import.returned": (News("Your import {subject} came back with a note.", IMPORT, _SUBMITTED),),
    "import.refused": (News("Your import {subject} was refused; the reason is there.", IMPORT, _SUBMITTED),),
    "import.delivered": (News("Files have arrived in the labs of {project}, at /imports.", IMPORT, who.members),),
    "import.withdrawn": (News("Files were taken out of the labs of {project}.", IMPORT, who.named("told")),),
    # the safety of accounts
    "user.password_set": _account("Your password was changed."),
    "user.second_factor_added": _account("A second factor was added to your account."),
    "user.second_factor_removed": _account("The second factor of your account was removed."),
    "user.recovery_codes_renewed": _account("New recovery codes were made for your account."),
    "user.roles_changed": _account("Your roles were changed."),
    "user.reinstated": _account("Your account is open again."),
    "user.away": (News("{subject} is away and named you to stand in.", "/inbox", who.named("stand_in")),),
}  # fmt: skip


@dataclass(frozen=True)
class Told:
    """One sentence for one person."""

    user: str
    text: str
    path: str
    weight: Weight


def told_by(session: Session, event: AuditEvent) -> list[Told]:
    """What the event says to whom; nobody is told of what they did themselves, unless it is about their account."""
    told: dict[str, Told] = {}
    for news in TABLE.get(event.action, ()):
        words = {
            "subject": event.subject_id, "actor": event.actor.partition(":")[2] or event.actor,
            "project": who.project_of(session, event) or "a project",
        }  # fmt: skip
        for user in sorted(news.to(session, event)):
            if news.weight is not Weight.SECURITY and event.actor == f"user:{user}":
                continue
            told.setdefault(user, Told(user, news.sentence.format(**words), news.path.format(**words), news.weight))
    return list(told.values())
