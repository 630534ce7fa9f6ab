"""A first step for a small model, which would else guess: what was given is shown to it, and how such a task is done.

The step is code that runs in the sandbox like any other; the advice (configs/prompts/recipes.yaml) stands beside the task.
"""

from __future__ import annotations

import functools
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from intern.agent.doubt_words import ABOUT_FAULTS, ASKS_MORE
from intern.agent.doubts import Looked
from intern.agent.wanted import is_about_change
from intern.settings import CONFIGS

MOST_LOOKED_AT = 4
MOST_FACTS = 14
MOST_RECIPES = 2
MOST_LOOKED_UP = 2
HEAD_CHARACTERS = 1200
MOST_SCRIPT_SECONDS = 20
TABLES = (".csv", ".tsv")
TEXTS = (".py", ".txt", ".md", ".yaml", ".yml", ".toml", ".cfg", ".ini", ".log", ".sh")
AUDITED = "print('Found in an audit:', *(w for f in audit.values() for w in f['worries'] or ['nothing wrong']))"
MISSING = "print('Missing values:', {{c: int(n) for c, n in {variable}.isna().sum().items() if n}} or 'none')"
JSON_FILE = """{variable} = json.load(open({name!r}))
print({said!r}, type({variable}).__name__, 'of', len({variable}), 'entries and begins')
print(json.dumps({variable})[:600])"""
TRIED = """try:
    {lines}
except Exception as error:
    print({name!r}, 'could not be loaded:', error)"""
"""Code of the first look: whatever keeps a file from being read is told to the brain, and the look goes on."""
LOOK_UP = """import re
def look_up(name):
    try:
        found = search_docs(query=name)
    except Exception as error:
        return print(error)
    best = found.get('found', [found])[0]
    print('Signature:', best['signature'])
    words = lambda text: set(re.findall('[a-z]{3,}', text.lower()))
    doc = re.split(r'\\n\\s*(?:Examples?\\b|>>>)', best['doc'])[0]
    first, *parts = re.split(r'\\n\\s*\\n|\\n(?=\\s*\\w+ ?(?:: |\\())', doc)
    parts.sort(key=lambda part: -len(words(part) & words(task)))
    print(first, *(part.strip() for part in parts[:4]), sep='\\n')"""
"""Of a docstring what the task asks about: its examples call with other values than the defaults."""
ABOUT_DOCS = re.compile(r"\b(?:documentation|docs?|docstring|signature|parameter|argument|default)s?\b", re.IGNORECASE)
DOING = re.compile(
    r"\b(?:train|fit|compar|evaluat|predict|plot|draw|accurac|script|cross-valid|classify|cluster)\w*", re.IGNORECASE
)
"""What a question about documentation alone does not ask for."""
LIBRARIES = {"scikit-learn": "sklearn", "sklearn": "sklearn", "numpy": "numpy", "pandas": "pandas", "scipy": "scipy",
             "pytorch": "torch", "torch": "torch", "matplotlib": "matplotlib", "transformers": "transformers",
             "datasets": "datasets"}  # fmt: skip
DOTTED = re.compile(r"\b(?:numpy|pandas|sklearn|scipy|torch|matplotlib|transformers|datasets)(?:\.\w+)+")
CLASS_NAME = re.compile(r"\b(?:[A-Z]+[a-z]+[A-Z]\w*|[A-Z]{2,}\w*|[A-Z]\w+(?:\.\w+)+)\b")
FUNCTION_NAME = re.compile(r"\b[a-z]+_\w+\b|\b[a-z]\w+(?=\()")


@dataclass(frozen=True)
class Look:
    """What comes before a small model's own steps."""

    code: str = ""
    """The harness's step; "" for none."""
    kind: Looked = ""
    advice: str = ""
    """How such a task is done, a few lines beside it."""


def first_look(files: Mapping[str, str], paper: str | None, task: str = "") -> Look:
    """The paper's values, the head of each file, what the documentation says; and advice for the kind of task.

    `files`: name -> what it is (see given.Given).
    """
    if paper and not files:
        return Look("\n".join(_look_at_paper(paper, task)), "paper", _recipes()["paper"])
    names = _to_look_up(task) if not files and not paper else []
    if names:
        calls = [f"look_up({name!r})" for name in names[:MOST_LOOKED_UP]]
        code = "\n".join([f"task = {task!r}", LOOK_UP, *calls])
        return Look(code, "docs", _recipes()["docs"]) if not DOING.search(task) else Look(code, "files")
    lines = _look_at_paper(paper, task) if paper else []
    used: set[str] = set()
    for name in list(files)[:MOST_LOOKED_AT]:
        lines += _look_at(name, files[name], task, used)
    if any("pd." in line for line in lines):
        lines.insert(0, "import pandas as pd")
    if any("json." in line for line in lines):
        lines.insert(0, "import json")
    if AUDITED in lines and not ASKS_MORE.search(task):
        return Look("\n".join(lines), "audit", _recipes()["audit"])
    return Look("\n".join(lines), "files" if lines else "", _advice(files, task))


