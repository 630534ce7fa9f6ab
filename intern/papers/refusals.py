# ruff: noqa: E501  the patterns are data, one a line
"""What makes a number that stands beside a setting's name no setting of this paper: the words right around it."""

from __future__ import annotations

import re

from intern.papers.claims_in_general import named_only
from intern.papers.wordings_schedules import of_later_stage

_OTHERS = re.compile(
    r"\b(?:et al\.?,? (?:\(\d{4}\w?\)|\[\d+\])? ?(?:originally |also |all |first )?(?:used|use|trained?|report|employ|set)|"
    r"[Tt]he original [A-Z][\w-]+(?: \w+)? (?:us(?:es|ed)|is|was|trains?|has|had)|previous work "
    r"(?:used?|trained)|they (?:used?|trained?|set|train)|"
    r"et al\.?,? (?:\(\d{4}\w?\)|\[\d+\])?,? ?(?:who|which|that) (?:\w+ )?(?:train|use|set|employ)|"
    r"[Pp]rior (?:approaches|methods)|"
    r"\b(?:we|they) (?:omit|exclude)\b|\b(?:original|design|architecture|setup|method) (?:\w+ ){0,2}(?:by|of) [A-Z][\w-]+ et al|"
    r"\b(?:the )?authors (?:of|in) (?:\[\d|[A-Z])[^.;]{0,40}?\b(?:report|use|set|train|suggest|recommend|chose|employ)|"
    r"prior work|previously (?:used|reported)|in contrast to \w+ (?:et al|\[))",
    re.I,
)
_INSTEAD = re.compile(
    r"\b(?:instead of|rather than|compared (?:to|with)|as opposed to|in place of|unlike|not)\b\s*(?:an? |the |using )*(?:\w+ ){0,2}$",
    re.I,
)
_SYMBOL_BEHIND = re.compile(r"(?!d(?:im)?\.? [a-z])(?![kKMBTxXeE](?![a-z]))[A-Za-z](?![\w])")
"""A letter right behind a number: "4H" is four times H, not 4."""
_LABELLED = re.compile(
    r"\b(?:section|sec\.|table|figure|fig\.|eq\.|eqn?s?\.?|equation|appendix|chapter|version|page|step|stage|phase|line)\s*\(?$",
    re.I,
)
_TOO = re.compile(
    r",? (?:to be|was|is|proved|turned out) too (?:high|low|large|small)|"
    r",? (?:which )?(?:resulted|led) (?:in|to) (?:\w+ )?(?:\w+ and )?(?:instab|oscill|diverg)|"
    r",? (?:(?:the|our) )?(?:training|optimi[sz]ation|models?|it|runs?|networks?) (?:\w+ )?(?:diverge|(?:became|becomes|was|were|is) unstable|collapse|fail)"
)
_CONTRAST = re.compile(r"[^.;]{0,80}?,? (?:whereas|while|but) (?:we|ours?)\b")
_NAMED_FIRST = re.compile(
    r"(?:The |In |For |Unlike )?(?:[A-Z][\w-]*[A-Z\d][\w-]*|[Pp]revious|[Pp]rior|[Tt]hey|[Oo]thers|[Ee]arlier)"
)
_CHANGE = re.compile(
    r"(?:^|[;:,] |\bthat |\bwhen )(?:increas|rais|reduc|decreas|lower|doubl|halv|enlarg|scal|chang|shrink|grow|mov|go)ing\b[^.;,]{3,70}$",
    re.I,
)
_CAME_OF_IT = re.compile(
    r"[^.;]{0,70}?\b(?:(?:improv|degrad|hurt|yield|help|harm|worsen|boost|drop|rais|increas|decreas|reduc)(?:s|es|ed)?|(?:lead|result)s?|led|resulted|gives?|gave|makes?|made|brings?|brought|has (?:no|little)|had (?:no|little)|(?:does|did) not)\b"
)
_PART = re.compile(r"\b(?:per[- ](?:device|gpu|core|worker|node)|micro|local)(?:[- ]\w+)?[- ]$", re.I)


_WHOLE_BEHIND = re.compile(
    r"[^.;]{0,60}?\b(?:i\.e\.,?|giving|yielding|resulting in|for a total of|totall?ing|leading to|so that|thus|hence) (?:an? )?(?:\w+ ){0,6}?\d+"
)


def _is_part_of_batch(text: str, at: int, end: int) -> bool:
    """Whether a batch is the share of one device and the sentence gives the whole one too."""
    if _PART.search(text[:at]) and _WHOLE_BEHIND.match(text, end):
        return True
    part = _PART.search(text[:at]) or re.match(r"[^.;,]{0,20}\bper (?:gpu|device|core|card|node)", text[end:], re.I)
    if part and re.match(r"[^.;]{0,70}?\b(?:in total|altogether|overall)\b", text[end:]):
        return True
    return bool(part and re.search(r"\b(?:effective|total|global|overall)\b[^.;]{0,25}batch", text, re.I))


