# ruff: noqa: E501  the patterns are data, one a line
"""Settings that are described, not named: "a 500-step warm-up", "networks with depth 28", "two 64-unit hidden layers", "drop 10% of the units"."""

from __future__ import annotations

from intern.papers.rules import ONE, Builder
from intern.papers.rules_clauses import TOKENS

EXAMPLES = (
    r"(?:[\w-]+ )?(?:examples|samples|images|sequences|sentences|instances|utterances|pairs|videos|clips|documents|graphs|windows|"
    r"episodes|trajectories|transitions|users|sessions|points|molecules|queries|contexts|segments|crops|patches|points|tasks|triplets)"
)
BE = r"(?:is|was|are|were|be|being|of|to|at|as|set|fixed|equals?|chosen|=|:)"


def described(make: Builder) -> None:
    _rates(make)
    _sizes(make)
    _batches_and_runs(make)


def _rates(make: Builder) -> None:
    add = make.add
    units = r"(?:[\w-]+ ){0,2}?(?:units|neurons|activations|nodes|features|weights|connections|embeddings|words|tokens|inputs|channels|edges)"
    dropping = r"\b(?:drop(?:s|ped|ping)?(?: out)?|zero(?:es|ed|ing)?(?: out)?)"
    add("dropout", 0.001, 0.95, keys="drop|zero", lists=False, tight=True,
        raw=(rf"{dropping} (?P<v>\d+(?:\.\d+)?\s?%) of (?:the |all |its |their )?{units}",
             rf"{dropping} \d+(?:\.\d+)?\s?% of (?:the |all )?{units},? and (?P<v>\d+(?:\.\d+)?\s?%) of (?:the |all )?{units}",
             rf"(?P<v>\d+(?:\.\d+)?\s?%) of (?:the |all |its |their )?{units} (?:is|are|was|were) (?:randomly )?(?:dropped|zeroed|set to zero)"),
        reject=r"data set|training (?:words|tokens)|graph|edges|masked|inputs? (?:words|tokens)")  # fmt: skip
    add("weight_decay", 1e-9, 1, keys="l2|ℓ2|weight decay", lists=False, tight=True,
        raw=(rf"(?:l_?\s?2|ℓ_?2)[- ](?:regulari[sz]ation|penalty|norm)\b[^.;\d]{{0,50}}?\b(?:multiplier|weight|coefficient|factor|strength|magnitude|constant|with|by)(?: {BE}| by)*\s?(?:λ ?= ?)?{ONE}",),
        reject=r"constrain|clip|gradient|momentum|learning|dropout")  # fmt: skip
    add("warmup_steps", 1, 1e7, whole=True, keys="warm|ris|ramp|increas", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE}[- ](?:step|iteration|update|batch|minibatch)s?(?: linear| initial)?(?: learning[- ]rate)? warm-?\s?up",
             rf"(?:learning rate|\blr\b)(?:[^.;]|\.\d){{0,50}}? (?:rais|increas|ramp|warm|grow)\w*(?:[^.;]|\.\d){{0,50}}? (?:within|in|over|during) (?:the )?(?:first )?{ONE} (?:\w+ )?(?:steps|updates|iterations)",
             rf"\b(?:ramp|rais|increas|warm)\w* (?:up )?the (?:learning rate|lr)(?: up)?(?: linearly)? (?:within|in|over|during|for) (?:the )?(?:first )?{ONE} (?:\w+ )?(?:steps|updates|iterations)"))  # fmt: skip
    add("learning_rate", 1e-8, 30, keys="learning rate|lr", lists=False, tight=True,
        raw=(rf"(?:learning rate|\blr\b) (?:is |was )?(?:linearly )?warm\w*(?:[- ]up)?(?:[^.;]|\.\d){{0,50}}? to {ONE}",
             rf"(?:learning rate|\blr\b) (?:is |was )?(?:stays?|stayed|remains?|remained|held|kept)(?: fixed| constant)? at {ONE}",
             rf"(?:the )?(?:learning rate|\blr\b) (?:we )?(?:use[sd]?|employ(?:ed)?|chosen|adopted|selected) (?:for [\w -]{{3,30}} )?(?:is|was) {ONE}"))  # fmt: skip
    add("grad_clip", 1e-3, 1e4, keys="gradient", lists=False, tight=True,
        raw=(rf"\bgradients?\b[^.;\d]{{0,60}}\b(?:clip|limit|restrict|constrain|bound|truncat|cut)\w*[^.;\d]{{0,40}}?(?:±\s?|\[\s?[-−–]\s?\d[\d.]* ?, ?|\(\s?[-−–]\d[\d.]* ?, ?|between [-−–]\d[\d.]* and |[-−–]\d[\d.]* to ){ONE}",
             rf"\b(?:clip|limit|restrict|constrain|bound|truncat)\w*[^.;\d]{{0,20}}\bgradients?\b[^.;\d]{{0,40}}?(?:±\s?|\[\s?[-−–]\s?\d[\d.]* ?, ?|between [-−–]\d[\d.]* and |[-−–]\d[\d.]* to ){ONE}"))  # fmt: skip


