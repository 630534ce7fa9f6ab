"""What a person should know before a bundle leaves this machine, and what must not leave it at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intern.account import HUB_ERRORS
from intern.experiments.licences import RESTRICTED, UNKNOWN, licence_doubt
from intern.experiments.spec import ExperimentSpec
from intern.redact import secrets_in

if TYPE_CHECKING:
    from huggingface_hub import HfApi

_CODE = "pt pth bin pkl pickle ckpt joblib dill npy npz h5 hdf5 keras mar pyc so dll exe"
FORBIDDEN_SUFFIXES = frozenset(f".{name}" for name in _CODE.split(" "))
"""May hold pickled or native code, which runs on the machine of whoever loads it."""
MOST_SCANNED = 32 * 1024**2
"""Bytes of a text file that are looked through for secrets."""


def unsafe_weights(name: str, content: bytes) -> bool:
    """Whether a file may hold code that runs when it is loaded: a pickle (protocols 2 to 5), torch's zip around one, or
    a type of file that is known for it; also weights that only call themselves safetensors."""
    suffix = "." + name.rpartition(".")[2].lower()
    if suffix in FORBIDDEN_SUFFIXES:
        return True
    if suffix == ".safetensors":
        size = int.from_bytes(content[:8], "little")
        return not (2 <= size <= len(content) - 8 and content[8:9] == b"{")
    pickled = content[:1] == b"\x80" and content[1:2] in b"\x02\x03\x04\x05" and len(content) > 2
    return pickled or (content[:4] == b"PK\x03\x04" and b"data.pkl" in content)


def secrets_of(content: bytes) -> list[str]:
    """The kinds of secrets in a text file; nothing is looked for in a binary one."""
    if b"\0" in content[:4096]:
        return []
    return secrets_in(content[:MOST_SCANNED].decode("utf-8", "replace"))


def licence_warnings(spec: ExperimentSpec) -> list[str]:
    """What the licences of the data and of the weights ask for."""
    data, weights = spec.data, spec.weights
    said = ["" if data.source == "generated" else licence_doubt(data.licence, data.description.split(":")[0])]
    said += [licence_doubt(weights.licence, weights.name)] if weights is not None and weights.source == "local" else []
    return [f"{doubt[0].upper()}{doubt[1:]}." for doubt in said if doubt]


def gated_warnings(spec: ExperimentSpec, api: HfApi) -> list[str]:
    """Whether the model or the data set that this one comes from is gated on the Hub. A look that fails is said."""
    found = []
    if spec.weights is not None and spec.weights.source == "hub":
        found += _gated(api, "model", spec.weights.id)
    if spec.data.source == "hub" and spec.data.id.count("/") == 1:
        found += _gated(api, "dataset", spec.data.id)
    return found


def _gated(api: HfApi, kind: str, repo_id: str) -> list[str]:
    try:
        info = api.model_info(repo_id) if kind == "model" else api.dataset_info(repo_id)
    except HUB_ERRORS:
        return [f"Whether {repo_id} is gated, and its licence, could not be found out: look at its page."]
    card = info.card_data.to_dict() if info.card_data is not None else {}
    licence = str(card.get("license_name") or card.get("license") or "")
    words = []
    if info.gated:
        words.append(f"{repo_id} is gated: its terms bind what you publish from it.")
    if not licence or UNKNOWN.search(licence) or RESTRICTED.search(licence):
        words.append(f"The licence of {repo_id} is {licence or 'not stated'}: make sure that you may publish this.")
    return words
