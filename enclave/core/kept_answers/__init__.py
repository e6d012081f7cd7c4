"""Answers kept for a day, so that a call that is sent twice is done once."""

from enclave.core.kept_answers.model import KeptAnswer
from enclave.core.kept_answers.store import LIFE, begin, drop, finish

__all__ = ["LIFE", "KeptAnswer", "begin", "drop", "finish"]
