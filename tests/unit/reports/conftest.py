"""A project with an extract on disk, and the worker's context."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from enclave.core.actors import Actor
from enclave.core.clock import FixedClock
from enclave.core.db import Database
from enclave.core.settings import Settings
from enclave.core.signing import Keyring, SigningKey
from enclave.people.roles import Role
from enclave.projects.model import Project
from services.api.context import Context
from services.api.hub import HubClient
from tests.factories import make_actor
from tests.images import register_image
from tests.unit.dp.world import PROJECT, make_project


@pytest.fixture
def context(
    database: Database, keys: dict[str, SigningKey], keyring: Keyring, clock: FixedClock, tmp_path: Path
) -> Context:
    """The worker's context over a data folder of its own."""
    settings = Settings(data_dir=tmp_path, demo=True, sandbox_image="c2c-sandbox")
    settings.paths.blobs.mkdir(parents=True)
    register_image(settings.paths.images, settings.sandbox_image)
    return Context(settings, database, keys["worker"], keyring, HubClient("http://hub", ""), clock)


@pytest.fixture
def agenda(database: Database, clock: FixedClock) -> Actor:
    """Rita, of the research agenda, member of a project whose extract is ready."""
    with database.write() as session:
        make_actor(session, clock, "rita", Role.RESEARCH_AGENDA)
        make_project(session, clock, member="alice")
        from enclave.projects.model import ProjectMember

        session.add(ProjectMember(project_id=PROJECT, user="rita", added_at=clock.now()))
        project = session.get(Project, PROJECT)
        assert project is not None
        project.extract_version = 1
    return Actor("rita", frozenset({Role.RESEARCH_AGENDA}))


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """An extract of 900 graduates, some of whom went to college."""
    folder = tmp_path / "extracts" / PROJECT / "1"
    folder.mkdir(parents=True)
    people = range(900)
    completion = {
        "provider": "cde",
        "person_id": [10_000 + n for n in people],
        "academic_year": 2019,
        "county_code": ["19" if n % 3 else "01" if n % 50 else "02" for n in people],
        "completion_type": ["diploma" if n % 9 else "none" for n in people],
    }
    college = [10_000 + n for n in people if n % 2]
    enrolment = {"provider": "ccc", "person_id": college, "academic_year": 2020, "student_level": "lower"}
    pd.DataFrame(completion).to_parquet(folder / "k12_completion.parquet")
    pd.DataFrame(enrolment).to_parquet(folder / "ps_enrollment.parquet")
    (folder / "codebook.json").write_text(json.dumps({"tables": {}}))
    return folder
