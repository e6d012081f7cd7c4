"""Requests of tables as researchers of education, work and social services make them; written without sight of the checker."""
