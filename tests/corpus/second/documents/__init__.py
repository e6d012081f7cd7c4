"""Requests that are no plain table files: notebooks, logs, models, figures, reports, workbooks, archives, code."""