def _told_of_others(text: str, raw: str, start: int, end: int) -> bool:
    """Whether the words around say that others set the value, or that it is only what a change was tried with."""
    if _INSTEAD.search(text[:start]) or _OTHERS.search(raw[:end]):
        return True
    ahead = re.sub(r"\b[Ww]e (?:note|notice|remark|observe|emphasi[sz]e|stress) that\b", "", text[:start])
    if (
        (_NAMED_FIRST.match(text) or ahead != text[:start])
        and _CONTRAST.match(text, end)
        and not re.search(r"\b(?:we|our)\b", ahead, re.I)
    ):
        return True
    return bool(_CHANGE.search(text[:start]) and _CAME_OF_IT.match(text, end))


_HOW_MANY = re.compile(
    r" (?:(?:different|distinct|candidate|possible|various|values of(?: the)?|initial|hidden|embedding|word|training) ){0,2}"
    r"(?:learning[- ]rates|batch[- ]sizes|(?:dropout |decay )rates|dropouts|(?:hidden|embedding|kernel|filter|beam|model|vocabulary|layer) sizes|step sizes|"
    r"sizes|dimensions (?:\{|\()|weight decays|temperatures|schedules|optimi[sz]ers|(?:values|settings|choices|options|configurations) (?:of|for)\b)"
)
"""What says that a number counts the values that were tried."""
_LENGTH_OF_EACH = re.compile(
    r"\d\S* (?:[\w-]+ )?(?:sequences|contexts|documents|segments|windows|clips|videos|utterances|examples|samples|sentences) (?:of|with) (?:length |size )?$"
)
"""What stands before the length of the examples of a batch, which is not how many there are."""
_PART_OF_LAYERS = re.compile(
    r"\([^()]*\d+ (?:conv\w*\.?|fully[- ]connected|FC|dense|pooling|linear)(?: layers?)?(?:,? and|,| \+) $", re.I
)
_STEM = re.compile(r"\b(?:stem|front-?end|sub-?sampl\w+|down-?sampl\w+)\b[^.;,]{0,45}$", re.I)
"""A small part before or behind the network: its layers are not the network's."""
_NOT_FIRST = re.compile(r"\d[\d,.]*[kKM]?(?: [a-z]+){0,3}(?: ?/ ?|,? and |, )$")
_OF_A_SPLIT = re.compile(
    r"[^.;\d]{0,30}?\b(?:train\w*(?:,| ?/|,? and)? (?:valid|dev|test)|(?:for|in) (?:the )?(?:valid|dev|test))", re.I
)

_SHAPED = re.compile(r"\s?(?:[\w-]+ )?(?:filters|kernels|channels|feature maps) of (?:size )?\d+\s?[×x]")


