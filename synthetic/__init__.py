"""A synthetic California: invented people in the files of the state's data providers, with the truth beside them."""

from synthetic.generator import Generated, generate

__all__ = ["Generated", "generate"]
