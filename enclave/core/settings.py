"""Settings: one typed class, a description a field, read from environment variables that begin with `C2C_`."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Paths:
    """Where state lives below the data folder (`docs/explanation/state.md`); nothing else builds these paths."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.app = root / "app"
        self.hub = root / "hub"
        self.drop = root / "drop"
        self.vault = root / "vault"
        self.vault_inbox = root / "vault-inbox"
        self.events = root / "events"
        self.research = root / "research"
        self.editions = root / "research" / "editions"
        self.pseudonyms = root / "research" / "pseudonyms"
        self.bounded = root / "research" / "bounded"
        self.contributors = root / "research" / "contributors"
        self.extracts = root / "extracts"
        self.workspaces = root / "workspaces"
        self.snapshots = root / "snapshots"
        self.guard = root / "guard"
        self.project_keys = root / "project-keys"
        self.images = root / "images"
        self.blobs = root / "airlock" / "blobs"
        self.bundles = root / "airlock" / "bundles"
        self.import_blobs = root / "airlock" / "imports"
        self.imports = root / "imports"
        self.outbox = root / "mail" / "outbox"
        self.sent = root / "mail" / "sent"
        self.unsent = root / "mail" / "unsent"
        self.public_keys = root / "keys" / "public"
        self.sockets = root / "sockets"

    @property
    def secrets_key(self) -> Path:
        """The key with which short secrets in the application database are sealed."""
        return self.app / "secrets.key"

    def private_key(self, service: str) -> Path:
        """The private key of a service, readable by that service alone."""
        return self.root / "keys" / "private" / f"{service}.key"

    @property
    def rooms_public_key(self) -> Path:
        """The public half of the guard's master key, for wrapping the keys of projects."""
        return self.sockets / "guard" / "rooms.public"

    @property
    def workspace_store(self) -> Path:
        """How the guard keeps workspaces on this machine, and why; it writes this at its start."""
        return self.guard / "store.json"

    def socket(self, service: str) -> Path:
        """The unix socket on which a service listens."""
        name = "portal" if service == "operator" else service
        return self.sockets / service / f"{name}.sock"


