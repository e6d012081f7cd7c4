"""What users, the portal and the operators may do at the hub. The hub's defaults are too wide: with them a user
mints a token, uses it outside a browser and starts a project without being a member."""

from __future__ import annotations

from typing import Any

USER_SCOPES = [
    "read:users:name!user",
    "read:users:groups!user",
    "access:servers!user",
    "read:servers!user",
    "access:services!service=portal",
    "users:activity!user",
]

SERVER_SCOPES = ["users:activity!user", "access:servers!server", "read:users:name!user"]

PORTAL_SCOPES = [
    "admin:users",
    "admin:groups",
    "admin:servers",
    "delete:servers",
    "list:users",
    "read:users",
    "tokens",
]


def hub_roles() -> list[dict[str, Any]]:
    """The roles for `c.JupyterHub.load_roles`. Nobody is `admin`: that role cannot be narrowed."""
    return [
        {"name": "user", "description": "Use one's own labs and the portal", "scopes": USER_SCOPES},
        {
            "name": "portal",
            "description": "Start and stop labs, keep users, groups and tokens",
            "scopes": PORTAL_SCOPES,
            "services": ["portal"],
        },
    ]


def subdomain(name: str, domain: str, kind: str) -> str:
    """The host of a user's labs; services share the hub's own."""
    return f"{name}.{domain}" if kind == "user" else domain
