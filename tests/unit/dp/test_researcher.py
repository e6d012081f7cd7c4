"""The researcher's side: `c2c.dp` over a relay socket to the real portal, ledger and data service."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uvicorn

import c2c_research as c2c
from c2c_research.errors import BadUse, EnclaveRefused
from enclave.core.clock import FixedClock
from enclave.core.digests import sha256_hex
from enclave.core.settings import Settings
from enclave.core.signing import SigningKey
from enclave.dp import purses
from enclave.dp import service as dp_service
from enclave.dp.specification import parse_request
from services.api.app import create_app
from services.api.context import Context
from services.api.hub import HubClient
from services.worker import dp as worker
from tests.factories import OPERATOR
from tests.unit.dp.editions import EDITION
from tests.unit.dp.world import PROJECT, World, count_body, wait_until

YEAR = {"academic_year": 2023}


@pytest.fixture
def portal(world: World, keys: dict[str, SigningKey], clock: FixedClock, tmp_path: Path) -> Context:
    """The portal's context over the same database."""
    settings = Settings(data_dir=tmp_path, demo=True)
    return Context(settings, world.database, keys["portal"], world.client.keyring, HubClient("http://hub", ""), clock)


@pytest.fixture
def sandbox(portal: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A relay socket in front of the portal that says who asks, and the sandbox's environment."""
    app, socket = create_app(portal), tmp_path / "relay.sock"

    async def as_alice(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "c2c_listener": "operator", "headers": [*scope["headers"], (b"x-c2c-as", b"alice")]}
            scope["headers"] = [pair for pair in scope["headers"] if pair[0] != b"authorization"]
        await app(scope, receive, send)

    server = uvicorn.Server(uvicorn.Config(as_alice, uds=str(socket), log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    monkeypatch.setenv("C2C_PROJECT", PROJECT)
    monkeypatch.setenv("C2C_RELAY", str(socket))
    yield
    server.should_exit = True
    thread.join(10)


def test_a_researcher_asks_reads_saves_and_sees_what_is_left(sandbox: None, tmp_path: Path) -> None:
    priced = c2c.dp.cost("k12_completion", by={"county_code": ["01", "19"]}, where=YEAR, error=30)
    answer = c2c.dp.count("k12_completion", by={"county_code": ["01", "19"]}, where=YEAR, error=30)
    assert answer.loss == priced["loss"]
    assert list(answer.frame.columns) == ["county_code", "measure", "value", "half_width", "status"]
    assert "left" in repr(answer)
    assert "Canonne" in answer.methods
    saved = answer.save(tmp_path / "counties.csv")
    receipt = json.loads((tmp_path / "counties.receipt.json").read_text())
    assert receipt["issuer"] == "data"
    assert saved.read_text().startswith("county_code,measure,value")
    assert receipt["payload"]["result_sha256"] == sha256_hex(saved.read_bytes())
    assert c2c.dp.budget().set_index("purse").loc["explore", "charged"] == pytest.approx(answer.loss["epsilon"])


def test_totals_means_quantiles_and_histograms_come_the_same_way(sandbox: None) -> None:
    total = c2c.dp.count("k12_completion", where=YEAR, error=20)
    assert total.value == pytest.approx(200, abs=100)
    assert total.half_width == 20
    again = c2c.dp.count("k12_completion", where=YEAR, error=20)
    assert (again.cached, again.value) == (True, total.value)
    assert c2c.dp.mean("k12_completion", "gpa", where=YEAR, error=20).value == pytest.approx(3, abs=0.9)
    assert len(c2c.dp.quantile("k12_completion", "gpa", [0.25, 0.75], where=YEAR, error=20).rows) == 2
    assert len(c2c.dp.histogram("k12_completion", "gpa", where=YEAR, error=20).rows) == 20
    assert c2c.dp.sum("k12_completion", "gpa", where={**YEAR, "gpa": (">", 2.5)}, error=200).rows
    assert "gpa" in set(c2c.dp.datasets()["column"])


def test_the_same_question_in_sql_has_the_same_answer_for_nothing(sandbox: None) -> None:
    asked = c2c.dp.count("k12_completion", by={"county_code": ["01", "19"]}, where=YEAR, error=30)
    text = """
        SELECT county_code, COUNT(DISTINCT person) FROM k12_completion
        WHERE academic_year = 2023 AND county_code IN ('19', '01') GROUP BY county_code
    """
    assert c2c.dp.cost(text, error=30)["loss"] == asked.loss
    answer = c2c.dp.sql(text, error=30)
    assert (answer.cached, answer.rows) == (True, asked.rows)
    with pytest.raises(EnclaveRefused, match="JOIN") as refused:
        c2c.dp.sql("SELECT COUNT(*) FROM k12_completion JOIN ui_wage USING (person_key)", error=30)
    assert "Leave JOIN out" in str(refused.value)


def test_an_answer_plots_cites_and_writes_itself_for_stata_and_r(sandbox: None, tmp_path: Path) -> None:
    answer = c2c.dp.count("k12_completion", by={"district_code": ["0000000", "0000001"]}, where=YEAR, error=15)
    (axes,) = answer.plot().axes
    assert [text.get_text() for text in axes.get_xticklabels()] == ["0000000", "0000001"]
    assert answer.receipt["payload"]["entry"] in answer.citation
    stata = pd.read_stata(answer.save(tmp_path / "counties.dta"))
    assert list(stata["value"]) == [row["value"] for row in answer.rows]
    script = answer.save(tmp_path / "counties.R").read_text()
    assert 'district_code = c("0000000", "0000001")' in script
    assert "Canonne" in script
    with pytest.raises(BadUse, match="CSV"):
        answer.save(tmp_path / "counties.xlsx")
    several = c2c.dp.ask("k12_completion", [{"kind": "count_persons"}, {"kind": "count_rows"}], where=YEAR, error=30)
    with pytest.raises(BadUse, match="Name one"):
        several.plot()
    assert several.plot("count_rows").axes


@pytest.mark.parametrize("kind", ["count_persons", "mean", "quantile", "histogram", "sum"])
def test_a_dummy_has_the_answers_shape_costs_nothing_and_says_so_everywhere(sandbox: None, kind: str) -> None:
    of = {} if kind == "count_persons" else {"column": "gpa"}
    measure = {"kind": kind, **of, **({"q": 0.5} if kind == "quantile" else {})}
    by = {"county_code": ["01", "19"]}
    dummy = c2c.dp.dummy("k12_completion", [measure], by, YEAR, error=30)
    before = c2c.dp.budget()
    answer = c2c.dp.ask("k12_completion", [measure], by, YEAR, error=30)
    keys = [name for name in answer.columns if name not in ("value", "half_width", "status")]
    assert dummy.columns == answer.columns
    assert dummy.frame[keys].astype(str).equals(answer.frame[keys].astype(str))
    assert set(dummy.frame["status"]) == {"DUMMY"}
    assert dummy.frame["value"].map(str).str.startswith("DUMMY ").all()
    assert dummy.frame["value"].sum() > 0
    assert before["charged"].sum() == 0
    assert c2c.dp.dummy("k12_completion", [measure], by, YEAR, error=30).rows == dummy.rows
    with pytest.raises(BadUse, match="not saved"):
        dummy.save("x.csv")
    with pytest.raises(EnclaveRefused):
        c2c.dp.dummy("k12_completion", [{"kind": "sum", "column": "county_code"}], error=30)


def test_cells_margins_and_total_are_made_consistent(sandbox: None, tmp_path: Path) -> None:
    districts = ["0000000", "0000001", "0000002"]
    by = {"district_code": districts, "completion_type": ["diploma"]}
    cells = c2c.dp.count("k12_completion", by=by, where=YEAR, error=15)
    above = c2c.dp.count("k12_completion", by={"district_code": districts}, where=YEAR, error=10)
    done = c2c.dp.consistent(cells, above, whole=["completion_type"])
    sums = done[0].frame.groupby("district_code")["value"].sum()
    assert dict(sums) == dict(done[1].frame.set_index("district_code")["value"])
    assert (done[0].frame["value"] >= 0).all()
    saved = done[0].save(tmp_path / "cells.csv")
    assert not saved.with_name("cells.receipt.json").exists()
    source = saved.with_name("cells.source-2.csv")
    receipt = json.loads(saved.with_name("cells.source-2.receipt.json").read_text())
    assert receipt["payload"]["result_sha256"] == sha256_hex(source.read_bytes())
    with pytest.raises(BadUse, match="same thing"):
        c2c.dp.consistent(cells, c2c.dp.count("k12_completion", error=30))
    with pytest.raises(BadUse, match="same keys"):
        c2c.dp.consistent(
            cells, c2c.dp.count("k12_completion", by={"district_code": districts[:1]}, where=YEAR, error=15)
        )


def test_spread_and_groups_that_are_learned_come_the_same_way(sandbox: None) -> None:
    priced = c2c.dp.cost("k12_completion", by="district_code", where=YEAR, error=8)
    found = c2c.dp.count("k12_completion", by="district_code", where=YEAR, error=8)
    assert list(found.frame["district_code"]) == ["0000000", "0000001", "0000002"]
    assert found.loss == priced["loss"]
    assert found.loss["delta_of_keys"] == 1e-9
    assert f"more than {priced['threshold']} persons" in found.methods
    spread = c2c.dp.variance("k12_completion", "gpa", where=YEAR, error=15)
    again = c2c.dp.sql("SELECT VARIANCE(gpa) FROM k12_completion WHERE academic_year = 2023", error=15)
    assert (again.cached, again.value) == (True, spread.value)
    assert c2c.dp.stddev("k12_completion", "gpa", where=YEAR, error=15).value is not None
    table = c2c.dp.datasets().set_index(["dataset", "column"])["attribute"]
    assert (table["k12_enrollment", "gender"], table["k12_enrollment", "days_absent"]) == (True, False)
    with pytest.raises(EnclaveRefused, match="Attributes there"):
        c2c.dp.count("k12_completion", where={"k12_enrollment.days_absent": 3}, error=30)
    dummy = c2c.dp.dummy("k12_completion", by="district_code", where=YEAR, error=8)
    assert set(dummy.frame["district_code"]) == {"DUMMY-1", "DUMMY-2", "DUMMY-3"}


def test_the_budget_says_how_many_more_counts_it_pays_for(sandbox: None) -> None:
    left = c2c.dp.budget().set_index("purse").loc["explore", "counts_at_30"]
    like_this = c2c.dp.cost("k12_completion", where=YEAR, error=30)["questions_like_this"]
    assert left == like_this


def test_a_refusal_reaches_the_researcher_with_its_advice(sandbox: None) -> None:
    with pytest.raises(EnclaveRefused, match="Open are") as refused:
        c2c.dp.count("secrets", error=30)
    assert refused.value.status == 422
    with pytest.raises(EnclaveRefused) as spent:
        c2c.dp.count("k12_completion", epsilon=50)
    assert spent.value.status == 409
    with pytest.raises(BadUse, match="how exact"):
        c2c.dp.count("k12_completion")


def test_a_raw_body_that_is_no_question_is_refused(sandbox: None) -> None:
    from c2c_research import _http

    for body in (b"{", b"[" * 100_000, b'{"loss": {"epsilon": NaN}}', b'"x"', b"{" + b" " * 300_000 + b"}"):
        with pytest.raises(EnclaveRefused) as refused:
            _http.call("POST", "/dp/queries", body, "application/json")
        assert refused.value.status in (400, 429)


def test_the_office_grants_and_the_ledger_shows(sandbox: None, world: World, clock: FixedClock) -> None:
    c2c.dp.count("k12_completion", where=YEAR, error=20)
    with world.database.write() as session:
        granted = purses.grant(
            session, OPERATOR, clock, project=PROJECT, edition=EDITION, purse="explore", epsilon=4.0,
            reason="a revision of the paper",
        )  # fmt: skip
        lines = dp_service.ledger_json(session, OPERATOR, PROJECT)
    assert granted["purses"][0]["total"]["epsilon"] == pytest.approx(4, abs=1e-4)
    assert [(line["state"], line["user"], line["answered"]) for line in lines] == [("SPENT", "alice", True)]


def test_the_worker_settles_what_nobody_waits_for_and_prepares_editions(
    world: World, portal: Context, clock: FixedClock, tmp_path: Path
) -> None:
    with world.database.write() as session:
        request = parse_request(count_body())
        entry = dp_service.ask(session, world.alice, clock, PROJECT, request)[0].id
    assert worker.pending(portal) == []
    clock.advance(timedelta(minutes=10))
    assert worker.pending(portal) == [entry]
    worker.run(portal, entry)
    assert worker.pending(portal) == []
    assert worker.unprepared(portal) == [EDITION]
    worker.prepare(portal, EDITION)
    assert worker.unprepared(portal) == []
    assert list((tmp_path / "research" / "bounded" / EDITION).glob("k12_completion-*/table.parquet"))
