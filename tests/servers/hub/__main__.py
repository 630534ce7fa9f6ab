"""`python -m tests.servers.hub --port P --root DIR --user NAME:TOKEN …`; prints `ready http://127.0.0.1:P` when it serves."""

from __future__ import annotations

import argparse
import copy
import json
import os
import socket
import sys
from pathlib import Path

import uvicorn

from tests.servers.hub import identity, oidc, papers
from tests.servers.hub.app import Hub, application


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="python -m tests.servers.hub", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0 = a free one")
    options.add_argument("--root", type=Path, required=True, help="the store; made if it is not there")
    options.add_argument(
        "--user",
        nargs="+",
        action="extend",
        default=[],
        metavar="NAME:TOKEN[:FULL NAME]",
        help="a user and a write token",
    )
    options.add_argument("--token", nargs="+", action="extend", default=[], metavar="NAME:TOKEN:ROLE[:PERMISSION,…]",
                         help="one more token: read, write, oauth with scopes, fineGrained with permissions")  # fmt: skip
    options.add_argument(
        "--org", nargs="+", action="extend", default=[], metavar="ORG:USER[=ROLE],…[:FULL NAME]", help="an organisation"
    )
    options.add_argument(
        "--private-org", nargs="+", action="extend", default=[], metavar="ORG", help="private by default"
    )
    options.add_argument("--credit", nargs="+", action="extend", default=[], metavar="NAME:USD",
                         help=f"credit for Jobs (default {identity.DEFAULT_CREDIT_USD:g})")  # fmt: skip
    options.add_argument("--pro", nargs="+", action="extend", default=[], metavar="NAME")
    options.add_argument(
        "--oauth-app", nargs="+", action="extend", default=[], metavar="ID,SECRET,REDIRECT[,REDIRECT…]"
    )
    options.add_argument("--papers", type=Path, help="a corpus in place of the bundled one, see papers.py")
    options.add_argument("--faults", type=Path, help="rules, see faults.py")
    options.add_argument("--no-namespaces", action="store_true", help="jobs: rewrite mount paths instead of mounting")
    options.add_argument("--job-delay", type=float, default=0.05, help="seconds that a job waits for its machine")
    options.add_argument(
        "--stage-lag", type=float, default=0.0, help="seconds from a job's last line to its final stage"
    )
    options.add_argument("--exit-with-parent", action="store_true", help="end when the process that started it ends")
    options.add_argument("--log", action="store_true", help="requests on standard error")
    return options


def populate(hub: Hub, options: argparse.Namespace) -> None:
    """Accounts and tokens from the command line. Raises ValueError for what cannot be read."""
    for text in options.user:
        name, token, full_name = (*text.split(":"), "", "")[:3]
        if not name or not token:
            raise ValueError(f"--user {text}: NAME:TOKEN is wanted")
        identity.add_user(hub.store, name, full_name or name, is_pro=name in options.pro)
        identity.add_token(hub.store, token, name)
    for text in options.org:
        name, members, full_name = (*text.split(":"), "", "")[:3]
        roles = dict([*m.split("="), "admin"][:2] for m in members.split(",") if m)
        identity.add_org(hub.store, name, full_name or name, roles)
    for name in options.private_org:
        hub.store.put_document("private-by-default", name, name, {})
    for text in options.token:
        name, token, role, *rest = text.split(":")
        permissions = rest[0].split(",") if rest else []
        if role not in ("read", "write", "oauth", "fineGrained"):
            raise ValueError(f"--token {text}: unknown role {role}")
        grants = {"scopes": permissions} if role == "oauth" else {}
        if role == "fineGrained":
            grants = {"global": [], "scoped": [{"entity": {"type": "user", "name": name}, "permissions": permissions}]}
        identity.add_token(hub.store, token, name, role, grants, client="command-line" if role == "oauth" else None)
    for text in options.oauth_app:
        client, secret, *redirects = text.split(",")
        oidc.add_app(hub.store, client, secret, redirects)
    if options.papers:
        hub.papers = papers.load(options.papers)
    for text in options.credit:
        name, _, usd = text.partition(":")
        hub.store.run("UPDATE accounts SET credit=? WHERE name=?", round(float(usd) * 1e6), name)


class Server(uvicorn.Server):
    """Says where it serves once it does; may end with the process that started it."""

    parent: int | None = None

    async def on_tick(self, counter: int) -> bool:
        orphaned = self.parent is not None and os.getppid() != self.parent
        return await super().on_tick(counter) or orphaned

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets
        print(f"ready http://127.0.0.1:{sockets[0].getsockname()[1]}", flush=True)


def listening(port: int) -> socket.socket:
    """A bound socket on loopback; nothing else may reach this server."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    return listener


def main() -> None:
    options = parser().parse_args()
    listeners = [listening(options.port), listening(0)]
    url, storage_url = (f"http://127.0.0.1:{listener.getsockname()[1]}" for listener in listeners)
    hub = Hub(options.root.absolute(), url, storage_url, not options.no_namespaces)
    try:
        populate(hub, options)
    except ValueError as error:
        sys.exit(f"error: {error}")
    if options.faults:
        hub.faults.load(json.loads(options.faults.read_text(encoding="utf-8")))
    hub.runner.schedule_seconds, hub.runner.stage_lag_seconds = options.job_delay, options.stage_lag
    logging = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    logging["handlers"]["access"]["stream"] = "ext://sys.stderr"  # standard output holds the one line
    config = uvicorn.Config(
        application(hub), log_config=logging, log_level="info" if options.log else "error", access_log=options.log,
        timeout_graceful_shutdown=3, lifespan="on", date_header=False,
    )  # fmt: skip
    server = Server(config)
    server.parent = os.getppid() if options.exit_with_parent else None
    server.run(sockets=listeners)


if __name__ == "__main__":
    main()
