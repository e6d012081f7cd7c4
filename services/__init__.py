"""The processes of the enclave; the only place that joins the domain packages."""