def _to_look_up(task: str) -> list[str]:
    """Names that a question about documentation asks for, as search_docs takes them."""
    if not ABOUT_DOCS.search(task):
        return []
    if dotted := list(dict.fromkeys(name.rstrip(".") for name in DOTTED.findall(task))):
        return dotted
    package = next((LIBRARIES[w] for w in re.findall(r"[a-z][\w-]*", task.lower()) if w in LIBRARIES), None)
    if package is None or DOING.search(task):
        return []
    names = CLASS_NAME.findall(task) or FUNCTION_NAME.findall(task)
    return [f"{package} {name}" for name in dict.fromkeys(names) if name.lower() not in LIBRARIES]


def _look_at(name: str, about: str, task: str, used: set[str]) -> list[str]:
    """Lines that load and show one file."""
    suffix = Path(name).suffix.lower()
    if suffix in TABLES and about.startswith("table"):
        variable = _variable(name, used)
        separator = ', sep="\\t"' if suffix == ".tsv" else ""
        read = f"{variable} = pd.read_csv({name!r}{separator})"
        lines = [read, f"print({f'{read} has the shape'!r}, {variable}.shape, 'and begins')"]
        lines.append(f"print({variable}.head(3))")
        if ABOUT_FAULTS.search(task):
            return [*lines, f"audit = inspect_dataset(path={name!r})['files']", AUDITED]
        # a worry that was not asked for becomes a task: rows with a negative value are left out of a mean
        return [*lines, MISSING.format(variable=variable)]
    if suffix == ".jsonl":
        variable = _variable(name, used)
        read = f"{variable} = pd.read_json({name!r}, lines=True)"
        lines = [
            read,
            f"print({f'{read} has the shape'!r}, {variable}.shape, 'and begins')",
            f"print({variable}.head(4))",
        ]
        return [TRIED.format(name=name, lines="\n    ".join(lines))]
    if suffix == ".json":
        variable = _variable(name, used)
        said = f"{variable} = json.load(open({name!r})) is a"
        loading = JSON_FILE.format(variable=variable, name=name, said=said)
        return [TRIED.format(name=name, lines=loading.replace("\n", "\n    "))]
    if suffix not in TEXTS:
        return []
    lines = [f"print({f'{name} holds:'!r}); print(open({name!r}).read()[:{HEAD_CHARACTERS}])"]
    if suffix == ".py" and is_about_change(task):
        lines.append(f"ran = shell(command='python {name}', seconds={MOST_SCRIPT_SECONDS})")
        lines.append(f"print('python {name} prints:', ran['output'][-600:], 'exit status', ran['exit_status'])")
    return lines


def _look_at_paper(paper: str, task: str) -> list[str]:
    """Of the paper's facts those first whose words are in the task, and the passages that fit it."""
    lines = ["import re", f"task = {task!r}", f"paper = find_paper(query={paper!r})",
             'setup = extract_setup(paper_id=paper["paper_id"])',
             'print("The paper:", paper["paper_id"], "|", paper["title"])',
             "words = lambda text: set(re.findall('[a-z]{3,}', text.lower()))",
             "facts = sorted(setup['hyperparameters'] + setup['claims'], key=lambda fact: -len(words(fact) & words(task)))",
             f'print("What it states, with pages:", *facts[:{MOST_FACTS}], sep="\\n")']  # fmt: skip
    if Path(paper).is_file():
        lines += ["found = search_paper(paper_id=paper['paper_id'], query=task)['passages']",
                  "print('Passages:', *(f\"p. {p['page']}: {p['text']}\" for p in found), sep='\\n')"]  # fmt: skip
    return lines


def _advice(files: Mapping[str, str], task: str) -> str:
    """The recipes whose words are in the task; "" for none."""
    changed = [name for name in files if name in task and Path(name).suffix.lower() in (*TEXTS, ".json")]
    if len(changed) == 1 and is_about_change(task):
        which = "edit_script" if changed[0].endswith(".py") else "edit"
        return _recipes()[which].replace("{name}", changed[0])
    fitting = [name for name, words in _kinds().items() if re.search(words, task, re.IGNORECASE | re.DOTALL)]
    return "\n".join(_recipes()[name] for name in fitting[:MOST_RECIPES])


@functools.cache
def _texts() -> dict[str, dict[str, str]]:
    texts: dict[str, dict[str, str]] = yaml.safe_load(
        (CONFIGS / "prompts" / "recipes.yaml").read_text(encoding="utf-8")
    )
    return texts


def _recipes() -> dict[str, str]:
    return {name: text.rstrip() for name, text in _texts()["recipes"].items()}


def _kinds() -> dict[str, str]:
    return _texts()["kinds"]


def _variable(name: str, used: set[str]) -> str:
    """A variable's name made of a file's."""
    word = re.sub(r"\W+", "_", Path(name).stem.lower()).strip("_") or "table"
    word = f"table_{word}" if word[0].isdigit() or keyword.iskeyword(word) else word
    while word in used:
        word += "_2"
    used.add(word)
    return word
