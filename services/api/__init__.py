"""The portal's HTTP API: thin routes over the use cases."""
