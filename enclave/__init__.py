"""The trusted core of the research enclave: domain rules without a web or command-line framework."""