_NEVER_BEHIND = {
    "epochs": re.compile(
        r" epochs,? (?:we|the (?:learning )?rate|it|this) (?:is |was )?(?:then |start(?:ed)? to |begins? to |further )?(?:decreas|reduc|halv|lower|drop|divid|decay|anneal|multipl|stop)"
        r"|[^.;]{0,140}\bfor a total of \d+ (?:\w+ )?epochs\b",
        re.I,
    ),
    "train_examples": re.compile(r" ?%? ?[/:] ?\d{1,2}\b(?![\d,.]*[kKM\d])"),
    "steps": re.compile(
        r" (?:time-?\s?)?steps (?:of \w+ )?(?:before|between|per) (?:(?:each|every|the|two) )?(?:policy |network |parameter )?updates?"
    ),
    "frames": re.compile(r" (?:\w+ )?(?:frames|steps) (?:required|needed|to (?:match|reach|exceed))\b", re.I),
    "layers": re.compile(
        r"[\w -]{0,40}?\b(?:per|in each|at each|for each|in every) (?:resolution|scale|stage|level|module|block|cell|unit|branch)",
        re.I,
    ),
    "embedding_dim": re.compile(
        r"[- ]?(?:dimensional|d|dim)[- ](?:\w+ )?(?:hidden|latent|noise|uniform|gaussian|random|context|output|feature|state|binary|one-hot|sinusoidal|frequency)\b",
        re.I,
    ),
    "hidden_units": re.compile(
        r" (?:\w+ ){0,2}?(?:units|neurons|nodes|cells),? (?:and|while|the|whereas)(?: the)? (?:second|next|other)(?: one| layer)?(?: has| have| with)? \d"
    ),
    "max_seq_len": re.compile(r" ?(?:acoustic |speech |feature )?frames\b(?![^.;]*video)|[- ]?(?:pixels?|px)\b"),
    "feature_maps": re.compile(r" (?:frequency|mel) (?:channels|bins|bands)"),
    "batch_size": re.compile(r"[^.;]{0,40}\b(?:to (?:measure|time|benchmark)|latency|fps)\b", re.I),
}
"""What stands right behind a value that is of something else, by setting."""
_NEVER_BEFORE = {
    "hidden_size": re.compile(
        r"\b(?:feed-?\s?forward|ffn|mlp|experts?|intermediate|inner)(?: [a-z]+)? hidden (?:size|dim\w*)(?: [a-z]+){0,3} $",
        re.I,
    ),
    "learning_rate": re.compile(
        r"\b(?:min(?:imum|imal)?\.?|final|end(?:ing)?|lowest|terminal|smallest) (?:learning[- ]rate|lr)(?: (?:of|is|was|to|at|set|=))* $",
        re.I,
    ),
    "frames": re.compile(
        r"\b(?:start|begin|beg[au]n|commenc|match|surpass|reach|learn\w*|achiev|exceed|outperform)\w*\b[^.;]{0,60}\bafter (?:only |the first |about )?$|^after $",
        re.I,
    ),
    "layers": re.compile(r"\bparticular $", re.I),
    "feature_maps": re.compile(r"\bmasks?\b[^.;]{0,40}$", re.I),
    "bptt": re.compile(r"\b(?:environments?|envs|actors?|rollouts?|polic(?:y|ies))\b[^.;]*$", re.I),
    "horizon": re.compile(r"\b(?:input length|look-?\s?back|forecast\w*|history)\b[^.;]*$", re.I),
    "batch_size": re.compile(
        r"\b(?:measur|benchmark|tim)\w*\b[^.;]{0,60}\b(?:times?|speed|latency|throughput|fps)\b[^.;]{0,40}$|"
        r"\b(?:evaluat\w+|inference|test(?:ed|ing)?) (?:(?:is|are|was|were|done|performed|run) )*(?:with|using|in|on) (?:an? )?(?:mini-?)?batch(?:es)?(?: sizes?)?(?: of)? $|"
        r"\b(?:[Dd]uring|[Ff]or|[Aa]t|[Ii]n) (?:inference|testing|test time),? (?:we |the |a )[^.;]{0,40}$|\bb(?:atch)? ?normali[sz]ation\b[^.;]{0,20}$",
        re.I,
    ),
    "epochs": re.compile(
        r"\([~∼≈] ?$|\b(?:momentum|temperature|coefficient|kl|β|teacher)\b[^.;]{0,40}\b(?:increas|ramp|rais|anneal|warm)\w*\b(?:[^.;]|\.\d){0,50}\b(?:over|during|for|within|in)(?: the)?(?: first)? $|\b(?:doubl|increas|rais|grow|switch|unfreez|freez|enabl|introduc)\w*[^.;]{0,60}\bafter (?:the first )?$",
        re.I,
    ),
    "train_examples": re.compile(r"\d\S* (?:out )?of the $"),
    "grad_clip": re.compile(r"[lLℓ]_?\s?$"),
    "steps": re.compile(
        r"(?:ε|ϵ|epsilon|exploration)(?:[^.;]|\.\d){0,40}?\b(?:decay|anneal|decreas|reduc)\w*(?:[^.;]|\.\d){0,40}\b(?:in|over|within|during|for) (?:the first )?$|"
        r"\b(?:windows?|sequences|segments|horizons?|chunks|trajectories|episodes) of (?:length )?$",
        re.I,
    ),
    "momentum": re.compile(r"\b(?:queue|key encoder|dictionary|target network|teacher|slowly)\b[^.;]*$", re.I),
}
"""The same for what stands before it."""


def _last_of_list(before: str) -> bool:
    """Whether a number is the last of a list of its kind, not the next setting after "kernels of width 3 and"."""
    return bool(
        re.search(r"\d,? and $", before)
        and not re.search(r"\b(?:width|sizes?|length|strides?|kernels?)(?: of)? \d+,? and $", before)
    )


_OF_WEIGHTS = re.compile(r"\b(?:weights?|filters?|rows?|columns?|incoming|max-?norm)\b[^.;]{0,60}$", re.I)


def _elsewhere(name: str, text: str, before: str, end: int) -> bool:
    """Whether the words right before or behind a value of this setting say that it is one of something else."""
    behind, ahead = _NEVER_BEHIND.get(name), _NEVER_BEFORE.get(name)
    if (behind and behind.match(text, end)) or (ahead and ahead.search(before)):
        return True
    return name == "grad_clip" and bool(_OF_WEIGHTS.search(before)) and not re.search(r"grad|\bclip", text, re.I)