class Settings(BaseSettings):
    """How one process of the enclave is set up."""

    model_config = SettingsConfigDict(env_prefix="C2C_", extra="ignore")

    data_dir: Path = Field(Path(".c2c"), description="Folder that holds all state of the enclave.")
    port: int = Field(8000, ge=1, le=65535, description="Port on which the gateway answers browsers.")
    demo: bool = Field(False, description="Demo mode: synthetic data, known passwords, acting as another user.")
    database_url: str = Field(
        "", description="SQLAlchemy address of the application database; empty: SQLite below the data folder."
    )
    public_host: str = Field(
        "enclave.localhost",
        description="Host name under which browsers reach hub and portal. Labs are at `<user>.<this name>`: both must "
        "lie below one registrable domain, or browsers that block third-party storage show no lab in its frame.",
    )
    public_scheme: str = Field("http", description="Scheme under which browsers reach the enclave.")
    hub_url: str = Field("http://hub:8081", description="Address of the hub on the control network.")
    portal_url: str = Field("http://portal:8080", description="Address of the portal on the control network.")
    gateway_api_url: str = Field(
        "http://gateway:8001", description="Address of the gateway's route table on the control network."
    )
    hub_token: SecretStr = Field(SecretStr(""), description="Token of the portal at the hub.")
    proxy_token: SecretStr = Field(SecretStr(""), description="Token of the hub at the gateway's route table.")
    instance: str = Field(
        "c2c", pattern=r"^[a-z0-9][a-z0-9-]{0,30}$", description="Name of this installation on its Docker engine."
    )
    host_data_dir: Path | None = Field(
        None, description="The data folder as the Docker engine's host names it; empty: the same as `data_dir`."
    )
    run_dir: Path = Field(
        Path("/run/c2c"), description="Shared folder, lower case, below which each sandbox has its sockets."
    )
    engine_socket: Path = Field(
        Path("/var/run/docker.sock"), description="Socket of the Docker engine; only the guard opens it."
    )
    sandbox_image: str = Field(
        "c2c-sandbox", description="Image of this release for projects that have no image pinned yet."
    )
    sandbox_memory_mb: int = Field(2048, ge=256, description="Memory of one sandbox in MiB, without swap.")
    sandbox_runtime: str = Field(
        "",
        pattern=r"^[a-z0-9.-]{0,40}$",
        description="The engine's runtime for sandboxes, such as runsc; empty: its own.",
    )
    workspace_mb: int = Field(5120, ge=16, description="Quota of one workspace of standard size in MiB.")
    workspace_store: Literal["auto", "volume", "folder"] = Field(
        "auto", description="Encrypted file systems (`volume`), plain folders (`folder`), or what the kernel can do."
    )
    snapshots_kept: int = Field(5, ge=1, le=100, description="Snapshots kept of each workspace; the oldest goes first.")
    sandbox_cpus: float = Field(2.0, gt=0, description="Processors that one sandbox may use.")
    gateway_port: int = Field(8000, ge=1, le=65535, description="Port on which the gateway process listens.")
    portal_processes: int = Field(
        0,
        ge=0,
        le=16,
        description="Processes of the portal; 0: one a core, at most two. Each may open 32 connections to PostgreSQL.",
    )
    session_hours: int = Field(12, ge=1, le=24, description="Hours after which a session must log in again.")
    session_idle_minutes: int = Field(
        30, ge=1, le=720, description="Minutes without activity after which a session must log in again."
    )
    lab_alert_mb: int = Field(
        200, ge=1, description="Megabytes to the browser in one lab session at which people are told; Lab's own apart."
    )
    lab_stop_mb: int = Field(
        1000, ge=1, description="Megabytes to the browser in one lab session at which the lab is stopped."
    )
    lab_idle_minutes: int = Field(
        120, ge=1, description="Minutes without use, and without a cell that runs, after which a lab is stopped."
    )
    job_hours: int = Field(24, ge=1, le=720, description="Hours after which a job is stopped.")
    jobs_at_once: int = Field(4, ge=1, description="Jobs that run at a time on this machine, of all projects together.")
    publication_days: int = Field(
        30, ge=1, le=365, description="Days in which providers may comment on a publication; silence proceeds."
    )
    confirm_minutes: int = Field(
        15, ge=1, le=240, description="Minutes after a login in which decisions need no new proof of who decides."
    )
    second_factor: Literal["", "required", "optional"] = Field(
        "", description="Whether everybody needs a second factor; empty: required outside the demo."
    )
    oidc_issuer: str = Field(
        "", description="Address of an OpenID Connect provider that logs people in; empty: passwords of the enclave."
    )
    oidc_client_id: str = Field("", description="The enclave's name at the identity provider.")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="The enclave's secret at the identity provider.")
    oidc_label: str = Field("your organisation", description="What the log-in button calls the identity provider.")
    oidc_strong: str = Field(
        "mfa,otp,hwk,swk,fpt,pin,sc",
        description="Values of the provider's amr or acr claims, separated by commas, that prove a second factor.",
    )
    mail_server: str = Field(
        "",
        pattern=r"^(smtps?://[A-Za-z0-9.-]+(:[0-9]{1,5})?)?$",
        description="The mail server, `smtp://host:587` (STARTTLS) or `smtps://host:465`; empty: messages stay files.",
    )
    mail_from: str = Field("enclave@localhost", description="The sender's address of the enclave's messages.")
    mail_user: str = Field("", description="The enclave's account at the mail server; empty: none.")
    mail_password: SecretStr = Field(SecretStr(""), description="The password of that account.")
    mail_ca: Path | None = Field(None, description="Certificates that the mail server is checked with; empty: public.")
    digest_hour: int = Field(
        15, ge=0, le=23, description="Hour of the day in UTC after which a working day's messages are sent."
    )
    operator_name: str = Field("operator", description="Name under which commands on the host are audited.")

    @field_validator("mail_ca", mode="before")
    @classmethod
    def _no_file(cls, value: object) -> object:
        """An empty text is no file; compose hands on what is not set as one."""
        return None if value == "" else value

    @property
    def second_factor_required(self) -> bool:
        """Whether a session without a second factor may do nothing but enrol one."""
        return self.second_factor == "required" or (self.second_factor == "" and not self.demo)

    @cached_property
    def paths(self) -> Paths:
        """The places below the data folder."""
        return Paths(self.data_dir)

    @property
    def database(self) -> str:
        """The address of the application database that is in force."""
        return self.database_url or f"sqlite:///{self.paths.app / 'app.db'}"

    @property
    def volumes_dir(self) -> Path:
        """Where open workspaces are mounted: beside the run folder, which the gateway sees."""
        return self.run_dir.with_name(f"{self.run_dir.name}-volumes")

    @property
    def public_url(self) -> str:
        """The address of hub and portal as a browser writes it."""
        return f"{self.public_scheme}://{self.public_host}:{self.port}"

    def lab_url(self, user: str) -> str:
        """The address of a researcher's lab: an origin of its own, so that notebook output cannot act as its viewer."""
        return f"{self.public_scheme}://{user}.{self.public_host}:{self.port}"


@lru_cache
def get_settings() -> Settings:
    """The settings of this process, read once."""
    return Settings()
