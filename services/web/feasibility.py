"""Feasibility counts without code: table, groups, conditions, how exact; the price, the counts, a study's power."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import Form, Query, Request
from starlette.responses import Response

from enclave.core.errors import BadInput, EnclaveError
from enclave.dp import bounding, planning, power, service
from enclave.dp.planning import PLANNING
from enclave.dp.policy import Column, TablePolicy, load_policies, policy_for
from enclave.dp.specification import parse_request
from enclave.dp.sql import narrowed
from enclave.editions import store as editions
from enclave.people.permissions import Permission
from services.api.deps import Context, Ctx, CurrentActor, GuardedRouter
from services.api.dp import data_client
from services.private_answers import answer_question
from services.web.pages import page

router = GuardedRouter(prefix="/feasibility", include_in_schema=False)
CONDITIONS = 3
ERRORS = (10, 30, 100)


@dataclass(frozen=True)
class Wish:
    """What the form says, as it was typed."""

    dataset: str = ""
    by: str = ""
    columns: tuple[str, ...] = ("",) * CONDITIONS
    values: tuple[str, ...] = ("",) * CONDITIONS
    error: int = 30

    def body(self) -> dict[str, Any]:
        """The question as the API takes it. BadInput: a value that is not of its column's kind."""
        policy = policy_for(self.dataset)
        pairs = zip(self.columns, self.values, strict=True)
        conditions = [_condition(policy.column(name), name, text) for name, text in pairs if name and text.strip()]
        question = {"dataset": self.dataset, "measures": [{"kind": "count_persons"}], "loss": {"error": self.error}}
        return {**question, **narrowed([self.by] if self.by else [], conditions)}


@dataclass(frozen=True)
class Study:
    """Two groups and an outcome, as typed; empty fields are None."""

    first: int | None = None
    second: int | None = None
    share: float | None = None
    deviation: float | None = None

    def shown(self) -> list[str]:
        """Sentences about what the study can see."""
        if self.first is None or self.second is None:
            return []
        design, said = power.Design(self.first, self.second), []
        if self.share is not None:
            change = power.smallest_change(design, self.share / 100)
            risen = f"to {self.share + 100 * change:.1f} %" if change is not None else "up to 100 %: too few persons"
            said.append(f"From {self.share:g} % in the first group, the smallest rise that is found goes {risen}.")
        if self.deviation is not None:
            difference = power.smallest_difference(design, self.deviation)
            said.append(f"The smallest difference of means that is found is {difference:.4g}.")
        return said or ["Give a share or a standard deviation of the outcome."]


@router.get("", permission=Permission.SIGNED_IN)
def show(
    request: Request,
    ctx: Ctx,
    actor: CurrentActor,
    dataset: str = "",
    first: Annotated[str, Query(max_length=12)] = "",
    second: Annotated[str, Query(max_length=12)] = "",
    share: Annotated[str, Query(max_length=12)] = "",
    deviation: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """The form, and the power of a study whose group sizes are given."""
    try:
        numbers = [_number(text) for text in (first, second, share, deviation)]
        whole = [int(number) if number is not None else None for number in numbers[:2]]
        said = Study(whole[0], whole[1], numbers[2], numbers[3]).shown()
        problem = None
    except EnclaveError as error:
        said, problem = [], error
    typed = {"first": first, "second": second, "share": share, "deviation": deviation}
    return _page(request, ctx, actor, Wish(dataset if dataset in load_policies() else ""), problem, None, typed, said)


@router.post("", permission=Permission.SIGNED_IN)
def ask(
    request: Request,
    ctx: Ctx,
    actor: CurrentActor,
    dataset: Annotated[str, Form()],
    do: Annotated[Literal["price", "ask"], Form()] = "price",
    by: Annotated[str, Form()] = "",
    error: Annotated[int, Form()] = 30,
    column: Annotated[list[str] | None, Form()] = None,
    value: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """The price of what the form says, or the counts."""
    columns, values = _padded(column), _padded(value)
    wish = Wish(dataset, by, columns, values, error)
    try:
        question = parse_request(wish.body())
        if do == "ask":
            found = {"answer": answer_question(ctx.database, data_client(ctx), actor, PLANNING, question)}
        else:
            with ctx.database.read() as session:
                found = {"quote": service.quote(session, actor, ctx.clock, PLANNING, question).as_json()}
    except EnclaveError as refusal:
        return _page(request, ctx, actor, wish, refusal, None, {}, [])
    return _page(request, ctx, actor, wish, None, found, _sizes(found), [])


def _page(
    request: Request, ctx: Context, actor: Any, wish: Wish, problem: EnclaveError | None,
    found: dict[str, Any] | None, study: dict[str, str], said: list[str],
) -> Response:  # fmt: skip
    policies = load_policies()
    policy = policies.get(wish.dataset)
    typed = {"first": "", "second": "", "share": "", "deviation": "", **study}
    results = {"quote": None, "answer": None, **(found or {})}
    with ctx.database.read() as session:
        newest = editions.latest_published(session)
        cut = bounding.reports(session, newest.id).get(wish.dataset) if newest else None
        left = planning.left_today(session, actor, ctx.clock)
    return page(
        request, "feasibility/show.html", title="Feasibility counts", actor=actor, wish=wish, problem=problem,
        datasets=[(name, each.title) for name, each in policies.items()], columns=_columns(policy), errors=ERRORS,
        groups=[name for name, _ in _columns(policy) if policy and policy.column(name).groupable],
        found=results, study=typed, said=said, cut=cut,
        left=left, rows=list(zip(wish.columns, wish.values, strict=True)), status=problem.status if problem else 200,
    )  # fmt: skip


def _columns(policy: TablePolicy | None) -> list[tuple[str, str]]:
    if policy is None:
        return []
    return [(name, column.label or name.replace("_", " ")) for name, column in policy.columns.items()]


def _sizes(found: dict[str, Any]) -> dict[str, str]:
    """The first two counts at the lower end of their intervals, for the power."""
    rows = found["answer"]["rows"][:2] if "answer" in found else []
    sizes = [str(max(0, row["value"] - row["half_width"])) for row in rows if row["value"] is not None]
    return dict(zip(("first", "second"), sizes, strict=False)) if len(sizes) == 2 else {}


def _condition(column: Column, name: str, text: str) -> dict[str, Any]:
    values = [_typed(column, name, each.strip()) for each in text.split(",") if each.strip()]
    return {"column": name, "op": "in", "value": values}


def _typed(column: Column, name: str, text: str) -> str | int | float:
    if not column.numeric:
        return text
    number = _number(text)
    if number is None or not (column.scale > 1 or number == int(number)):
        raise BadInput(f"A value of {name} is not a whole number.", "Write numbers in digits, separated by commas.")
    return number if column.scale > 1 else int(number)


def _number(text: str) -> float | None:
    plain = text.strip().replace(" ", "")
    if not plain:
        return None
    if len(plain) > 12 or not plain.lstrip("-").replace(".", "", 1).isdecimal():
        raise BadInput("A number cannot be read.", "Write it in digits, like 1200 or 0.4.")
    return float(plain)


def _padded(typed: list[str] | None) -> tuple[str, ...]:
    return tuple([*(typed or []), *[""] * CONDITIONS][:CONDITIONS])
