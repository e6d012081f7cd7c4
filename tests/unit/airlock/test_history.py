"""The copied history is what the services would have written: states, votes, the audit chain."""

from __future__ import annotations

from datetime import timedelta

from enclave.core import audit
from output_review import store
from output_review.policies import missing_for_approval
from output_review.states import ReleaseState
from tests.history import Copier, Pattern
from tests.unit.airlock.house import CHRIS, DANA, House


def test_copies_are_requests_like_any_other_and_the_chain_holds(house: House) -> None:
    released = house.approved(("t1.csv", "t2.csv"))
    house.release(released)
    waiting = house.submitted(("t9.csv",))
    house.vote(CHRIS, waiting)
    with house.database.read() as session:
        patterns = [Pattern.of(session.connection(), each) for each in (released, waiting)]
    copier, start = Copier(), house.clock.now()
    made = [
        copier.copy(
            pattern,
            project=f"project-{number}",
            author=f"author-{number}",
            checkers=("erin", "sam"),
            at=start + timedelta(hours=number),
        )
        for number in range(20)
        for pattern in patterns
    ]
    copier.write(house.database)
    with house.database.read() as session:
        assert audit.verify(session).holds
        copy = store.get(session, made[0])
        assert (
            copy.release_state is ReleaseState.RELEASED
            and copy.author == "author-0"
            and copy.checkers == ["erin", "sam"]
        )
        assert {vote.checker for file in copy.files for vote in file.current_votes} == {"erin", "sam"}
        assert missing_for_approval(copy) == []
        other = store.get(session, made[1])
        assert other.release_state is ReleaseState.PARTIALLY_REVIEWED
        digests = [file.sha256 for identity in made for file in store.get(session, identity).files]
        assert len(digests) == len(set(digests))
    assert house.get(made[0]).files[0].report is not None
    house.vote(DANA, waiting)
    assert house.state(waiting) is ReleaseState.REVIEWED
