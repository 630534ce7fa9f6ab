"""One typed `Settings` from configs/intern.yaml and the environment.

The environment wins over the file. `HF_TOKEN` is read where it is used and never kept here, so that a settings dump
cannot leak it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
CONFIGS = Path(__file__).resolve().parent.parent / "configs"


class SettingsError(ValueError):
    """A setting is wrong; the message says which and what to do."""


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class RunLimits(Section):
    """Defaults of one run."""

    minutes: float = 5.0
    steps: int = 100
    """Replies that an LLM may take for one message of a person (a small model: at most 40)."""
    step_seconds: float = 120.0
    """Deadline of one code step, time spent in tools not counted."""
    observation_chars: int = 8000
    tokens: int = 2_000_000
    """Tokens (prompts and answers together) that the model may take for one request of a person."""
    model_usd: float = 1.0
    """US dollars that the model may cost for one request of a person, where its price is known."""
    model_first_seconds: float = Field(default=300.0, gt=0)
    """The model's server may be silent so long before its first word: a small machine reads a long prompt for minutes."""
    model_idle_seconds: float = Field(default=60.0, gt=0)
    """... and so long between two words. A server that was silent twice is given up."""


class SandboxLimits(Section):
    memory_mb: int = 2048
    disk_mb: int = 2048
    files: int = 20_000
    procs: int = 64
    output_mb: int = 16
    allowed_hosts: tuple[str, ...] = ()
    """Hosts that code steps may connect to (`name`, `*.name`, `name:port`); none: the network is off."""


class JobLimits(Section):
    memory_mb: int = 8192
    disk_mb: int = 8192


class Network(Section):
    """Where papers and the Hub are, and how long a first look may take."""

    arxiv_api: str = "https://export.arxiv.org/api/query"
    arxiv: str = "https://arxiv.org"
    semantic_scholar: str = "https://api.semanticscholar.org"
    hub: str = "https://huggingface.co"
    viewer: str = "https://datasets-server.huggingface.co"
    """The dataset viewer's API: the Hub's client has no setting for it."""
    github: str = "https://api.github.com"
    probe_seconds: float = 1.5


class Web(Section):
    """What `web_fetch` may read. Addresses that are not public are refused unless an entry names the address itself."""

    allowed_hosts: tuple[str, ...] = (
        "huggingface.co", "*.huggingface.co", "arxiv.org", "*.arxiv.org", "openreview.net", "aclanthology.org",
        "proceedings.mlr.press", "papers.nips.cc", "proceedings.neurips.cc", "github.com", "raw.githubusercontent.com",
        "*.github.io", "pytorch.org", "*.pytorch.org", "*.readthedocs.io", "docs.python.org", "scikit-learn.org",
        "numpy.org", "pandas.pydata.org", "docs.scipy.org", "*.wikipedia.org", "www.gradio.app",
    )  # fmt: skip
    seconds: float = 25.0
    """For one page, redirects included."""
    megabytes: float = 5.0


class Research(Section):
    """What one call of the `research` tool may take; it counts against the run's own limits too."""

    steps: int = 12
    tokens: int = 300_000
    usd: float = 0.25


class McpServer(Section):
    """One server whose tools a brain may use: a program (`command`) or an address (`url`).

    It gets the credentials named here and no others; `$NAME` in `env` and `headers` stands for a variable of the
    environment. `shared` offers it to everybody who uses this installation, not only to its local user.
    """

    command: str | None = None
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    url: str | None = None
    headers: dict[str, str] = {}
    shared: bool = False
    seconds: float = 60.0
    """For one call."""

    @model_validator(mode="after")
    def one_way(self) -> McpServer:
        if (self.command is None) == (self.url is None):
            raise ValueError("an MCP server needs either `command` or `url`")
        return self

    def filled(self, values: Mapping[str, str]) -> dict[str, str]:
        """`env` or `headers` with `$NAME` replaced. Raises LookupError that names a variable that is not set."""

        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if name not in os.environ:
                raise LookupError(f"it needs the environment variable {name}")
            return os.environ[name]

        return {key: VARIABLE.sub(value, text) for key, text in values.items()}


class LocalLlm(Section):
    """The small LLM on this machine (`--model local`)."""

    file: Path | None = None
    """A GGUF file of your own instead of the pinned one."""
    context: int = Field(default=8192, ge=1024)
    """Tokens; the memory for them comes on top of the file's size."""
    threads: int = Field(default=0, ge=0)
    """0: as many as there are cores, at most 8."""


