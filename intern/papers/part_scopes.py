# ruff: noqa: E501  the patterns are data, one a line
"""Which part of a model a value holds for: "the projection MLP has 3 layers", "the backbone's to 1e-5"."""

from __future__ import annotations

import re

_PART = (
    r"(?:encoders?|decoders?|generators?|discriminators?|critics?|actors?|policy|policies|readers?|retrievers?|rankers?|scorers?|"
    r"teachers?|students?|heads?|backbones?|predictors?|projectors?|classifiers?|embedders?|controllers?|adapters?|tokenizers?|"
    r"MLPs?|(?:multi-?layer )?perceptrons?|FFNs?|LSTMs?|GRUs?|GNNs?|GCNs?|CNNs?|RNNs?|DNNs?|NADEs?|VAEs?|world model|language model|acoustic model|"
    r"(?:entire|whole) network|(?:policy|value|target|actor|critic|teacher|student|encoder|decoder|feature|embedding|output|source) networks?|"
    r"Q-networks?|last linear layer|auto-?encoders?|diffusion models?|reward models?|vocoders?|super-?nets?|child (?:models?|networks?))"
)
_ADJECTIVES = r"(?:(?!(?:the|a|an|our|we|all|each|every|both|of|in|on|for|with|and|or|to|by|is|are|that|this|which|layers?|hidden|same|single|simple|standard|final|initial|first|second|whole|entire|new|only|as|it|its|one|two|three|four|trained|bidirectional|\d)\b)[\w-]+ ){0,2}"
_NOUN = rf"(?P<w>{_ADJECTIVES}{_PART})(?![\w-])"
_BEHIND = re.compile(
    rf"(?:[- ](?:hidden |fully[- ]connected |conv\w* )?layers?)?[ -](?:[A-Z][a-z]+ )?(?P<w>{_ADJECTIVES}{_PART})(?![\w-])(?! (?:outputs?|inputs?|states?)\b)"
)
"""A noun that the value counts or describes: "a 2-layer projection MLP", "6 decoder layers"."""
_OWNER = re.compile(
    rf"(?:the |The |our |initial |final )*(?P<w>(?:[\w-]+ )?(?:{_PART}|transformer))['’]s? (?:(?! and )[^,;.()]){{0,40}}$"
)
_OBJECT = re.compile(
    rf"(?:train(?:ed|ing)?|(?:fine-?|ne-)tun(?:e|ed|ing)|optimi[sz](?:e|ed|ing)|updat(?:e|ed|ing))(?: only)? (?:the |our |a )(?P<w>{_ADJECTIVES}(?:{_PART}|transformer)) (?:for|with|using|by|at)\b[^;.]{{0,40}}$"
)
_SUBJECT = re.compile(
    rf"(?:^|[,;:•] ?|\band |\bwhile |\bwhereas |\bwhere |\d\) |\.\s)(?:[Tt]he |[Oo]ur |[Aa]ll |[Ii]ts |[Tt]heir |[Ff]or the |[Ii]n the |[Ii]n each of the following \w+ the |[Ii]n the \w+ \w+ the )(?P<w>{_ADJECTIVES}{_PART})"
    r"(?: (?:networks?|modules?|models?|parts?))?(?: \([^()]{1,20}\))?(?:,? (?:we (?:use|employ|set)|has|have|consists?|contains?|comprises?|uses?|is|are|employs?|was|were|takes?)\b)[^;.]{0,110}$"
)
_ALL_OF = re.compile(
    rf"\b(?:all|the) (?P<w>{_ADJECTIVES}{_PART}) (?:have|has|use|uses|contain|contains) (?:[a-z]+ )?$", re.I
)
_ARTICLE = re.compile(rf"(?:^|\d\) )(?:An?|The) (?P<w>{_ADJECTIVES}{_PART}) with\b[^;.]*$")
_THIS = re.compile(rf"^(?:This|The|Its|It|Each) ?(?:(?P<w>{_PART}) )?(?:has|have|consists?|contains?|uses?|is)\b", re.I)
_AHEAD = re.compile(
    rf"(?:[ -](?!for\b|in\b|of\b)[\w-]+){{0,2}} (?:for|in|of) (?:the |our |both the )?{_NOUN}(?! (?:we|is|are)\b)"
)
_TITLE = re.compile(rf"(?:[•∙·*-]\s*)?(?P<w>(?:[A-Z][\w-]* )?{_PART})(?: (?:networks?|architectures?|training))?", re.I)
_LISTED = re.compile(rf"(?:[•∙·*-]\s*)(?P<w>(?:[A-Z][\w-]* ){{0,2}}{_PART})\s*[.:] ", re.I)

_SIDE = re.compile(
    r"(?<![\w-])(?P<w>input|output|source|target|encoder|decoder|actor|critic|policy|value|generator|discriminator|backbone|query|document|passage|question|"
    r"attention|residual|hidden|word|character|teacher|student|inner|outer|embedding|rnn|lstm|gru|layer|recurrent|token|feed-?forward|ffn|activation|classifier|head|variational|feature|edge|node|locked)(?:[- ](?:side|network|model|function))?(?:['’]s)? (?:vocabular|learning rate|lr\b|step size|batch|dropout|embedding|sequence|length|layers)",
    re.I,
)
_PAIRED = re.compile(
    r"(?:vocabular|learning rate|\blr\b|step size|batch size|dropout|embedding|sequence length|layers)", re.I
)