def _sizes(make: Builder) -> None:
    add = make.add
    net = r"(?:networks?|models?|(?:[A-Z]\w*)?[nN]ets?|mlps?|transformers?|gnns?|gcns?|cnns?|rnns?|lstms?|encoders?|decoders?)"
    add("layers", 2, 2000, whole=True, keys="depth|hidden|blocks|layers deep", tight=True,
        raw=(rf"\b{net} (?:with|of|having) (?:an? )?depth (?:of )?{ONE}",
             rf"\b{ONE} \d+-(?:unit|neuron|node|cell|dimensional|dim|d)s? (?:\w+ )?(?:hidden|fully[- ]connected|dense|lstm|gru|recurrent) layers",
             rf"\bthere (?:are|were) {ONE} (?:\w+ )?(?:blocks|layers)\b",
             rf"\b{net} (?:is|are|was) {ONE} (?:blocks|layers) deep"),
        lists=False, reject=r"tree|forest|\b(?:first|last|top|bottom|final) \S+ ")  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="state|wide|width|unit|dimension|neuron|relu|dim", lists=False, tight=True,
        raw=(rf"\b(?:lstm|gru|rnn|encoder|decoder|model|network)s? (?:\w+ )?(?:has|have|with|uses?|of) (?:an? |the )?(?:hidden |internal |cell )?states? (?:of|with) (?:size |dimension(?:ality)? |width )?{ONE}\b",
             rf"\bhidden states?\b[^.;,\d]{{0,40}}? (?:is|are|has|have|was|were|of)(?: a)? {ONE}[- ]?(?:dimensional|dim|dimensions)\b",
             rf"\b(?:transformer|encoder|decoder|network|model|mlp|lstm|gru)s? (?:with|of) (?:an? |the )?(?:hidden |model |layer )?width (?:of )?{ONE}\b",
             rf"\b(?:residual stream|model|network|encoder|decoder|layers?|transformer|mlp)s? (?:is|are|was) {ONE}[- ](?:units |dimensions )?wide\b",
             rf"\b\d+ (?:transformer |encoder |decoder )?layers?(?:,| and|, and|,? with) {ONE} (?:hidden |model )?dim(?:ension)?s?\b(?! (?:of|in) (?:the )?(?:feed|mlp|word|token))",
             ),
        reject=r"convol|kernel|filter|embedding (?:size|dim)|output|softmax")  # fmt: skip
    add("hidden_units", 4, 1e5, whole=True, keys="-unit|-neuron|-node|-cell|relus|rectifiers|rectified|sigmoids", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE}-(?:unit|neuron|node|cell)s? (?:hidden|fully[- ]connected|dense|lstm|bi-?lstm|gru|recurrent|rnn|mlp|layers?)\b",
             rf"\b{ONE} (?:relus|rectifiers|rectified linear units|sigmoids|tanhs)\b"),
        reject=r"convol|kernel|filter|output|softmax")  # fmt: skip
    add("heads", 1, 512, whole=True, keys="head", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE}-head(?:ed|s)? (?:self-?\s?|multi-?\s?head |cross-?\s?)?(?:attention|transformer|encoder|decoder)\b",
             rf"\b\d+-layers?,? (?:and )?{ONE}-head(?:ed|s)?\b"))  # fmt: skip
    add("layers", 1, 2000, whole=True, keys="-layer", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE}-layers?, \d+-head(?:ed|s)?\b",))  # fmt: skip
    add("ffn_size", 8, 2e5, whole=True, keys="times|mlp|feed", lists=False, tight=True,
        raw=(rf"\b(?:mlp|feed-?\s?forward|ffn|inner)\b[^.;\d]{{0,40}}? (?:is|are|was|were) (?:\w+|\d) times (?:the |that of the |as (?:wide|large) as the )?[^.;\d]{{3,30}}?,? (?:i\.e\.,?|namely|that is,?|or|\(|giving) ?{ONE}",))  # fmt: skip
    add("feature_maps", 4, 20000, whole=True, keys="filters|kernels", tight=True,
        raw=(rf"\b{ONE} (?:\w+ )?(?:filters|kernels) (?:of|with)(?: an?)?(?: kernel| window| filter)? (?:width|size|length|window)",),
        reject=r"input")  # fmt: skip
    about = r"(?:words?|tokens?|characters?|tags?|entit(?:y|ies)|relations?|items?|users?|nodes?|labels?|symbols?|positions?|phonemes?|speakers?)"
    add("embedding_dim", 2, 20000, whole=True, keys="dim|-d ", lists=False, tight=True,
        raw=(rf"\b{about}\b[^.;\d]{{0,45}}?\b(?:by|as|with|using|into|to|in|onto) (?:an? )?(?:\w+ly )?(?:(?:learned|learnable|trainable|dense|shared|common|pre-?trained|continuous) )*{ONE}[- ]?(?:dim(?:ensional|s)?|d|dimensions)\b(?: [\w-]+)?(?: (?:vectors?|embeddings?|space|representations?))?",
             rf"(?:by|as|with|using) {ONE}-dim(?:ensional)? (?:vectors|embeddings) and (?:\w+ )?{about} ",
             rf"\b(?:vectors|embeddings) and (?:\w+ )?{about} (?:by|as|with|using) {ONE}-dim(?:ensional)? (?:vectors|embeddings)"),
        reject=r"hidden|one-?hot|feature|sentence (?:vector|embedding)|\bmel\b|image|project|principal")  # fmt: skip
    add("max_seq_len", 4, 2e6, whole=True, keys="chunk|segment|split|block|truncat|limit|cut|trim|window|shorten|cropped", lists=False, tight=True,
        raw=(rf"\b(?:split|divid|cut|chunk|segment|broken|packed|group|concatenat|partition)\w*[^.;\d]{{0,30}}? in(?:to)? (?:(?:overlapping|non-overlapping|contiguous|fixed|fixed-length|equal|consecutive|training|separate) )*(?:chunks|segments|blocks|windows|passages|spans|pieces|sequences|examples) (?:of|with)(?: (?:at most|up to|length|size|a|maximum|about|fixed))* {ONE} {TOKENS}",
             rf"\b(?:limit|truncat|cut|trim|restrict|cap|shorten|crop)\w*[^.;]{{0,60}}?\d+ {TOKENS}[^.;\d]{{0,25}},? and (?:the |that of the |those of the )?[\w -]{{3,25}}? (?:to|at) (?:the first |at most )?{ONE} {TOKENS}"),
        reject=r"predict|generat|output|decod")  # fmt: skip


