"""`c2c review`: the airlock from the host. Votes need a person: `--as USER` exists in the demo only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from services.cli.client import OperatorClient
from services.cli.output import AsOption, JsonOption, print_json, print_table, say, show

app = typer.Typer(no_args_is_help=True, help="Output review and release records.")
record_app = typer.Typer(no_args_is_help=True, help="Release records.")
app.add_typer(record_app, name="record")

_ROW = ("id", "project", "title", "author", "state", "status", "files", "due_at", "checkers")
_FACTS = (
    "id", "revision", "project", "title", "author", "state", "turn", "status", "required_votes", "checkers", "due_at",
)  # fmt: skip
_FILE = ("name", "kind", "status", "my_vote", "decision", "sha256")
ReleaseArgument = Annotated[str, typer.Argument(help="Id of the release request.")]
NoteOption = Annotated[str, typer.Option(help="What the author is told.")]


@app.command()
def queue(
    scope: Annotated[str, typer.Option(help="queue, mine or all.")] = "queue",
    pick: Annotated[str, typer.Option(help="Of the queue: all, mine (I have a place) or free.")] = "all",
    limit: Annotated[int | None, typer.Option(min=1, help="How many; all when left out.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """What waits for review: overdue first, then by risk and age."""
    found = OperatorClient(as_user).listing("/releases", "releases", limit, scope=scope, pick=pick)
    show(found if json else found["releases"], json, _ROW, "Nothing waits.")


@app.command()
def cite(
    code: Annotated[str, typer.Argument(help="Short code of a released file, or of a cell: CODE-TABLE.ROW.COLUMN.")],
    bibtex: Annotated[bool, typer.Option("--bibtex", help="For BibTeX.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Where a released number comes from, and how it is cited."""
    found = OperatorClient(as_user).get(f"/r/{quote(code, safe='')}")
    print_json(found) if json else typer.echo(found["bibtex"] if bibtex else found["citation"])


