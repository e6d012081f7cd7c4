"""The job that tells the share of rows that bounding cut, with noise, once for its ledger entry."""

from __future__ import annotations

from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput, EnclaveError, Unprocessable
from enclave.core.signing import seal
from enclave.dp import cut_rows
from enclave.dp.answers import Answers, EntryState
from enclave.dp.loss import Loss
from enclave.dp.noise import GaussianNoise
from enclave.dp.policy import TablePolicy, load_policies
from enclave.dp.price import Priced
from enclave.dp.receipts import MECHANISM, Charge, loss_said
from services.data import dp
from services.data.context import DataContext, Handler, Payload


def report(context: DataContext, job: Payload) -> Payload:
    """Count, add noise, keep. Result as of `dp.query`: `state` answered | failed | refused."""
    charge = dp.charge_of(job)
    answers = dp.answers_of(context)
    with answers.holding(charge.entry):
        if answers.state(charge.entry) is EntryState.UNKNOWN:
            return _first_time(context, job, charge, answers)
        return dp.reply(answers.state(charge.entry), answers, charge.entry)


def _first_time(context: DataContext, job: Payload, charge: Charge, answers: Answers) -> Payload:
    try:
        policy, item = _plan(job)
        folder = context.paths.editions / charge.edition
        if not (folder / "manifest.json").is_file():
            raise Unprocessable("There is no such edition.", "Choose a published one.")
        answers.start(charge.entry)
    except EnclaveError as problem:
        answers.close(charge.entry)
        return {"state": "refused", **problem.as_json()}

    def work() -> Payload:
        row = cut_rows.told(folder, policy, item, GaussianNoise())
        payload = {
            "entry": charge.entry, "entry_hash": charge.entry_hash, "project": charge.project, "user": charge.user,
            "purse": charge.purse, "edition": charge.edition, "dataset": policy.table, "policy_digest": policy.digest,
            "specification_digest": sha256_hex(canonical_json({"rows_cut": policy.table})), "mechanism": MECHANISM,
            "unit_of_privacy": "person", "sensitivity_squared": item.statistic.squared_sensitivity,
            "sigma": item.sigma, "half_width": item.half_width, "loss": loss_said(item.loss),
            "cumulative_loss": loss_said(charge.cumulative), "result_sha256": sha256_hex(canonical_json(row)),
            "time": context.clock.now().isoformat(),
        }  # fmt: skip
        receipt = seal("dp.receipt", payload, context.key, context.clock)
        return {"columns": sorted(row), "rows": [row], "receipt": receipt}

    return dp.after_start(answers, charge.entry, work)


def _plan(job: Payload) -> tuple[TablePolicy, Priced]:
    specification, shares = job.get("specification"), job.get("shares")
    table = specification.get("dataset") if isinstance(specification, dict) else None
    policy = load_policies().get(str(table))
    if policy is None or job.get("policy_digest") != policy.digest:
        raise Unprocessable("The table has no such policy.", "Check that both run one version.")
    if not isinstance(shares, list) or len(shares) != 1 or type(shares[0]) is not int or shares[0] <= 0:
        raise BadInput("The price is not well formed.", "Send the share of the plan.")
    return policy, cut_rows.priced(policy, Loss(shares[0]))


HANDLERS: dict[str, Handler] = {"dp.bounding": report}