def _batches_and_runs(make: Builder) -> None:
    add = make.add
    add("batch_size", 2, 5e7, whole=True, keys="at once|simultaneously|jointly|batch|at a time", lists=False, tight=True, weight=1.1,
        raw=(rf"\b(?:process|train|comput|feed|us|present|optimi[sz]|updat)\w* (?:on |with |over |using )?{ONE} {EXAMPLES} (?:at once|simultaneously|jointly|at the same time|in one go|at a time|concurrently)",
             rf"\b{ONE} {EXAMPLES} (?:of|with)(?: length)? [\d,]+ (?:[\w-]+ )?(?:tokens|frames|words|characters|steps|points|nodes|seconds|symbols|pixels)(?: each)? (?:in each|per|in a|in every|for each|in one) (?:training )?(?:mini-?\s?)?batch",
             rf"\b(?:mini-?\s?)?batch(?:es)? (?:contain|consist|compris|hold|includ|ha[sd]|ha(?:ve)|is|are|was|were)\w*(?: (?:of|made|up|composed|formed|by|about|exactly|each))* {ONE} {EXAMPLES}\b",
             rf"\bbatch sizes? that (?:fits?|can fit|could fit|we could fit)[^.;\d]{{0,50}}?(?:which (?:is|was)|i\.e\.,?|namely|\(|being|:) ?{ONE}\b"),
        reject=r"latency|inference (?:time|speed)|throughput|\btest\b|per (?:class|gpu|device)")  # fmt: skip
    add("epochs", 1, 2e4, keys="times", lists=False, tight=True,
        raw=(rf"\b(?:went|goes|go|going|cycl\w+|iterat\w+|swe(?:ep|pt)\w*|stepp?\w*) (?:over|through) (?:the |all )?(?:\w+ )?(?:training )?(?:set|data|dataset|corpus|examples|images|sentences) {ONE} times\b",
             rf"\b(?:each|every) (?:training )?(?:example|sample|image|sentence|instance|sequence|utterance) (?:is|was) (?:seen|shown|used|visited|presented|processed) {ONE} times\b"))  # fmt: skip
    thing = r"(?:[\w-]+ ){0,2}?(?:experiments?|models?|configurations?|settings?|trainings?|methods?|algorithms?|runs?|networks?|procedures?|evaluations?|process)"
    add("seeds", 2, 1000, whole=True, keys="times|average|mean|median|run|deviation|±|error", lists=False,
        raw=(rf"\b(?:conduct|perform|execut|train|repeat|run|ran|rerun|carr(?:y|ied) out)\w*(?: out)? (?:each|every|all|the|our|these|this) {thing} {ONE} times\b",
             rf"\b(?:each|every|all|the|our) {thing} (?:is|are|was|were) (?:independently )?(?:conducted|performed|executed|trained|repeated|run|rerun|carried out) (?:for )?{ONE} times\b",
             rf"\b(?:averages?|means?|medians?|scores?|numbers|results|values) (?:\w+ )?(?:are|is|were|was|of|over|across|from)(?: the)?(?: averages?| means?| medians?| averaged| reported| computed)*(?: of| over| across| from)? {ONE} (?:[\w-]+ ){{0,2}}(?:runs|trials|seeds|restarts|repetitions)\b",
             rf"\b(?:deviations?|errors?|intervals?|std|±[^.;\d]{{0,40}})\b[^.;\d]{{0,40}}? (?:over|across|of|from) (?:the )?{ONE} (?:[\w-]+ ){{0,2}}(?:runs|trials|seeds|restarts|repetitions)\b"),
        reject=r"latency|timing|time per|seconds|temperature|greedy|decod|best of|bootstrap|cross-validation|folds?|pass@|sampl\w+ \d+")  # fmt: skip