class App(Section):
    host: str = "127.0.0.1"
    port: int = 7860
    max_running: int = 2
    """Runs that work at the same time; more wait in the queue."""
    most_waiting: int = 30
    """On a Space: runs that work or wait, of all people together."""
    runs_per_person: int = 2
    """On a Space: runs of one person that work or wait at the same time."""
    starts_per_hour: int = 20
    """On a Space: runs that one person may start in an hour."""
    visitor_minutes: float = 30.0
    """On a Space: the longest training of somebody who is signed in."""
    anonymous: bool = True
    """On a Space: visitors who have not signed in may start runs (planner and this machine only)."""
    anonymous_minutes: float = 10.0
    share_brain: bool = False
    """On a Space: everybody may spend the HF_TOKEN or model key that its owner has put in."""
    upload_mb: int = 50
    hosts: tuple[str, ...] = ()
    """Names under which an app on 127.0.0.1 is reached through a proxy; other names are refused (DNS rebinding)."""


class Settings(Section):
    """Everything that can be configured. Build it with `load_settings()`."""

    home: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir("intern")))
    offline: bool = False
    model: str = "planner"
    llm_base_url: str | None = None
    limits: RunLimits = RunLimits()
    sandbox: SandboxLimits = SandboxLimits()
    jobs: JobLimits = JobLimits()
    network: Network = Network()
    web: Web = Web()
    research: Research = Research()
    mcp: dict[str, McpServer] = {}
    """MCP servers by name; also read from `INTERN_HOME/mcp.yaml`."""
    local_llm: LocalLlm = LocalLlm()
    app: App = App()

    @property
    def database(self) -> Path:
        return self.home / "runs.sqlite"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    @property
    def published(self) -> Path:
        """Where `--publish folder` puts bundles, as `<namespace>/<name>` like the Hub."""
        return self.home / "published"

    def mcp_servers(self, local: bool) -> dict[str, McpServer]:
        """The MCP servers for the installation's own user (`local`) or for a visitor."""
        return {name: server for name, server in self.mcp.items() if local or server.shared}

    def run_folder(self, run_id: str) -> Path:
        return self.home / "runs" / run_id

    def prepare_home(self) -> None:
        """Make INTERN_HOME. Raises SettingsError when it cannot be written."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            marker = self.home / ".writable"
            marker.write_text("")
            marker.unlink()
        except OSError as error:
            raise SettingsError(
                f"INTERN_HOME ({self.home}) cannot be written: {error.strerror or error}. "
                "Set INTERN_HOME to a folder that you may write to."
            ) from error


def load_settings(file: Path | None = None) -> Settings:
    """Read configs/intern.yaml (or `file`, or INTERN_CONFIG), then the environment. Raises SettingsError."""
    path = file or Path(os.environ.get("INTERN_CONFIG") or CONFIGS / "intern.yaml")
    values = _mapping(path, "model: planner")
    environment = {
        "home": os.environ.get("INTERN_HOME"),
        "model": os.environ.get("INTERN_MODEL"),
        "llm_base_url": os.environ.get("INTERN_LLM_BASE_URL"),
        "offline": os.environ.get("INTERN_OFFLINE"),
    }
    values |= {name: value for name, value in environment.items() if value}
    if own_model := os.environ.get("INTERN_LOCAL_MODEL"):
        values["local_llm"] = (values.get("local_llm") or {}) | {"file": own_model}
    shared = {name: os.environ.get(f"INTERN_{name.upper()}") for name in ("anonymous", "share_brain")}
    if told := {name: value for name, value in shared.items() if value}:
        values["app"] = (values.get("app") or {}) | told
    if endpoint := os.environ.get("HF_ENDPOINT"):
        values["network"] = (values.get("network") or {}) | {"hub": endpoint}
    settings = _validated(values, path)
    own_servers = settings.home / "mcp.yaml"
    if own_servers.is_file():
        listed = _mapping(own_servers, "notes: {command: notes-server}")
        settings = _validated(values | {"mcp": (values.get("mcp") or {}) | listed}, own_servers)
    return settings


def _mapping(path: Path, example: str) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    if not isinstance(values, dict):
        raise SettingsError(f"{path} holds no settings: it needs lines like '{example}'.")
    return values


def _validated(values: dict[str, Any], path: Path) -> Settings:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise SettingsError(
            f"Setting {where!r} is wrong: {first['msg']}. See {path.name} and the environment."
        ) from error
