"""What may start: everything that can be known to be wrong with a request is said before any work begins, in one line."""

from __future__ import annotations

from pathlib import Path

from intern.account import LOCAL_USER, AccountError, Accounts, Need, on_space
from intern.naming import named_data, named_weights
from intern.requests import BadRequestError, RunRequest
from intern.settings import Settings

PAPER_SUFFIXES = (".pdf", ".tex", ".html", ".gz", ".tar", ".tgz")

FREE = ("planner", "local")
"""Brains on this machine: nobody pays for them."""


def admit(request: RunRequest, owner: str, settings: Settings, accounts: Accounts) -> RunRequest:
    """The request with absolute paths, a known brain, and an account for what needs one. Raises BadRequestError."""
    if not request.task.strip():
        raise BadRequestError('The task is empty. Try: "reproduce paper: attention is all you need".')
    if request.allowed_hosts and owner != LOCAL_USER:
        # From a shared server anybody's code would reach out in its owner's name.
        raise BadRequestError("Only on your own machine may a run's code connect to hosts.")
    for option, given in (("--data", request.data), ("--paper", request.paper), ("--weights", request.weights)):
        if given is not None and not given.strip():  # an unset variable of a shell, not the folder we are in
            raise BadRequestError(f"{option} is empty: name what is meant, or leave it out.")
    # The words of others name no files of this machine.
    request = _named_in_words(request, Path.cwd() if owner == LOCAL_USER else None)
    changes: dict[str, object] = {
        "task": request.task.strip(),
        **({"weights": _weights(request.weights, owner, settings.offline)} if request.weights else {}),
        **_paths(request, planned=(request.model or settings.model) == "planner", offline=settings.offline),
    }
    _check_places(request, owner, accounts)
    model = request.model or usual_brain(owner, settings, accounts)
    changes["model"] = model
    if model != "planner":
        check_brain(model, owner, settings, accounts)
    return request.model_copy(update=changes)


def places_to_train(settings: Settings, accounts: Accounts) -> list[str]:
    """Backends that can be asked for here, without asking the Hub: `hf-jobs` needs each person's own account."""
    from intern.compute.zerogpu import unavailable

    found = ["local"] if unavailable() is not None else ["local", "zerogpu"]
    return found if settings.offline else [*found, "hf-jobs"]


def _data(given: str, planned: bool, offline: bool) -> str:
    """An absolute path, or a data set of the Hub as it was named."""
    from intern.experiments.hub_data import hub_ref  # only who names data waits for these
    from intern.experiments.sources import DataError, find_local

    data = _path(given, "--data")
    if not data.exists():
        if hub_ref(given) is None or offline:
            tip = "" if hub_ref(given) is None else " As a data set of the Hub it cannot be fetched offline."
            raise BadRequestError(f"There is no file or folder {given} (--data).{tip}")
        return given.strip()
    if planned:  # an LLM can look at anything
        try:
            find_local(data)
        except DataError as error:
            raise BadRequestError(str(error)) from error
    return str(data.resolve())


def _named_in_words(request: RunRequest, here: Path | None) -> RunRequest:
    """With the weights and the data that the task itself names ("fine-tune ./model on data.csv"); paths from `here`."""
    weights = request.weights or named_weights(request.task, here)
    data = request.data or (named_data(request.task, here) if weights else None)
    return request.model_copy(update={"weights": weights, "data": data})


def _path(given: str, option: str) -> Path:
    """What was given as a path, whether it is there or not. Raises BadRequestError where it can be none."""
    try:
        path = Path(given).expanduser()
        path.exists()
    except (OSError, RuntimeError, ValueError) as error:
        raise BadRequestError(f"{given[:80]} can be no file or folder ({option}): {error}.") from error
    return path


def _weights(given: str, owner: str, offline: bool) -> str:
    """An absolute path, or a model of the Hub as it was named. Raises BadRequestError."""
    from intern.experiments.hub_weights import in_cache, weights_ref
    from intern.experiments.weights import WeightsError, look_at

    folder = _path(given, "--weights")
    if folder.exists():
        try:
            look_at(folder)
        except WeightsError as error:
            raise BadRequestError(str(error)) from error
        return str(folder.resolve())
    ref = weights_ref(given)
    if ref is None or given[:1] in "./~":
        raise BadRequestError(f"There is no folder {given} (--weights), and it is no model of the Hub (owner/name).")
    if offline and (owner != LOCAL_USER or in_cache(ref) is None):
        raise BadRequestError(f"{given} is not in this machine's cache of the Hub, and offline it cannot be fetched.")
    return given.strip()


def _paths(request: RunRequest, planned: bool, offline: bool) -> dict[str, object]:
    """Files that the request names, which must be there."""
    changes: dict[str, object] = {}
    if request.data is not None:
        changes["data"] = _data(request.data, planned, offline)
    if request.paper is not None:
        paper = _path(request.paper, "--paper")
        if paper.exists():
            changes["paper"] = str(paper.resolve())
        elif "://" not in request.paper and (paper.suffix.lower() in PAPER_SUFFIXES or request.paper[0] in "./~"):
            raise BadRequestError(f"There is no file {request.paper} (--paper).")
    return changes


def _check_places(request: RunRequest, owner: str, accounts: Accounts) -> None:
    """Where to train and where to publish: asked of the Hub now, so that no work is done in vain."""
    if request.compute == "zerogpu":
        from intern.compute.zerogpu import unavailable

        if (why := unavailable()) is not None:
            raise BadRequestError(why)
    if request.flavor is not None and request.compute != "hf-jobs":
        raise BadRequestError("A machine (--flavor) can only be chosen for --compute hf-jobs.")
    needs: list[Need] = ["jobs"] if request.compute == "hf-jobs" else []
    needs += ["publish"] if request.publish == "hub" else []
    if not needs:
        return
    try:
        account = accounts.account(owner, *needs)
    except AccountError as error:
        raise BadRequestError(str(error)) from error
    if request.flavor is not None:
        from intern.compute.flavors import live_flavors

        known = [flavor.name for flavor in live_flavors(account)]
        if request.flavor not in known:
            raise BadRequestError(
                f"HF Jobs has no machine {request.flavor!r} (--flavor); there are: {', '.join(known)}."
            )


def usual_brain(owner: str, settings: Settings, accounts: Accounts) -> str:
    """The brain of a run that names none: the configured one, or the planner for those who may not spend on it."""
    if settings.model == "planner" or (settings.model in FREE and not settings.llm_base_url):
        return settings.model
    usable = accounts.spends_ours(owner) or (not settings.llm_base_url and accounts.brain_token(owner) is not None)
    return settings.model if usable else "planner"


def check_brain(model: str, owner: str, settings: Settings, accounts: Accounts) -> None:
    """Raises BadRequestError unless this owner may use this model, not the planner, here."""
    from intern.agent.models import UnknownModelError, check_model

    if settings.llm_base_url and not accounts.spends_ours(owner):
        raise BadRequestError("The model of this Space is its owner's: use the planner, or a Space of your own.")
    token = accounts.brain_token(owner)
    if on_space() and not settings.llm_base_url and "/" in model and not token:
        raise BadRequestError(f"The model {model} is paid by your own account: sign in first, or use the planner.")
    try:
        check_model(model, settings, token)
    except UnknownModelError as error:
        raise BadRequestError(str(error)) from error
