# ruff: noqa: E501  the patterns are data, one a line
"""Where a sentence has room for the name of a data set that no list knows, and how much each place says.

"evaluated on X", "X contains 2,400 images", "X, a benchmark of …", "Cityscapes and X": the words around a proper name tell
what it is. The same name in the place of a model ("the X network", a row under "Method") speaks against it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from intern.papers import known_data
from intern.papers.dataset_names import NOT_NAMES
from intern.papers.measures import find_measure
from intern.papers.model import Document
from intern.papers.names import Names
from intern.papers.numbers import NUMBER
from intern.papers.result_columns import ARCHITECTURE, is_method_heading

_TOKEN = r"(?:[A-Z][\w&+]*(?:[-'’.][\w&+]+)*[!+]?)"
_NAME = rf"(?P<n>(?<![\w-]){_TOKEN}(?: (?:{_TOKEN}|\d{{1,4}}[kKM]?(?![\w.,]*%?\w))){{0,3}})"
_CITED = r"(?:\s?(?:\((?:[^()]|\([^()]*\)){2,60}\)|\[[\d, –-]+\]|\^\d+))*"
_DATA_NOUN = (
    r"(?:data ?-?sets?|corpus|corpora|benchmarks?|test ?-?sets?|dev(?:elopment)? sets?|validation sets?|training sets?|test suite|"
    r"treebank|leaderboard|shared task|image collection|collection|database|environments?|suite)"
)
EXAMPLES = (
    r"(?:examples?|images?|sentences?|pairs|documents?|articles?|questions?|utterances?|hours|instances?|samples?|videos?|clips|"
    r"words|tokens|graphs?|nodes|molecules?|users?|items?|records?|tweets|reviews|dialogues?|conversations|recordings|patients|scenes|"
    r"frames|sequences|segments|agents|points|sensors|stations|prompts|problems|tasks|series|classes|photos|photographs|pictures|cases|scans|shapes|interactions|ratings|posts|abstracts|summaries|subjects|sessions|queries|passages|trajectories|episodes|demonstrations)"
)
_SHOWS = (
    r"(?:evaluat\w+|test(?:s|ed|ing)?|train(?:s|ed|ing)?|(?:fine-?tun|pre-?train)\w+|experiment\w*|results?|performance|accurac(?:y|ies)|"
    r"scores?|trials|state[- ]of[- ]the[- ]art|success|benchmark(?:s|ed|ing)?|measured?|report\w*|improv\w+|outperform\w*|reach\w*|"
    r"achiev\w+|obtain\w*|error|perplexity|gains?|compar\w+|work(?:s|ed)?|perform\w*|appl(?:y|ied)|generali[sz]\w+)"
)


@dataclass(frozen=True, slots=True)
class Slot:
    """A way to word the use of a data set; `plain` where even an ordinary capitalised word must be a name."""

    pattern: re.Pattern[str]
    points: float
    plain: bool = False


_SLOTS = (
    Slot(re.compile(rf"\b{_SHOWS}\b(?:(?!\b(?:based|bas\w+|depend\w*|rel(?:y|ies)|focus\w*|built|implement\w*|run|effect|impact)\b)[^.;:()]){{0,45}}? (?:on|over) (?:the |our |a subset of )?{_NAME}"), 1.0),
    Slot(re.compile(rf"\b{_SHOWS}\b[^.;:()]{{0,30}}? (?:on|over|with|using) (?:{NUMBER} )?(?:[a-z-]+ ){{0,2}}?{EXAMPLES} (?:from|of|in) (?:the )?{_NAME}"), 1.5),
    Slot(re.compile(rf"^On (?:the )?{_NAME}{_CITED}(?:,| (?:it|we|our|the|this|both|all)\b)"), 1.0),
    Slot(re.compile(rf"\b(?:on|from) (?:an?|our|the)(?: [a-z-]+){{1,4}}, {_NAME}[.,]"), 1.2),
    Slot(re.compile(rf"[,;] (?:and )?on (?:the )?{_NAME}"), 0.8),
    Slot(re.compile(rf"{_NAME}{_CITED} (?:[a-z-]+ ){{0,2}}?{_DATA_NOUN}\b"), 1.6, True),
    Slot(re.compile(rf"\b{_DATA_NOUN}\b(?: of [a-z -]{{3,40}})?,? (?:called|named|dubbed|namely|i\.e\.,|is|as) (?:the )?{_NAME}"), 1.6, True),
    Slot(re.compile(rf"\b(?:corpus|data ?set|benchmark) {_NAME}{_CITED}(?:,| (?:is|was|has|consists?|contains?|compris\w+|which|we)\b)"), 2.0, True),
    Slot(re.compile(rf"\b(?:corpus|data ?set|benchmark)\b(?: of [a-z -]{{3,50}})?, {_NAME}[.,]"), 1.6, True),
    Slot(re.compile(rf"{_NAME}{_CITED},? (?:is |which is |, )?(?:a|an|our|the)(?: [\w-]+){{0,4}} {_DATA_NOUN}\b"), 1.6, True),
    Slot(
        re.compile(
            rf"{_NAME}{_CITED},? (?:which |that )?(?:contains?|consists? of|compris\w+|has|includes?|provides?|offers?)\b"
            rf"[^.;]{{0,40}}?{NUMBER} (?:[\w-]+ ){{0,3}}?{EXAMPLES}\b"
        ),
        1.7,
        True,
    ),
    Slot(re.compile(r"(?P<n>(?<![\w-])(?:[A-Z][\w-]+ ){1,5}(?:Database|Corpus|Benchmark|Data ?[Ss]et|Treebank|Challenge|Archive|Repository) \([A-Z][A-Za-z]{1,7}\))"), 2.0, True),
    Slot(re.compile(rf"(?:^|[•–] ?){_NAME}{_CITED}: (?:[^.;]{{0,60}}?\b{NUMBER} (?:[\w-]+ ){{0,3}}?{EXAMPLES}|(?:[Aa]n?|[Tt]h\w+) [^.;]{{0,60}}?\b{_DATA_NOUN})\b"), 1.8, True),
    Slot(re.compile(rf"\b(?:on|to) the {_NAME}{_CITED} (?:[a-z-]+ ){{0,2}}tasks?\b(?= (?:from|of|with|\()|[,.]|$)"), 1.2, True),
    Slot(re.compile(rf"{_NAME}{_CITED} \((?:about |approximately |~)?{NUMBER} (?:[\w-]+ ){{0,2}}?{EXAMPLES}\b"), 1.6, True),
)  # fmt: skip
_IN_CAPTION = Slot(re.compile(rf"\bon (?:the )?{_NAME}"), 1.6)
_NEVER = re.compile(
    r"(?:N[Vv][Ii][Dd][Ii][Aa]|Intel|AMD|Tesla|GeForce|Quadro|Titan|RTX|GTX|[VAHTP]\d{2,4}s?|[GTC]PUs?|TPUv\d|CUDA|PyTorch|Tensor[Ff]low|JAX|"
    r"Keras|Theano|Caffe\d?|Torch|HuggingFace|Hugging|GitHub|Github|Python|Linux|AWS|Google|Amazon EC2|Adam\w*|SGD|RMS[Pp]rop|Ada\w{3,5}|"
    r"ReLU|GELU|Table|Figure|Fig|Section|Sec|Eq|Equation|Algorithm|Appendix|Theorem|Lemma|NeurIPS|ICLR|ICML|CVPR|ICCV|ECCV|ACL|EMNLP|"
    r"NAACL|AAAI|NLP|NLU|NLI|NER|NMT|ASR|TTS|RL|AI|ML|CV|SOTA|OOD|QA|VQA|SSL|LLMs?|VLMs?|GNNs?|CNNs?|RNNs?|MLPs?|LSTMs?|GANs?|VAEs?|"
    r"PPO|DQN|A[23]C|TRPO|DDPG|SAC|TD3|IMPALA|BM25|TF-?IDF|GloVe|word2vec|Word2[Vv]ec|fastText|ELMo|XLNet|ALBERT|ELECTRA|DeBERTa\S*|BART|CLIP|BLIP\S*|"
    r"DINO\S*|MoCo\S*|SimCLR\S*|BYOL|MAE|YOLO\S*|Faster|R-CNN|RetinaNet|DETR|U-?Net\S*|PointNet\S*|WaveNet|Tacotron\S*|Whisper\S*|HuBERT|WavLM|DeepWalk|"
    r"node2vec|Node2[Vv]ec|TransE|DistMult|ComplEx|RotatE|XGBoost|LightGBM|CatBoost|SVMs?|ARIMA|Informer|Autoformer|N-BEATS|DeepAR|Vicuna\S*|Mistral\S*|"
    r"Mixtral\S*|Qwen\S*|Gemma\S*|Gemini\S*|Claude\S*|ChatGPT|InstructGPT|Falcon\S*|Pythia\S*|OPT\S*|PaLM\S*|Chinchilla|LoRA|QLoRA|DPO|RLHF|CFG|DDIM|DDPM|"
    r"StyleGAN\S*|BigGAN\S*|CycleGAN|Moses|GIZA\S*|[A-Z](?:train|dev|test|val|valid)|"
    r"GPT\S*|BERT\S*|T5\S*|LLaMA\S*|Llama\S*|ViT\S*|ResNet\S*|VGG\S*|Transformers?|English|German|French|Chinese|Spanish|Italian|Russian|"
    r"Romanian|Japanese|Korean|Arabic|Hindi|European|American|Gaussian|Bayesian|Markov|Monte|Euclidean|However|Moreover|Note|Here|We|Our|"
    r"January|February|March|April|May|June|July|August|September|October|November|December|Mechanical|MTurk|DET|CLS|LOC|SEG|Among|Across|Under|After|Before|During|Unlike|Like|Only|Most|Following|I|II|III|IV|V|VI)"
)
_MODEL_NOUN = re.compile(
    r"\s?(?:\([^()]*\)|\[[\d, ]+\])?\s?-?(?:models?|networks?|methods?|algorithms?|optimi[sz]ers?|architectures?|layers?|losses|loss|"
    r"attention|encoders?|decoders?|baselines?|blocks?|modules?|agents?|embeddings?|features|backbones?|detectors?|classifiers?|"
    r"objective|score|metric|toolkit|library|framework|et al)\b"
)
_STRONG = re.compile(r"[a-z][A-Z]|[A-Z]{2}|\d|[A-Z]\w*-\w")
_TAIL = re.compile(
    r"-(?:train|test|val|dev)$| (?:Test|Dev|Val|Validation|Train|Training|Data|Dataset|Corpus|Benchmark|Challenge|Task|Database)$"
)


_COUNTED = re.compile(r"\b(?:FLOPs?|FLOPS|[Pp]aram(?:s|eter)?s?|[Ii]terations?|[Ee]pochs?|[Ss]teps)\b")
"""Words of what is counted, which no data set is called."""
_COMPOUND = re.compile(
    r"^[\w-]+-(?:[a-z]{4,})$|(?:BERT|GPT|Former|former|GAN|VAE|LSTM|Parser|Tagger|Encoder|Score|Reward)[a-z]?(?:-\w+)?$"
)
"""No name of data: "L2-regularized", "RoBERTa-large"."""


def tidy(name: str) -> str:
    """A candidate without the ordinary words that begin its sentence or end its name."""
    while match := re.match(
        r"(?:The|Our|Among|Across|Under|After|Before|During|Unlike|Like|Only|Most|Following|Specifically|Similarly|On|In|For|And|Both|All|This|These|While|Using|With|As|At|Finally|Since|We|A)\s+",
        name,
    ):
        name = name[match.end() :]
    return _TAIL.sub("", name.rstrip(".'’"))


_TONGUE = re.compile(
    r"(?:Mandarin|Cantonese|Portuguese|Dutch|Turkish|Polish|Czech|Finnish|Vietnamese|Thai|Indonesian|Swedish|Danish|Norwegian|"
    r"Hungarian|Greek|Hebrew|Persian|Farsi|Urdu|Bengali|Tamil|Telugu|Swahili|Ukrainian|Latin|Catalan|Basque|Estonian|Latvian)"
)


_WORDS_OF_DATA = re.compile(
    r"(?:(?:Data|Data ?sets?|Corpora|Corpus|Benchmarks?|Tasks?|Setups?|Settings?|Statistics|Training|Testing|Evaluation|Validation|Test|Train|"
    r"Implementation|Details|Preprocessing|Splits?|Sources?|Environments?|Results|Metrics?|Baselines?|Models?)\b ?)+"
)
"""Words that lead a paragraph about data, not a name."""
TASK = re.compile(
    r"(?:(?:Translation|Understanding|Mathematics|Exams?|Reasoning|Coding|Code|Knowledge|Language|Reading|Comprehension|Commonsense|Multilingual|Safety|"
    r"Alignment|Instructions?|Following|Dialogue|Summarization|Classification|Retrieval|Generation|Vision|Speech|Recognition|Segmentation|Detection|"
    r"General|World|Long|Context|Tool|Use|Agents?|Science|STEM|Humanities)\b ?)+"
)
"""Kinds of tasks, which head groups of data sets in tables."""


def may_be_data(name: str, *, plain: bool = False) -> bool:
    """Whether a proper name can be that of a data set: no measure, tool, language or common word; `plain` words allowed."""
    if (
        re.match(r"\w+['’]s ", name)
        or len(name) < 3
        or len(name) > 40
        or NOT_NAMES.match(name)
        or _NEVER.fullmatch(name.split()[0])
        or _COUNTED.search(name)
    ):
        return False
    if (
        ARCHITECTURE.fullmatch(name)
        or _TONGUE.fullmatch(name)
        or TASK.fullmatch(name)
        or _WORDS_OF_DATA.fullmatch(name)
        or _COMPOUND.search(name)
    ):
        return False
    return bool((plain or _STRONG.search(name)) and find_measure(name) is None)


def unknown_names(
    text: str, models: frozenset[str], *, of_table: bool = False
) -> Iterator[tuple[str, int, int, float]]:
    """(name, start, end, points) of each place of a sentence in which a data set may be named, known ones left out.

    `of_table`: the sentence is a table's caption.
    """
    known = known_data.find_names(text)
    for slot in (*_SLOTS, _IN_CAPTION) if of_table else _SLOTS:
        for match in slot.pattern.finditer(text):
            for found in _checked(match, slot, text, models):
                if not any(start < found[2] and found[1] < end for _, start, end in known):
                    yield found
    for _, start, end in known:
        yield from (
            found
            for found in _beside(text, start, end, models)
            if not any(first < found[2] and found[1] < last for _, first, last in known)
        )


def _checked(
    match: re.Match[str], slot: Slot, text: str, models: frozenset[str]
) -> Iterator[tuple[str, int, int, float]]:
    name = tidy(match.group("n"))
    opening = match.start("n") == 0 or text[: match.start("n")].rstrip().endswith((":", "."))
    plain = slot.plain and (not opening or " " in name or slot.points > 1.6)
    if not may_be_data(name, plain=plain) or name in models or is_known(name, text, match.end("n")):
        return
    start = match.start("n") + match.group("n").find(name)
    if _MODEL_NOUN.match(text, start + len(name)):
        return
    yield name, start, start + len(name), slot.points


def is_known(name: str, text: str, end: int) -> bool:
    """Whether a listed data set stands in a name, maybe broken by a hyphen, or in brackets behind it as its short form."""
    short = re.match(r"\s?\((?:the )?([^()]{2,30})\)", text[end:])
    found = known_data.find_names(name) or known_data.find_names(name.replace("-", ""))
    return bool(found or (short and known_data.find_names(short.group(1))))


_NEXT = re.compile(
    rf"{_CITED}(?:(?: and|, and|/) {_NAME}{_CITED}(?=[,.;)]| as\b| data| \(|$)|, (?P<m>{_TOKEN}){_CITED}(?=,? and |, [A-Z]))"
)
_BEFORE = re.compile(rf"{_NAME}{_CITED}(?:,| and|, and) (?:the )?$")


def _beside(text: str, start: int, end: int, models: frozenset[str]) -> Iterator[tuple[str, int, int, float]]:
    """Names in one list with a known data set: "Cityscapes and X"."""
    for match in (_NEXT.match(text, end), _BEFORE.search(text[:start])):
        if match is not None:
            key = "n" if match.group("n") else "m"
            name = tidy(match.group(key))
            if may_be_data(name) and name not in models and not is_known(name, text, match.end(key)):
                at = match.start(key) + match.group(key).find(name)
                if not _MODEL_NOUN.match(text, at + len(name)):
                    yield name, at, at + len(name), 1.2


_DOES = re.compile(
    rf"(?P<n>(?<![\w-]){_TOKEN})(?:\s?\([^()]{{2,60}}\)|\s?\[[\d, ]+\])?(?:'s)? (?:models?|networks?|methods?|algorithms?|architectures?|"
    r"encoders?|decoders?|baselines?|outperforms?|achieves?|obtains?|learns|converges|uses|is trained|was trained|layers?|blocks?)\b"
)
_MADE = re.compile(
    rf"\b(?:(?:propose|introduce|call(?:ed)?|present|name[ds]?|initiali[sz]ed? (?:from|with)|fine-?tun(?:e|ing)|trained) (?:the )?"
    rf"|(?:[a-z]+ )(?:optimization|network|transformer|learning|model|method|algorithm|descent|replay|gradients?|machine) \()(?P<n>{_TOKEN})"
)


def models_of(document: Document, names: Names) -> frozenset[str]:
    """Names that stand for models in this paper: its own, rows under "Method", and what "the X model" is said of."""
    out = {name for name in (names.system, *names.aliases) if name}
    for grid in document.tables:
        header = " ".join(grid.columns[0]) if grid.columns else ""
        labels = [row[0] for row in grid.rows[grid.head :]]
        if is_method_heading(header) or (not header and any(names.owns(label) for label in labels)):
            plain = [re.sub(r"\s*[\[(].*", "", label).strip() for label in labels if label]
            out.update(filter(None, plain))
            out.update(label.split()[0] for label in plain if label and _STRONG.search(label.split()[0]))
        for parts in grid.columns[1:]:
            if any(names.owns(" ".join(other)) for other in grid.columns[1:]) and not _heads_data(parts):
                out.add(" ".join(parts))
    said = Counter(
        match.group("n")
        for paragraph in document.paragraphs
        for pattern in (_DOES, _MADE)
        for match in pattern.finditer(paragraph.text)
    )
    for paragraph in document.paragraphs:
        out.update(_short_forms(paragraph.text))
    out.update(name for name, count in said.items() if count >= 2 and not NOT_NAMES.match(name))
    return frozenset(name for name in out if not known_data.is_known(name))


_SHORT = re.compile(r"(?P<w>(?:[A-Za-z]+[ -]){1,6}[A-Za-z]+) \((?P<s>[A-Z][A-Za-z]{1,6})s?\)")
_OF_DATA = re.compile(
    r"data|corpus|benchmark|challenge|bank|set|suite|collection|base|environment|news|reviews|numbers|questions|treebank",
    re.I,
)


def _short_forms(text: str) -> Iterator[str]:
    """Short forms of things that are no data: "infilling by language modeling (ILM)"."""
    for match in _SHORT.finditer(text):
        words, short = re.split(r"[ -]", match.group("w")), match.group("s").upper()
        ends = [
            word for word in words if word.lower() not in ("of", "the", "by", "for", "and", "with", "in", "to", "a")
        ]
        initials = "".join(word[0] for word in ends[-len(short) :]).upper()
        if initials == short and not _OF_DATA.search(words[-1]) and words[-1].islower():
            yield match.group("s")


def _heads_data(parts: list[str]) -> bool:
    return any(known_data.find_names(part) for part in parts)