def _are_nodes_of_graphs(text: str, start: int, end: int) -> bool:
    near = text[max(0, start - 50) : end + 20]
    return (
        re.search(r"\bnodes\b", near) is not None
        and re.search(r"\bedges?\b|\bgraphs?\b|\bvertices\b|\bneighbou?r|\bdirected\b", text, re.I) is not None
        and re.search(r"\bhidden|\blayers?\b|\bunits\b|\bneurons\b", near) is None
    )


def refused(name: str, text: str, raw: str, span: tuple[int, int], named_at: int) -> bool:
    """Whether the words around the value at `span`, of the setting `name` that is named at `named_at`, say that nobody set it here.

    `raw` is the text with the full stops of "et al.".
    """
    start, end = span
    before = text[:start]
    if (
        named_only(name, text, start, end)
        or _told_of_others(text, raw, start, end)
        or of_later_stage(text, start, name)
    ):
        return True
    if _SYMBOL_BEHIND.match(text, end) and not text[start:end].endswith("}"):
        return True
    if re.match(r"\s?/\s?(?:√|sqrt|[A-Za-z(])(?!\w)", text[end:]):
        return True  # a part of a quotient
    if _HOW_MANY.match(text, end) and re.fullmatch(r"[2-9]|[1-9]\d|[a-z]+", text[start:end]):
        return True
    if _LABELLED.search(text[max(0, start - 14) : start]):
        return True
    if re.match(r"(?:st|nd|rd|th)\b", text[end:]) or (
        text[start:end].lower() == "one" and text[end:].startswith(" of ")
    ):
        return True
    if name == "layers" and (_PART_OF_LAYERS.search(before) or _STEM.search(before)):
        return True
    if (
        name == "max_seq_len"
        and re.search(r"\bfrom $", before)
        and re.match(r"[kK]?(?: tokens)? to \d(?![^;]*\b(?:during|phase|stage)\b)", text[end:])
    ):
        return True  # what it was before
    if (
        name == "train_examples"
        and re.fullmatch(r"(?:19|20)\d\d", text[start:end])
        and re.search(r"[A-Z]\w*[- ]$", before)
    ):
        return True  # the year of a data set
    if name == "hidden_units" and _are_nodes_of_graphs(text, start, end):
        return True
    if name == "train_examples" and re.match(r" training(?:,? (?:and )?\d+ \w+)+ classes\b", text[end:]):
        return True  # classes to learn from
    if name == "train_examples" and _NOT_FIRST.search(before) and _OF_A_SPLIT.match(text, end):
        return True  # of the validation or test part
    if name == "train_examples" and re.search(r"\b(?:than|at least|at most) $", before):
        return True  # a bound
    if name in ("steps", "epochs", "layers", "heads") and re.search(
        r"(?<!from )\b\d[\d.,kM]* (?:to|and up to) $|\bbetween \S+ and $", before
    ):
        return True  # the end of a range
    if name == "batch_size" and _is_part_of_batch(text, named_at, end):
        return True
    if (
        name == "batch_size"
        and _LENGTH_OF_EACH.search(before)
        and re.match(r" ?(?:[\w-]+ )?(?:tokens|frames|words|characters|steps|seconds)", text[end:])
    ):
        return True
    if name == "layers" and re.search(
        r"\b(?:first|last|top|bottom|final|lower|upper|other|remaining|previous) $", before
    ):
        return True  # some of them
    if _elsewhere(name, text, before, end):
        return True
    if name in ("feature_maps", "filters") and (_SHAPED.match(text, end) or _last_of_list(before)):
        return True  # told with its shape, or the last of a list
    if (
        name == "adam_beta1"
        and not text[start:end].strip("0. ")
        and not re.search(r"adam|optimi|(?:β|beta)_?\s?2", text, re.I)
    ):
        return True  # a coefficient of something else
    if (
        name == "learning_rate"
        and re.search(r"\bdecay(?:s|ed|ing)?(?: \w+)? to $", before)
        and not re.search(r"\bfrom\b[^.;]*\bto $", before)
    ):
        return True  # where it ends
    if (
        name == "learning_rate"
        and re.search(r"(?:step[- ]?size|\bdrops?)[^.;\d]{0,12}$", before, re.I)
        and re.fullmatch(r"[1-9]|\d\d+", text[start:end])
    ):
        return True  # how many epochs a step of the schedule takes
    return bool(_TOO.match(text, end) or (name == "learning_rate" and text[:end].endswith("%")))
