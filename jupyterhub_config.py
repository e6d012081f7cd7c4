"""JupyterHub's configuration: settings in, `c.…` out. Every policy value comes from `enclave.sandboxes`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from enclave.core.settings import get_settings
from enclave.sandboxes.hub_plugins import REFRESH_SECONDS, GatewayProxy, PortalAuthenticator, ProviderAuthenticator
from enclave.sandboxes.hub_roles import SERVER_SCOPES, hub_roles, subdomain
from enclave.sandboxes.identity_provider import provider_options
from enclave.sandboxes.limits import hub_limits
from enclave.sandboxes.spawner import SandboxSpawner

c = get_config()  # type: ignore[name-defined]  # noqa: F821
settings = get_settings()
state = settings.paths.hub
TEMPLATES = Path(__file__).parent / "services" / "web" / "templates"

# Where the hub listens and keeps its state
c.JupyterHub.hub_bind_url = f"http://0.0.0.0:{urlsplit(settings.hub_url).port or 8081}"
c.JupyterHub.hub_connect_url = settings.hub_url
c.JupyterHub.db_url = f"sqlite:///{state / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(state / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")

# One origin for hub and portal, another for each researcher's labs
c.JupyterHub.bind_url = settings.public_url
c.JupyterHub.subdomain_host = settings.public_url
c.JupyterHub.subdomain_hook = subdomain

# The gateway is the proxy, the guard is the engine, the portal knows the people
c.JupyterHub.proxy_class = GatewayProxy
c.ConfigurableHTTPProxy.api_url = settings.gateway_api_url
c.ConfigurableHTTPProxy.auth_token = settings.proxy_token.get_secret_value()
c.JupyterHub.spawner_class = SandboxSpawner
c.DockerSpawner.client_kwargs = {
    "base_url": f"http+unix://{settings.paths.socket('guard').resolve()}",
    "version": "1.41",
}
c.DockerSpawner.image = settings.sandbox_image
c.DockerSpawner.remove = True
c.DockerSpawner.cmd = ["jupyterhub-singleuser"]
c.JupyterHub.authenticator_class = ProviderAuthenticator if settings.oidc_issuer else PortalAuthenticator
if settings.oidc_issuer:
    c.ProviderAuthenticator.update(provider_options(settings))
c.Authenticator.request_otp = True
c.Authenticator.allow_all = True
c.Authenticator.admin_users = set()
c.Authenticator.auth_refresh_age = REFRESH_SECONDS
c.JupyterHub.cookie_max_age_days = settings.session_hours / 24
c.JupyterHub.template_paths = [str(TEMPLATES / "hub")]
c.JupyterHub.template_vars = {"c2c_demo": settings.demo}

# Who may do what at the hub
c.JupyterHub.load_roles = hub_roles()
c.Spawner.server_token_scopes = SERVER_SCOPES
c.JupyterHub.services = [
    {
        "name": "portal",
        "api_token": settings.hub_token.get_secret_value(),
        "oauth_client_id": "service-portal",
        "oauth_redirect_uri": "/services/portal/oauth_callback",
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": ["read:users:name!user"],
    }
]
c.JupyterHub.oauth_require_pkce = True
c.Spawner.oauth_client_allowed_scopes = []

# Labs: several a user, one open at a time (the portal sees to that); they outlive the hub
c.JupyterHub.allow_named_servers = True
c.JupyterHub.redirect_to_server = False
c.JupyterHub.cleanup_servers = False
c.JupyterHub.default_url = f"{settings.public_url}/services/portal/"
c.JupyterHub.shutdown_on_logout = False
limits = hub_limits()
c.JupyterHub.concurrent_spawn_limit = limits.concurrent_spawns
c.JupyterHub.active_server_limit = limits.active_servers
c.Spawner.start_timeout = limits.start_seconds
c.Spawner.http_timeout = limits.start_seconds
c.Spawner.default_url = "/lab"
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 1}

c.JupyterHub.log_level = "INFO"
c.Application.log_datefmt = "%Y-%m-%dT%H:%M:%S"
