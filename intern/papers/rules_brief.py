# ruff: noqa: E501  the patterns are data, one a line
"""Settings in brief: lists of sizes and rates with few words between, "peaking at 1e-3", "3% warm-up", "Length: 512"."""

from __future__ import annotations

from intern.papers.rules import ONE, Builder

TINY = r"(?P<v>0?\.0\d*|\d(?:\.\d+)?e-\d+|(?:\d(?:\.\d+)? ?[×x·] ?)?10\s?\^\s?-\s?\d)"
"""A number that is hardly anything but a learning rate or a penalty."""
LOWERS = r"\b(?:decay|anneal|reduc|decreas|multipl|dropp?|lower|scal|shr[iau]nk)\w*"


def brief(make: Builder) -> None:
    add = make.add
    add("learning_rate", 1e-8, 1, keys="peak|rate|ramp|warm|adam|sgd|rms|lamb|adafactor", lists=False, tight=True,
        raw=(rf"\bpeak(?:s|ing|ed)? (?:at|of|value of) {TINY}",
             rf"\b(?:learning rate|lr) (?:is |was )?(?:\w+ly )?(?:ramp|warm|increas|ris|grow)\w*(?:[^.;]|\.\d){{0,60}}? to {TINY}",
             rf"\b(?:epochs|iterations|steps) (?:with|at) (?:an? )?(?:(?:constant|initial|fixed) )?rate of {ONE}",
             rf"\b(?:adam\w?|sgd|rmsprop|lamb|adafactor) \({TINY}\)",
             rf"(?:^|[.;,|] )[Rr]ate: ?{TINY}"),
        reject=r"dropout|decay|mask|noise|β|ε")  # fmt: skip
    add("learning_rate", 1e-8, 1, keys="adam", lists=False, tight=True,
        raw=(rf"\badam\w?\b(?:[^.;]|\.\d){{0,80}}?(?:α|η) (?:is |was )?(?:set to|to|of|at) {TINY}",))  # fmt: skip
    add(
        "weight_decay",
        1e-9,
        0.5,
        keys="decay",
        lists=False,
        tight=True,
        raw=(rf"\bdecay(?:ed|ing)? (?:the |all )?weights (?:by|with|at) {TINY}",),
    )
    add(
        "warmup_steps",
        1,
        1e7,
        whole=True,
        keys="warm",
        lists=False,
        tight=True,
        raw=(rf"(?<![\w.]){ONE} of which (?:are|is|were) (?:used for |for )?(?:linear )?warm-?\s?up",),
    )
    add(
        "steps",
        10,
        1e9,
        whole=True,
        keys="of which",
        lists=False,
        tight=True,
        raw=(rf"(?<![\w.]){ONE} (?:training )?(?:steps|iterations|updates),? (?:of which|\d\S* of which)",),
    )
    add(
        "hidden_size",
        4,
        1e5,
        whole=True,
        keys="-wide",
        lists=False,
        tight=True,
        raw=(rf"(?<![\w.]){ONE}-wide (?:[\w-]+ )?(?:transformer|network|mlp|encoder|decoder|model)",),
    )
    add("max_seq_len", 4, 2e6, whole=True, keys="number of", lists=False, tight=True,
        raw=(rf"\bmax(?:imum|imal|\.)? number of (?:input )?(?:tokens|words|sub-?words|word-?pieces) (?:(?:is|was|to|of|set|at|=) ?)+{ONE}",), reject=r"generat|output|new")  # fmt: skip
    add(
        "gae_lambda",
        0.3,
        1,
        keys="advantage",
        lists=False,
        tight=True,
        raw=(rf"\badvantages?\b[^.;\d]{{0,40}}λ ?(?:=|of) ?{ONE}",),
    )
    onpolicy = r"\b(?:ppo|a2c|a3c|impala|trpo)\b[^;]{0,140}?"
    add("clip", 0.01, 1, keys="ppo", lists=False, tight=True, raw=(rf"\bppo\b[^;]{{0,140}}?\bclip(?:ping)? {ONE}",))
    add("entropy_coef", 0, 1, keys="ppo|a2c|a3c|impala", lists=False, tight=True, raw=(rf"{onpolicy}\bentropy {ONE}",))
    add(
        "num_actors",
        1,
        1e6,
        whole=True,
        keys="environments|envs",
        lists=False,
        tight=True,
        raw=(rf"{onpolicy}(?<![\w.]){ONE} (?:parallel )?(?:environments|envs)\b",),
    )
    add("train_examples", 50, 1e12, whole=True, keys="labelled|labeled|set|data", lists=False, tight=True,
        raw=(rf"\btrain\w* on {ONE} labell?ed (?:[a-z]+ )?and \d[\d,.kM]* unlabell?ed",
             rf"\b(?:sft|instruction(?:-tuning)?|training|fine-tuning|preference) (?:set|data ?set|data|corpus) (?:has|contains|comprises|of|with|consists of|holds) {ONE} (?:[a-z-]+ ){{0,2}}?(?:prompts|problems|examples|samples|pairs|images|sentences|documents|dialogues|questions|utterances|comparisons)"))  # fmt: skip
    add("grad_clip", 1e-3, 1e4, keys="gradient", lists=False, tight=True,
        raw=(rf"\bgradient norms? (?:above|over|larger than|exceeding|greater than|beyond) {ONE}(?= (?:is|are|was|were|get))",
             rf"\bgradients?\b[^.;\d]{{0,40}}?\b(?:l|ℓ)_?2[- ]norm (?:of )?(?:at most )?{ONE}"))  # fmt: skip
    add("batch_size", 2, 5e7, whole=True, keys="batch", lists=False, tight=True,
        raw=(rf"\bbatch sizes?\b[^.;\d]{{0,60}}(?:namely|i\.e\.,?|viz\.) {ONE}",
             rf"\bbatch size (?:is|was) (?:\w+ )?(?:doubled|quadrupled|grown|increased|raised) from {ONE}"))  # fmt: skip
    add("layers", 1, 2000, whole=True, keys="layers", lists=False, tight=True,
        raw=(rf"\b(?:[Ii]ts|[Tt]he|[Oo]ur|[Aa]ll) {ONE} layers (?:each )?have\b",), reject=r"first|last")  # fmt: skip
    add("layers", 1, 2000, whole=True, keys="conv", lists=False, tight=True, weight=0.9,
        raw=(rf"\b(?:applies|applying|uses?|with|of|has|have|stacks?|contains?|attach\w*) {ONE} \d ?[×x] ?\d (?:conv\w*) layers\b",))  # fmt: skip
    for name, words in (("layers", r"(?:\w+ )?(?:layers|blocks)"), ("heads", r"(?:attention )?heads")):
        add(name, 1, 2000, whole=True, keys=name, tight=True, raw=(rf"(?<![\w.,/])(?P<v>\d+(?: ?/ ?\d+)+) {words}\b",))
    data = r"(?:examples|images|samples|sentences|pairs|documents|reviews|articles|questions|videos|clips|utterances|tweets|graphs|posts)"
    add("train_examples", 50, 1e12, whole=True, keys="train", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE} (?:[a-z-]+ ){{0,2}}?{data} (?:for|as|in) (?:the )?(?:training|train)\b(?! ?(?:,|/|and|or) ?(?:test|valid|dev|eval))",
             rf"(?<![\w.]){ONE} (?:out )?of the \d[\d,.kKM]* (?:[a-z-]+ )?{data} (?:are |were )?(?:used )?(?:for|as|in) (?:the )?train"))  # fmt: skip
    add("horizon", 2, 1e7, whole=True, keys="acts|interacts|act ", lists=False, tight=True,
        raw=(rf"\b(?:polic(?:y|ies)|agents?|actors?|workers?) (?:inter)?acts? (?:\w+ ){{0,3}}?for {ONE} (?:time-?\s?)?steps (?:before|between|per)",))  # fmt: skip
    add("lr_decay_factor", 1e-4, 0.9999, keys="decay|anneal|reduc|decreas|multipl|drop|lower|scal", lists=False, tight=True,
        raw=(rf"(?:learning rate|\blr|step size|rate)\b(?:[^.;]|\.\d){{0,70}}?{LOWERS}(?: it)? by (?:a factor of )?(?P<v>0\.\d+) (?:per|every|each|after (?:each|every)) ",),
        reject=r"dropout|weight decay|epsilon|ε|momentum|explor")  # fmt: skip
    add("lr_decay_factor", 1e-4, 0.9999, keys="exponential rate|factor", lists=False, tight=True,
        raw=(rf"{LOWERS} every [\w ]{{1,20}} (?:with|by|using) an? (?:exponential )?(?:rate|factor) (?:of )?(?P<v>0\.\d+)",),
        reject=r"dropout|weight|ε")  # fmt: skip
    add("rmsprop_decay", 0.5, 0.9999, keys="rmsprop", lists=False, tight=True, context=True,
        raw=(rf"\bsmoothing constant(?: (?:is|was|set|of|to|at|=))+ ?{ONE}",))  # fmt: skip
    add("embedding_dim", 2, 20000, whole=True, keys="embeddings", lists=False, tight=True,
        raw=(rf"\b[dDkK] ?= ?{ONE} for (?:the |all )?(?:\w+ )?embeddings\b",))  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="width", lists=False, tight=True,
        raw=(rf"\b(?:layers|heads),? (?:and )?(?:an? )?width (?:of )?{ONE}",))  # fmt: skip
    add("warmup_ratio", 1e-4, 0.6, keys="warm", lists=False, tight=True,
        raw=(r"(?P<v>\d+(?:\.\d+)?\s?%)(?: of)? (?:linear |lr |learning[- ]rate )?warm-?\s?up\b",))  # fmt: skip
    add("epochs", 1, 2e4, keys="epochs", lists=False, tight=True, weight=0.9,
        raw=(rf"(?<![\w.]){ONE} (?:optimi[sz]ation|ppo|sgd|update|gradient) epochs\b",))  # fmt: skip
    add("batch_size", 2, 5e7, whole=True, keys="tokens per", lists=False, tight=True,
        raw=(rf"\b(?:maximum|max\.?|total|up to|at most)(?: of)? {ONE} tokens (?:per|on each|in each) (?:gpu|device|(?:mini-?)?batch|card|update)",))  # fmt: skip
    add("max_seq_len", 4, 2e6, whole=True, keys="context|length|windows|sequences", lists=False, tight=True,
        raw=(r"\b(?:with|and|has|have|uses?|using|,) (?:an? )?(?:training )?context of (?P<v>\d[\d,]{2,}[kK]?|\d+[kK])(?=[,.;)]| tokens| and|$)",
             rf"(?:^|[.;,|] )(?:[Mm]ax(?:imum|\.)? )?[Ll]ength: ?{ONE}(?=[.;,|]|$)",
             rf"\bwindows of (?:length )?{ONE} (?:hours|days|steps|time-?\s?steps|points|minutes|weeks)\b",
             r"\bsequences of (?P<v>\d[\d,]{2,}[kK]?|\d+[kK])(?= and [\d.,]+[kKM]? tokens per)"),
        reject=r"average|forecast")  # fmt: skip
    add("filter_sizes", 1, 100, whole=True, keys="filters|kernels", tight=True,
        raw=(rf"\b(?:filters|kernels) (?:with|of|having) (?:an? )?window(?:s| size| width)? (?:of )?(?:size )?{ONE}(?! ?[×x])",))  # fmt: skip
    add("replay_memory", 100, 1e9, whole=True, keys="buffer|memory", lists=False, tight=True,
        raw=(rf"\b(?:replay |experience )?buffer (?:holds|stores|keeps|contains|has) (?:up to |at most |the last )?{ONE}(?=[,.;]|$| and )",))  # fmt: skip
    add("embedding_dim", 2, 20000, whole=True, keys="embeddings are", lists=False, tight=True,
        raw=(rf"\b(?:[Aa]ll|[Oo]ur|[Tt]he) (?:learned |id |input )?embeddings are {ONE}[- ]dim",))  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="depth", lists=False, tight=True,
        raw=(rf"\bdepth (?:of (?:the |our )?[\w-]+ )?(?:to|is|of|=) ?\d+,? and (?:its |the |an? )?width (?:to|is|of|=) ?{ONE}",))  # fmt: skip
