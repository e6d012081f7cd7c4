"""Public policy of private answers, read from the YAML files beside this module.

A **table policy** declares, before anyone looks at data, what makes an answer private: how many rows of one
person count (*contribution bound*), which columns may filter, group or be measured, the *public keys* of a group
and the *public bounds* of a number; `person` says which row stands for a person when another table is joined. A
column that is not named cannot be asked about. `budgets.yaml` holds the caps.
"""

from enclave.dp.policy.budgets import BudgetPolicy, load_budgets
from enclave.dp.policy.providers import Shown
from enclave.dp.policy.tables import (
    PROVIDER,
    Column,
    ColumnType,
    Join,
    PersonRow,
    TablePolicy,
    load_policies,
    parse_policy,
    policy_for,
)

__all__ = [
    "PROVIDER",
    "BudgetPolicy",
    "Column",
    "ColumnType",
    "Join",
    "PersonRow",
    "Shown",
    "TablePolicy",
    "load_budgets",
    "load_policies",
    "parse_policy",
    "policy_for",
]
