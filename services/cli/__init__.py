"""The `c2c` command: thin commands over the portal's API, and the vault's own entry."""
