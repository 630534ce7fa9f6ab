"""What a person must know before they begin: state that will be lost, a sign-in that gives too little, work left to do."""

from __future__ import annotations

import os

from intern.account import on_space, space_owner
from intern.doctor import Finding, examine, state_is_lost
from intern.service import Service
from intern.ui.identity import can_sign_in, is_visitor
from intern.ui.render import render

ALWAYS = frozenset({"openid", "profile"})
PURPOSE = {
    "inference-api": "to think with a model of the Hub, paid by you",
    "jobs": "to train on HF Jobs, paid by you and only after you have agreed to a price",
    "contribute-repos": "to publish results to repositories that it makes itself",
}


def notices(service: Service, owner: str, granted: str | None) -> str:
    """Lines above the page. `granted`: the scopes of the visitor's sign-in, separated by spaces; None without one."""
    lines = []
    if state_is_lost(service.settings):
        what = "Runs and files of this Space last until it restarts: download what you want to keep."
        if owner == space_owner():
            what += " To keep them, attach a storage bucket (see Set-up in the sidebar)."
        lines.append(what)
    if granted is not None and (missing := missing_scopes(granted)):
        words = "; ".join(f"{scope} ({PURPOSE[scope]})" if scope in PURPOSE else scope for scope in missing)
        lines.append(f"Your sign-in does not give: {words}. Sign out and in again to allow it.")
    if on_space() and is_visitor(owner):
        app = service.settings.app
        if not app.anonymous:
            lines.append("Sign in to start a run.")
        elif can_sign_in():
            lines.append(
                f"You are not signed in: the planner and this machine, {app.anonymous_minutes:g} minutes a run. Sign in "
                "for models, rented machines and publishing to your own account."
            )
    return render("notices.html", lines=lines)


def missing_scopes(granted: str) -> list[str]:
    """Scopes that this Space asks for and a sign-in does not have."""
    wanted = set(os.environ.get("OAUTH_SCOPES", "").split()) - ALWAYS
    return sorted(wanted - set(granted.split())) if granted else []


def checklist(service: Service, owner: str) -> str:
    """The set-up page: what works here, what is missing and what to do; on a Space in full for its owner only."""
    whole = not on_space() or owner == space_owner()
    report = examine(service.settings)
    found = report.findings if whole else [f for f in report.findings if f.name in ("sandbox", "compute", "state")]
    shown = [_without_paths(f) if on_space() and not whole else f for f in found]
    return render("checklist.html", findings=shown, whole=whole, report=report, space=on_space())


def _without_paths(finding: Finding) -> Finding:
    return finding.model_copy(update={"detail": ""}) if finding.name == "state" else finding