@app.command("show")
def show_release(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """One request: state, files, findings, votes, comments."""
    _tell(OperatorClient(as_user).get(f"/releases/{release}"), json)


@app.command()
def submit(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Hand a draft to the checkers, as its author."""
    _act(as_user, release, "submit", None, json)


@app.command()
def claim(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a place at the desk."""
    _act(as_user, release, "claim", None, json)


@app.command("give-up")
def give_up(
    release: ReleaseArgument,
    checker: Annotated[str | None, typer.Option(help="Whose place; a senior checker frees a colleague's.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Give up a place at the desk, for anybody to take."""
    _act(as_user, release, "hand-over", {"checker": checker}, json)


@app.command()
def tick(
    release: ReleaseArgument,
    items: Annotated[list[str], typer.Argument(help="Items of the checklist that hold; the others do not.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Set your own checklist."""
    _act(as_user, release, "checklist", {"items": items}, json)


@app.command("take-out")
def take_out(
    release: ReleaseArgument,
    file: Annotated[str, typer.Argument(help="Name or id of the file.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Take a file out of a draft, as its author."""
    _tell(OperatorClient(as_user).delete(f"/releases/{release}/files/{quote(file)}"), json)


@app.command("hand-to")
def hand_to(
    release: ReleaseArgument,
    colleague: Annotated[str, typer.Argument(help="Login name of a checker outside the project.")],
    note: Annotated[str, typer.Option(help="What you have read and what is open.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Hand your place to a colleague with a note."""
    _act(as_user, release, "hand-to", {"colleague": colleague, "note": note}, json)


@app.command("take-back")
def take_back(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a place back that you handed over, while your colleague has not begun."""
    _act(as_user, release, "take-back", None, json)


@app.command()
def duty(
    checker: Annotated[str, typer.Option(help="Put this checker on duty; without days: show the roster.")] = "",
    first: Annotated[str, typer.Option(help="First day, YYYY-MM-DD.")] = "",
    last: Annotated[str, typer.Option(help="Last day; the same as the first when left out.")] = "",
    remove: Annotated[str, typer.Option(help="Id of a duty to take out.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """The checkers' duty roster: shown, or changed."""
    client = OperatorClient(as_user)
    if remove:
        client.delete(f"/duty/{quote(remove, safe='')}")
    elif first:
        client.post("/duty", {"checker": checker, "first_day": first, "last_day": last or first})
    row = ("id", "checker", "first_day", "last_day", "now", "away_until")
    show(client.get("/duty"), json, row, "Nobody is in the roster.")


@app.command()
def blind(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Ask for two independent readers, as the author of a draft or as a senior checker before the first vote."""
    _act(as_user, release, "blind", None, json)


@app.command()
def looks(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Second looks that wait after a release by one checker."""
    show(OperatorClient(as_user).get("/releases/second-looks"), json, ("id", "project", "title", "tier", "look"))


@app.command()
def look(
    release: ReleaseArgument,
    agree: Annotated[bool, typer.Option(help="Agree with the release.")] = False,
    incident: Annotated[str, typer.Option(help="What got out: senior checkers are told.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Take a second look; with --agree or --incident also close it."""
    _act(as_user, release, "second-look/take", None, json)
    if agree or incident:
        _act(as_user, release, "second-look", {"incident": bool(incident), "note": incident}, json)


@app.command()
def appeal(
    release: ReleaseArgument,
    reason: Annotated[str, typer.Option(help="Why the rejection should be looked at again.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Appeal a rejection once, as the author."""
    _act(as_user, release, "appeal", {"reason": reason}, json)


@app.command()
def appeals(as_user: AsOption = None, json: JsonOption = False) -> None:
    """Appeals that wait for a senior checker."""
    row = ("id", "project", "title", "author", "asked_at", "due_at", "checker")
    show(OperatorClient(as_user).get("/releases/appeals"), json, row, "No appeal waits.")


@app.command()
def calibration(
    since: Annotated[str, typer.Option(help="From this day, YYYY-MM-DD.")] = "",
    until: Annotated[str, typer.Option(help="To this day, YYYY-MM-DD.")] = "",
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """How often two checkers who read blind agree, by kind of file, rule and quarter."""
    days = {name: day for name, day in (("since", since), ("until", until)) if day}
    found = OperatorClient(as_user).get("/calibration", **days)
    if json:
        print_json(found)
        return
    rows = [found["whole"], *found["by_kind"], *found["by_rule"], *found["by_period"]]
    show(rows, False, ("group", "pairs", "agree", "kappa", "low", "high"))


@app.command("decide-appeal")
def decide_appeal(
    release: ReleaseArgument,
    reason: Annotated[str, typer.Option(help="What the author is told; empty: only take it, to read the files.")] = "",
    reopen: Annotated[bool, typer.Option(help="Give the request back to its author, instead of upholding.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Take an appeal as a senior checker; with --reason also decide on it."""
    if not reason:
        _act(as_user, release, "appeal/take", None, json)
        return
    OperatorClient(as_user).post(f"/releases/{release}/appeal/take", None)
    _act(as_user, release, "appeal/decision", {"reopen": reopen, "reason": reason}, json)


@app.command()
def vote(
    release: ReleaseArgument,
    choice: Annotated[str, typer.Argument(help="approve, changes or undecided.")] = "approve",
    file: Annotated[list[str] | None, typer.Option(help="A file's name or id; repeat; default: every file.")] = None,
    seen: Annotated[str | None, typer.Option(help="SHA-256 of the bytes that you read, with one --file.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Vote on files as they are now."""
    choices = {"approve": "APPROVED", "changes": "CHANGES_REQUESTED", "undecided": "UNDECIDED"}
    word = choices.get(choice.lower(), choice.upper())
    client = OperatorClient(as_user)
    shown = client.get(f"/releases/{release}")
    bindings = {each["name"]: each["binding"] for each in shown["files"] if each["votable"]}
    for name in file or list(bindings):
        body = {"file": name, "choice": word, "seen": seen or bindings.get(name)}
        shown = client.post(f"/releases/{release}/votes", body)
    _tell(shown, json)


@app.command()
def comment(
    release: ReleaseArgument,
    body: Annotated[str, typer.Option(help="The remark.")],
    private: Annotated[bool, typer.Option(help="For the checkers alone.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Write a remark."""
    _act(as_user, release, "comments", {"body": body, "visibility": "PRIVATE" if private else "PUBLIC"}, json)


@app.command()
def justify(
    release: ReleaseArgument,
    file: Annotated[str, typer.Option(help="A file's name or id.")],
    rule: Annotated[str, typer.Option(help="The failing rule.")],
    reason: Annotated[str, typer.Option(help="Why the file may leave all the same.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Ask for an exception, as the author."""
    _act(as_user, release, "justifications", {"file": file, "rule": rule, "justification": reason}, json)


@app.command("appeal-exception")
def appeal_exception(
    release: ReleaseArgument,
    file: Annotated[str, typer.Option(help="A file's name or id.")],
    rule: Annotated[str, typer.Option(help="The rule whose exception was refused.")],
    reason: Annotated[str, typer.Option(help="Why it should be looked at again.")],
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Appeal the refusal of an exception once, as the author; another senior checker decides."""
    _act(as_user, release, "exception-appeals", {"file": file, "rule": rule, "reason": reason}, json)


@app.command()
def template(
    release: ReleaseArgument,
    name: Annotated[str, typer.Argument(help="The new kind of request; none for no kind.")],
    answer: Annotated[list[str] | None, typer.Option(help="KEY=TEXT, an answer to one of its questions.")] = None,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Make a draft one of another kind, as its author; nothing that was written is lost."""
    body = {"template": "" if name == "none" else name, "answers": dict(_pair(each) for each in answer or [])}
    _tell(OperatorClient(as_user).put(f"/releases/{release}/template", body), json)


@app.command()
def exception(
    release: ReleaseArgument,
    file: Annotated[str, typer.Option(help="A file's name or id.")],
    rule: Annotated[str, typer.Option(help="The failing rule.")],
    reason: Annotated[str, typer.Option(help="Why; it stands in the record.")],
    refuse: Annotated[bool, typer.Option(help="Refuse instead of granting.")] = False,
    as_user: AsOption = None,
    json: JsonOption = False,
) -> None:
    """Grant or refuse an exception, as a senior checker."""
    _act(as_user, release, "exceptions", {"file": file, "rule": rule, "grant": not refuse, "reason": reason}, json)


@app.command("return")
def return_to_author(
    release: ReleaseArgument, note: NoteOption, as_user: AsOption = None, json: JsonOption = False
) -> None:
    """Give the request back with what is to be mended."""
    _act(as_user, release, "return", {"note": note}, json)


@app.command()
def approve(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Let the request leave; the worker releases it within seconds."""
    _act(as_user, release, "approve", None, json)


@app.command()
def reject(release: ReleaseArgument, note: NoteOption, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Refuse the request for good."""
    _act(as_user, release, "reject", {"note": note}, json)


@app.command()
def release(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Release an approved request now, or try again after a failure; a released one stays as it is."""
    _act(as_user, release, "release", None, json)


@app.command()
def withdraw(release: ReleaseArgument, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a request back, as its author."""
    _act(as_user, release, "withdraw", None, json)


@app.command()
def revoke(release: ReleaseArgument, note: NoteOption, as_user: AsOption = None, json: JsonOption = False) -> None:
    """Take a release back after an incident, as a senior checker."""
    show(OperatorClient(as_user).post(f"/releases/{release}/revoke", {"note": note}), json)


@app.command()
def download(
    release: ReleaseArgument,
    target: Annotated[Path, typer.Argument(help="Where the zip file goes.")],
    as_user: AsOption = None,
) -> None:
    """Download the bundle of a release, as a member of its project."""
    OperatorClient(as_user).download(f"/releases/{release}/bundle", target)
    say(f"Wrote {target}. Confirm it with: c2c review record verify {target}")


@record_app.command()
def verify(
    bundle: Annotated[Path, typer.Argument(help="The zip file, or the folder it unpacks to.")],
    keys: Annotated[Path | None, typer.Option(help="Folder of the enclave's public keys.")] = None,
    json: JsonOption = False,
) -> None:
    """Verify a bundle offline: signature, digests, votes, policy, evidence. Exit code 1 when it does not hold."""
    from enclave.core.clock import SystemClock
    from enclave.core.errors import BadInput
    from enclave.core.settings import get_settings
    from enclave.core.signing import Keyring
    from output_review.record import verify as verify_bundle

    folder = keys or get_settings().paths.public_keys
    keyring = Keyring.load(folder)
    if not keyring.as_dict():
        raise BadInput(f"There are no public keys in {folder}.", "Give their folder with --keys.")
    result = verify_bundle(bundle, keyring, SystemClock())
    if json:
        print_json(result.as_json())
    else:
        rows = [("holds" if c["holds"] else "DOES NOT HOLD", c["check"], c["detail"]) for c in result.checks]
        print_table(("", "What", "How"), rows)
        say("The bundle is what was reviewed and released." if result.holds else "Do not rely on this bundle.")
    if not result.holds:
        raise typer.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter("Write each answer as KEY=TEXT.")
    return key, value


def _act(as_user: str | None, release: str, path: str, body: Any, json: bool) -> None:
    _tell(OperatorClient(as_user).post(f"/releases/{release}/{path}", body), json)


def _tell(shown: dict[str, Any], json: bool) -> None:
    show(shown, json, _FACTS)
    if json:
        return
    show(shown["files"], False, _FILE, "No file that you may see.")
    for file in shown["files"]:
        for finding in file["findings"]:
            say(f"  {file['name']}: {finding['status']} {finding['rule']}: {finding['message']}")
    for reason in shown["missing"]:
        say(f"Missing: {reason}")