def _side_of(name: str, text: str, start: int, end: int) -> str:
    """The word that tells a setting from another of its kind in the sentence: "an input vocabulary of …, an output vocabulary of …"."""
    if name not in ("vocab_size", "learning_rate", "dropout", "embedding_dim", "max_seq_len", "batch_size"):
        return ""
    told = list(_SIDE.finditer(text))
    if len({match.group("w") for match in told}) < 2:
        return ""
    before = [match for match in told if match.start() <= start]
    near = before[-1] if before else None
    if near is None or start - near.end() > 40 or re.search(r"\d", text[near.end() : start]):
        return ""
    return near.group("w")


_OF_PARTS = re.compile(
    r"(?:layers|hidden_size|hidden_units|ffn_size|heads|filters|feature_maps|filter_sizes|activation|dropout|embedding_dim|"
    r"learning_rate|vocab_size|max_seq_len|weight_decay|epochs|steps|batch_size|optimizer|maxout_units|lr_schedule)"
)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """The match that begins last, of those that all reach to the end of the text."""
    found = pattern.search(text)
    while found and (later := pattern.search(text, found.start() + 1)):
        found = later
    return found


def part_of(name: str, text: str, start: int, end: int) -> str:
    """The part of a model that the value of `name` at [start, end) of a sentence holds for, "" where none is named."""
    if not _OF_PARTS.fullmatch(name):
        return ""
    if side := _side_of(name, text, start, end):
        return side
    before = text[:start]
    number = re.match(r"[\w.,^]+(?<![.,])", text[start:])  # a wording may reach past the part
    after = text[start + number.end() :] if number and text[start].isdigit() else text[end:]
    counted = name in (
        "layers",
        "heads",
        "hidden_units",
        "hidden_size",
        "filters",
        "feature_maps",
        "activation",
        "ffn_size",
    )
    behind = _BEHIND.match(text, end) if name == "layers" else None
    for match in (
        behind,
        _OWNER.search(before) if "'" in before or "’" in before else None,
        _ALL_OF.search(before),
        _OBJECT.search(before),
        _AHEAD.match(after) if counted or name in ("dropout", "learning_rate", "optimizer") else None,
        _last(_SUBJECT, before) if counted or name in ("steps", "epochs", "dropout") else None,
        _ARTICLE.search(before) if counted else None,
    ):
        if match is not None:
            return _tidy(match.group("w"))
    return ""


_MENTION = re.compile(
    rf"(?:(?<!from )(?<!by )(?<!into )(?<!top )(?<!top of )\b(?:the|our|its|each|both|The|Our|Its) |^(?:An?|an?) |\b(?:for|in) (?:an? )?){_NOUN}(?:['’]s)?(?! (?:outputs?|inputs?|states?|embeddings?|tokens?|features?|representations?|weights|side|learning)\b)"
)
_CARRIED = re.compile(
    rf"(?:^|(?<=[.?!] ))(?:The|Our|Its|An?|We (?:use|employ|train|adopt|have) (?:an?|the|our)|(?:For|As) (?:the|our|an?)) {_NOUN}(?: (?:network|model|module))?,? (?:is|are|has|have|consists?|contains?|comprises?|uses?|follows?|takes?|we|with|maps|predicts|receives|outputs|that|which)\b[^.]*"
)
_GOES_ON = re.compile(
    r"(?:It|Its|They|Their|This|These|That|The (?:network|model|module)s?)\b(?! (?:experiments?|results?|setting|section|work|paper|is because|means|makes?|ensures?|leads?))"
)


def part_in_clause(name: str, clause: str) -> str:
    """The only part of a model that the clause of a value names as its own: "the rate for the critic is …"."""
    if not _OF_PARTS.fullmatch(name):
        return ""
    found = {_tidy(match.group("w")) for match in _MENTION.finditer(clause)}
    return found.pop() if len(found) == 1 else ""


def part_carried(name: str, before: str, text: str) -> str:
    """The part that the sentences before are about, for one that goes on about it: "The critic is … It is trained with …"."""
    if not _OF_PARTS.fullmatch(name) or not _GOES_ON.match(text):
        return ""
    sentences = re.split(r"(?<=[.?!]) ", before.rstrip())[-3:]
    for sentence in reversed(sentences):
        if match := _CARRIED.match(sentence):
            return _tidy(match.group("w"))
        if not _GOES_ON.match(sentence):
            return ""
    return ""


def part_of_opening(name: str, text: str, paragraph: str) -> str:
    """The part that a list item's heading names ("• Projection MLP. …"), for sentences that go on about it ("This MLP has …")."""
    listed = _LISTED.match(paragraph)
    goes_on = _THIS.match(text)
    return _tidy(listed.group("w")) if listed and goes_on and _OF_PARTS.fullmatch(name) else ""


def part_of_title(title: str) -> str:
    """The part that a heading is about when it names nothing else: "Image encoder"."""
    match = _TITLE.fullmatch(title.strip(" ."))
    return _tidy(match.group("w")) if match and not match.group("w").endswith("ers") else ""


def _tidy(words: str) -> str:
    return words if re.search(r"[A-Z]{2}", words) else words[:1].lower() + words[1:]
