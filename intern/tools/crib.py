"""A crib of calls that models write from memory, with the arguments that they have in the versions installed here.

Nothing of a signature stands in this file: which of the arguments that people use there are, what they default to and
which are gone is read from the installed packages' sources, without importing them. So it cannot go stale.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import importlib.util
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

MOST_DEFAULT = 24
"""Characters of a default; a longer one is not shown."""


NEXT = re.compile(r"\n(?=[^\s#)\]])")
"""Where the next thing at the top level begins."""
FIELD = re.compile(r"\n    (\w+): ")
STATEMENT = re.compile(r"\n    (?=[^\s#)\]])|\n(?=[^\s#)\]])")
HEAD_END = re.compile(r"\)(?:\s*->[^:]*?(?:\[[^:]*\])?)?\s*:[ \t]*(?:#[^\n]*)?\n")


@dataclass(frozen=True)
class Call:
    """A class or function, the file of its package that defines it, and the arguments that are asked about."""

    name: str
    package: str
    file: str
    asked: tuple[str, ...]
    owner: str = ""
    """The class of a method."""


def _call(name: str, file: str, asked: str, owner: str = "") -> Call:
    package, _, path = file.partition("/")
    return Call(name, package, path, tuple(asked.split()), owner)


CALLS = (
    _call(
        "TrainingArguments", "transformers/training_args.py",
        "output_dir num_train_epochs max_steps per_device_train_batch_size learning_rate warmup_steps eval_strategy "
        "save_strategy logging_steps report_to use_cpu bf16 seed evaluation_strategy overwrite_output_dir no_cuda "
        "logging_dir warmup_ratio",
    ),
    _call(
        "Trainer", "transformers/trainer.py",
        "model args data_collator train_dataset eval_dataset processing_class compute_metrics callbacks tokenizer",
    ),
    _call("load_dataset", "datasets/load.py", "path name data_dir data_files split revision streaming token trust_remote_code"),
    _call(
        "map", "datasets/arrow_dataset.py", "function batched batch_size remove_columns num_proc fn_kwargs", "Dataset"
    ),
    _call("train_test_split", "datasets/arrow_dataset.py", "test_size shuffle seed stratify_by_column", "Dataset"),
    _call("LoraConfig", "peft/tuners/lora/config.py", "r lora_alpha lora_dropout target_modules task_type bias"),
    _call(
        "SFTConfig", "trl/trainer/sft_config.py",
        "max_length packing assistant_only_loss completion_only_loss dataset_text_field max_seq_length",
    ),
    _call(
        "SFTTrainer", "trl/trainer/sft_trainer.py",
        "model args train_dataset eval_dataset processing_class peft_config formatting_func tokenizer max_seq_length",
    ),
    _call("DPOConfig", "trl/trainer/dpo_config.py", "beta loss_type max_length max_prompt_length"),
    _call("GRPOTrainer", "trl/trainer/grpo_trainer.py", "model reward_funcs args train_dataset processing_class peft_config"),
    _call(
        "upload_folder", "huggingface_hub/hf_api.py",
        "repo_id folder_path path_in_repo commit_message repo_type allow_patterns create_pr", "HfApi",
    ),
    _call(
        "create_repo", "huggingface_hub/hf_api.py", "repo_id repo_type private exist_ok space_sdk visibility", "HfApi"
    ),
    _call(
        "snapshot_download", "huggingface_hub/_snapshot_download.py",
        "repo_id repo_type revision local_dir allow_patterns token local_dir_use_symlinks resume_download",
    ),
)  # fmt: skip


@functools.cache
def crib() -> str:
    """A line for each call of an installed package, below its version; "" when there is none of them."""
    lines: dict[str, list[str]] = {}
    for call in CALLS:
        folder = _folder(call.package)
        if (
            folder is not None
            and (found := arguments(folder / call.file, call.name, call.owner, call.asked)) is not None
        ):
            lines.setdefault(call.package, []).append(line_of(call, *found))
    return "\n".join(f"  - {name} {_version(name)}: {'; '.join(told)}" for name, told in lines.items())


def line_of(call: Call, found: dict[str, str], all_told: bool) -> str:
    """`name(a, b=1; not: c)`: of the arguments that are asked about those that there are and,
    where all are known, those that there are not."""
    there = [f"{name}{found[name]}" for name in call.asked if name in found]
    gone = [name for name in call.asked if name not in found] if all_told else []
    owner = f"{call.owner}." if call.owner else ""
    return f"{owner}{call.name}({', '.join(there)}{f'; not: {chr(32).join(gone)}' if gone else ''})"


def arguments(
    file: Path, name: str, owner: str = "", asked: Collection[str] = ()
) -> tuple[dict[str, str], bool] | None:
    """Each argument of a definition -> `=default` (or ""), of a class those of its constructor, or its fields; and
    whether these are all that it takes (no base class, no `**`).

    None when the file or the definition is not there.
    """
    try:
        source = _source(file)
    except (OSError, UnicodeDecodeError):
        return None
    is_class = not owner and f"\nclass {name}" in source
    body = _class(source, owner or name) if owner or is_class else source
    function = _function(body, "__init__" if is_class else name)
    if function is None:
        return _fields(body, asked) if is_class else None
    given = function.args
    named = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [None] * (len(named) - len(given.defaults)) + list(given.defaults)
    pairs = [*zip(named, defaults, strict=True), *zip(given.kwonlyargs, given.kw_defaults, strict=True)]
    return {argument.arg: _shown(default) for argument, default in pairs if argument.arg != "self"}, given.kwarg is None


@functools.lru_cache(maxsize=1)
def _source(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def _class(source: str, name: str) -> str:
    """The text of a class, found without parsing the thousands of lines around it; "" when there is none."""
    start = re.search(rf"\nclass {name}\b", source)
    if start is None:
        return ""
    end = NEXT.search(source, start.end())
    return source[start.start() + 1 : end.start() if end else len(source)]


def _function(source: str, name: str) -> ast.FunctionDef | None:
    """A function by its head alone; of several (overloads) the last."""
    place = -1
    for match in re.finditer(rf"\n[ \t]*(?=def {name}\()", source):
        place = match.end()
    end_of_head = HEAD_END.search(source, place)
    if place < 0 or end_of_head is None:
        return None
    try:
        parsed = ast.parse(f"{source[place : end_of_head.end()]} ...").body[0]
    except SyntaxError:
        return None
    return parsed if isinstance(parsed, ast.FunctionDef) else None


def _fields(body: str, asked: Collection[str]) -> tuple[dict[str, str], bool] | None:
    """The fields of a dataclass (defaults only of those that are asked about), and whether it has no more from a base."""
    fields = {}
    for match in FIELD.finditer(body):
        fields[match[1]] = ""
        if match[1] in asked:
            end = STATEMENT.search(body, match.end())
            with contextlib.suppress(SyntaxError):
                node = ast.parse(body[match.start() : end.start() if end else len(body)].strip()).body[0]
                fields[match[1]] = _shown(_default(node.value)) if isinstance(node, ast.AnnAssign) else ""
    return (fields, re.match(r"class \w+\s*(?:\(\s*\))?\s*:", body) is not None) if fields else None


def _default(value: ast.expr | None) -> ast.expr | None:
    """The default of a field that is described by `field(default=…)`."""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "field":
        return next((k.value for k in value.keywords if k.arg == "default"), None)
    return value


def _shown(default: ast.expr | None) -> str:
    if default is None:
        return ""
    text = ast.unparse(default)
    return f"={text}" if len(text) <= MOST_DEFAULT and text != "None" else ""


def _folder(package: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None
    places: Sequence[str] = list(spec.submodule_search_locations or ()) if spec is not None else ()
    return Path(places[0]) if places else None


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(version unknown)"
