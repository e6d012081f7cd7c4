"""The answer of another entry again, for an entry that asks the same: no data is read, no noise is drawn.

The research store decides itself whether the questions are the same: edition, policy, specification and shares of the
loss have to be those of the kept answer's own receipt.
"""

from __future__ import annotations

from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput, Unavailable
from enclave.core.signing import seal
from enclave.dp.answers import Answers, EntryState
from enclave.dp.price import Plan
from enclave.dp.receipts import Charge, loss_said
from enclave.dp.specification import specification_json
from services.data.context import DataContext, Payload


def answer(context: DataContext, answers: Answers, job: Payload, charge: Charge, plan: Plan) -> Payload:
    """The kept answer of `job["source"]` with a receipt for this charge. Raises before anything is written down."""
    source = job.get("source")
    if not isinstance(source, str) or source == charge.entry:
        raise BadInput("The shared answer is not named well.", "Send the id of the entry that was charged.")
    with answers.holding(source):
        if answers.state(source) is not EntryState.ANSWERED:
            raise Unavailable("The same question is being answered for somebody else.", "Ask again in a moment.")
        kept = answers.answer(source)
    said = kept["receipt"]["payload"]
    asked_then = [said["edition"], said["policy_digest"], said["specification_digest"]]
    digest = sha256_hex(canonical_json(specification_json(plan.specification)))
    asked_now = [charge.edition, job.get("policy_digest"), digest]
    shares_then = [item["nano_rho"] for item in said["statistics"]]
    if asked_then != asked_now or shares_then != [item.loss.nano_rho for item in plan.statistics]:
        raise BadInput("The shared answer is to another question.", "Ask the question anew.")
    own = {
        "entry": charge.entry,
        "entry_hash": charge.entry_hash,
        "project": charge.project,
        "user": charge.user,
        "purse": charge.purse,
        "cumulative_loss": loss_said(charge.cumulative),
        "shared": True,
    }
    return {**kept, "receipt": seal("dp.receipt", {**said, **own}, context.key, context.clock)}
