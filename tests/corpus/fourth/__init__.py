"""A fourth corpus: documents, models and daily work in idioms its author had not seen in the others; twins in every builder."""
