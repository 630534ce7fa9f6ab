# ruff: noqa: E501  the patterns are data, one a line
"""Settings that are told by what is done, not by their name: "each update sees 64 images", "layers are skipped with probability 0.1"."""

from __future__ import annotations

from intern.papers.rules import ONE, VALUE, Builder

EXAMPLES = (
    r"(?:[A-Za-z-]+ ){0,3}?(?:examples|cases|samples|images|sequences|sentences|instances|utterances|pairs|tokens|words|documents|frames|transitions|"
    r"graphs|points|clips|videos|molecules|trajectories|patches|users|queries|triples|triplets|prompts|interactions|sessions|windows|nodes|crops)"
)
TOKENS = (
    r"(?:(?:sub-?word|bpe|byte|input|text|source|word) )?(?:tokens|words|characters|word-?\s?pieces|sub-?words|pieces|bytes|"
    r"items|time-?\s?steps|symbols)"
)
RANDOMLY = r"(?:(?:randomly|stochastically|independently|entirely|also) )*"
CHANCE = r"(?:with (?:an? )?(?:\w+ )?(?:probability|chance|rate)|at (?:an? )?(?:\w+ )?(?:rate|probability)|with p)(?: p)?(?: ?=| of| is)? ?"


def told_training(make: Builder) -> None:
    add = make.add
    add(
        "learning_rate",
        1e-8,
        30,
        keys="learning rate|lr",
        raw=(
            rf"learning rate (?:which |that )?(?:reach|attain|hit|peak)\w* (?:at |(?:a|its|the) (?:peak|maximum)(?: value)?(?: of| at)? ){ONE}",
            rf"learning rate[^.;\d]{{0,25}}?\b(?:is|was|we)\b[^.;\d]{{0,20}}?\b(?:increas|rais|ramp|warm)\w*[^.;\d]{{0,25}}? to {ONE}",
        ),
        near=r"(?:\bby|factor of)\s*(?:an? )?$",
        lists=False,
    )
    decays = r"\b(?:decay|anneal|reduc|decreas|multipl|dropp?|lower|scal|shr[iau]nk)\w*"
    add(
        "lr_decay_factor",
        1e-4,
        0.9999,
        keys="learning rate|lr|step size|schedul|reducelr",
        raw=(
            rf"{decays}[^.;\d]{{0,40}}?\b(?:with|by|of|at)(?: an?| the)? (?:decay )?(?:γ|gamma|factor|rate|multiplier|ratio|base|coefficient)(?: γ| gamma)?(?: ?=| of)? ?(?P<v>0?\.\d+)",
            rf"{decays} (?:exponentially|geometrically|multiplicatively)[^.;\d]{{0,25}}(?P<v>0?\.\d+)(?= (?:every|per|each|after))",
            rf"{decays}(?:[^;,]|, initially [^,;]*,){{0,60}}? by (?:a factor of )?(?P<v>0?\.\d+)(?= (?:after|at|every|per|each|when)\b)",
            r"(?:step|decay|multi-?step|exponential|schedul\w+)(?:-?\s?LR)?\b[^.;]{0,60}\b(?:γ|gamma)(?: ?=| of| is| set to)? ?(?P<v>0?\.\d+)",
            rf"{decays}(?: the learning rate| it)?(?: by)? (?P<v>0?\.\d+) ?(?:times|×|x)\b",
            r"Reduce-?\s?LR-?\s?On-?\s?Plateau[^.;\d]{0,40}factor (?:of |= ?)?(?P<v>0?\.\d+)",
        ),
        reject=r"weight decay|moving average|\bema\b|momentum|rmsprop|adam|polyak|target|discount|reward|β|dropout|batch size|\bε|epsilon|learning rate (?:of|to|is|=) (?:\d\S* )?(?:and|with) (?:an? )?(?:decay|γ)",
        lists=False,
    )
    add(
        "warmup_steps",
        1,
        1e7,
        whole=True,
        keys="warm",
        raw=(
            rf"warm-?\s?up (?:phase |period |stage )?(?:that )?(?:lasts?|takes?|spans?|ends? after|runs? for|lasting|spanning)(?: for)?(?: the first)? {ONE} (?:\w+ )?(?:steps|updates|iterations|batches)",
        ),
        lists=False,
    )
    add("warmup_ratio", 1e-4, 0.6, keys="learning rate|lr", lists=False,
        raw=(r"\b(?:during|over|for|in|within) the (?:first|initial) (?P<v>\d+(?:\.\d+)?\s?%) of (?:the |all |our )?(?:training|steps|updates|iterations|epochs)[^.;]{0,40}(?:learning rate|\blr\b)[^.;]{0,30}(?:ris|increas|ramp|warm|grow)",
             r"(?:learning rate|\blr\b)[^.;]{0,30}(?:ris|increas|ramp|warm|grow)\w*[^.;]{0,50}(?:first|initial) (?P<v>\d+(?:\.\d+)?\s?%)"))  # fmt: skip
    add("T_0", 0.5, 1e6, keys="restart|cycle", lists=False,
        raw=(rf"\b(?:first|initial) (?:annealing )?(?:cycle|period|restart(?: period| cycle| interval)?)(?: length)?[^.;\d]{{0,20}}?{ONE} (?:epochs|steps|iterations)",
             rf"\brestart(?:s|ed|ing)?(?: period)? (?:of|every|after)(?: the first)? {ONE} (?:epochs|steps|iterations)"))  # fmt: skip
    add("T_mult", 1, 100, keys="restart|cycle", lists=False,
        raw=(rf"\b(?:period|cycle|interval)s?\b[^.;\d]{{0,40}}(?:multipli\w+|grow\w*|increas\w*|lengthen\w*) (?:(?:of|by|factor|a|is) ){{1,4}}{ONE}(?![\d%])",))  # fmt: skip
    both = r"(?:β|beta)_? ?1 ?, ?(?:β|beta)_? ?2,?(?: and|,) ?(?:ε|epsilon|eps)\)? ?(?:=|of|to|are|were|as|set to|being|:) ?\(?"
    small = r"(?:\d\S*|\.\d+)"
    twin = r"adam\w*(?:['’]s)? (?:β|betas?)(?:['’]s|s)?\)? (?:(?:are|were|is|set|to|of|being|=) ?)*\(?"
    moments = r"first[- ]and (?:the )?second[- ](?:order )?moment[^.;\d]{0,50}?"
    one = r"(?P<v>0?\.\d+)"
    add("adam_beta1", 0.01, 0.9999, keys="β|beta|moment", lists=False,
        raw=(rf"{both}{one}, ", rf"{twin}{one}(?:,| and|/)", rf"{moments}{one},? and 0?\.\d"))  # fmt: skip
    add("adam_beta2", 0.01, 0.99999, keys="β|beta|moment", lists=False,
        raw=(rf"{both}{small}, ?{one}", rf"{twin}0?\.\d+(?:,| and|/) ?(?:and )?{one}", rf"{moments}0?\.\d+,? and {one}"))  # fmt: skip
    add("adam_eps", 1e-12, 1e-2, keys="adam", lists=False,
        raw=(rf"{both}{small}, ?{small},?(?: and)? {ONE}", rf"adam[^;]{{0,100}}?(?:\bε|epsilon|\beps) (?:at |value )?{ONE}"),
        reject=r"greedy|privacy|explor|clip", tight=True)  # fmt: skip
    add("adadelta_rho", 0.5, 0.9999, keys="adadelta", lists=False,
        raw=(rf"adadelta(?:[^.;]|\.\d){{0,40}}?\bdecay(?: rate| constant| factor| parameter)?(?: ρ| rho)?(?: of| ?=| is| set to)? ?{ONE}",),
        reject=r"weight decay")  # fmt: skip
    add("rmsprop_decay", 0.5, 0.9999, keys="rmsprop", lists=False, reject=r"learning rate decay|weight decay",
        raw=(rf"rmsprop(?:[^.;]|\.\d){{0,70}}?\b(?:and|,)? ?(?:an? |the )?(?:decay|smoothing)(?:s| rate| factor| constant)?(?: of| at| ?=| is| set to)? ?{ONE}",))  # fmt: skip
    add(
        "grad_clip",
        1e-4,
        1e4,
        keys="gradient",
        raw=(
            rf"gradients? (?:whose|with(?: an?)?|having an?) (?:[\w-]+ )?norms? (?:(?:exceeds?|exceeding|above|over|of more than|larger than|greater than|is|larger|greater|than) ){{1,3}}{ONE}",
            rf"(?:clip|clipped|clipping) (?:[\w-]+ ){{0,3}}?gradients?\b[^.;\d]{{0,30}}?\b(?:at|to|by|within|between|of|with|norm)\b[^.;\d]{{0,15}}?(?:±|-?\[-?[\d.]+, ?)?{ONE}",
        ),
        reject=r"reward|ratio",
        lists=False,
    )
    add(
        "batch_size",
        2,
        5e7,
        whole=True,
        keys="update|step|iteration|at a time|batch|group|total of",
        raw=(
            rf"\b(?:each|every|one|a single) (?:(?:training|gradient|optimi[sz]ation|sgd|parameter|weight) )?(?:update|step|iteration)\b,? (?:\w+ )?(?:use[sd]?|sees?|saw|process(?:es)?|contains?|consists? of|operates? on|"
            rf"(?:is|are) (?:computed|made|based|calculated|estimated) (?:on|from|over|with)|takes?|averages over|draws?|sample) (?:a batch of |a random sample of )?{ONE} {EXAMPLES}",
            rf"\b(?:computed|calculated|estimated|made|trained|updates?|presented|processed|fed)\b[^.;\d]{{0,30}}?{ONE} {EXAMPLES} at (?:a|one) time",
            rf"\b(?:batched|grouped|packed)(?: together)? (?:in|into) (?:groups|batches|chunks|sets) of {ONE}",
            rf"\b(?:per|in each|in every|for each) (?:training |gradient |optimi[sz]ation )?(?:update|step|iteration),? (?:we )?(?:use|sample|draw|process|take) {ONE} {EXAMPLES}",
            rf"(?<![\w.]){ONE} {EXAMPLES} (?:per|in each|for each|in every) (?:\w+ )?(?:update|step|iteration|mini-?batch|batch)\b",
            rf"\b(?:total|effective|global|overall|aggregate|combined) (?:mini-?)?batch (?:size )?(?:of |is |= ?|to |being )?{ONE}",
        ),
        reject=r"local steps|inner|meta|diffusion|negative|tasks|clients|latency|memor|inference",
        lists=False,
    )
    add("epochs", 1, 2e4, keys="epoch", lists=False,
        before=(r"(?:local|client|inner) epochs\b",), reject=r"every \S+ epochs|after \S+ epochs|warm")  # fmt: skip
    add("seeds", 2, 1000, whole=True, keys="seed|initiali|restart|runs", lists=False,
        raw=(rf"\b(?:across|over|from|with|using|of|for) {ONE} (?:[\w-]+ )?(?:seeds|random initiali[sz]ations|restarts)\b",))  # fmt: skip


def told_model(make: Builder) -> None:
    add = make.add
    add(
        "dropout",
        0,
        0.95,
        keys="drop",
        raw=(
            rf"\bdropout\b[^.;()]{{0,70}}?\((?:with )?(?:p|probability|rate|ratio)(?: ?=| of|:)? ?{ONE}",
            rf"\bdropp?(?:s|ed|ing)?(?: out)? (?:(?:each|the|some|all|of|input|hidden|whole|entire|random) )*(?:units?|neurons?|features?|inputs?|words?|activations?|embeddings?)\b[^.;\d]{{0,12}}?{CHANCE}{ONE}",
            rf"\b(?:units?|neurons?|features?|activations?|embeddings?) (?:is|are|was|were) {RANDOMLY}(?:dropped|zeroed)(?: out)? {CHANCE}{ONE}",
        ),
        reject=r"keep|retain|layer ?drop|path|recurrent",
    )
    add("weight_dropout", 0, 0.95, keys="weight-drop|weight drop|dropconnect|drop-connect|recurrent", lists=False,
        raw=(rf"(?:weight[- ]drop(?:out|ped|ping)?|recurrent (?:weight )?drop-?out|drop-?connect)(?: rate| probability| ratio)?[^.;\d]{{0,40}}?(?:of|at|is|was|=|to|rate|probability) ?{ONE}(?=[^.;]*(?:recurrent|hidden-to-hidden|lstm|rnn|gru|matri|$))",),
        reject=r"stochastic depth|residual")  # fmt: skip
    add(
        "drop_connect",
        0,
        0.95,
        keys="dropped|skipped|drop",
        raw=(
            rf"\b(?:(?:residual )?(?:branches|blocks|connections|paths)|layers?) (?:is|are|was|were) {RANDOMLY}(?:dropped|skipped|bypassed)(?: out)?(?: during training)? {CHANCE}{ONE}",
            rf"\bdropp?(?:s|ed|ing)? (?:\w+ )?(?:residual )?(?:branches|blocks|residual connections|paths|layers) {CHANCE}{ONE}",
        ),
        lists=False,
    )
    add(
        "l2_constraint",
        0.1,
        100,
        keys="norm",
        raw=(
            rf"\b(?:weights?|filters?|rows?|columns?|units?|vectors?)(?:['’]s?|s['’])?(?: vectors?)?(?: (?:is|are|has|have|of|to|with|an?|the|l_?2|ℓ_?2|l2-))*[- ]norms?\b[^.;\d]{{0,30}}?\b(?:constrain\w*|limit\w*|bound\w*|clipp?\w*|restrict\w*|at most|no more than|below|of)\b[^.;\d]{{0,20}}?{ONE}",
            rf"\b(?:rescal|renormali[sz]|constrain|project)\w* (?:[\w-]+ ){{0,4}}?(?:weight|filter|row|column)s?\b[^.;\d]{{0,30}}?\bnorms? (?:of|at most|to|is|below|under)(?: at most)? {ONE}",
        ),
        reject=r"gradient|clip",
        lists=False,
    )
    add("label_smoothing", 0, 0.9, keys="label|target", lists=False,
        raw=(rf"\b(?:targets?|labels?) (?:is|are|was|were) smoothed (?:(?:by|with|using|an?|value|factor|parameter|rate|of|weight|ε|=) ?){{1,5}}{ONE}",
             rf"\bsmooth(?:s|ed|ing)? (?:the |all |our )?(?:one-hot )?(?:targets?|labels?)(?:[^.;\d]{{0,40}}?) (?:(?:by|with|of|weight|factor|value|to) ){{1,3}}{ONE}"))  # fmt: skip
    add("bn_momentum", 0.001, 0.99999, keys="batch norm|batch-norm|batchnorm|bn ", lists=False,
        raw=(rf"\b(?:batch[- ]?norm(?:ali[sz]ation)?|bn)(?: layers?)? (?:(?:has|have|with|use|uses|using|of|an?|the|whose) ){{1,3}}(?:momentum|decay)(?: rate| parameter)?(?: of| is| ?=| to)? ?{ONE}",
             rf"\b(?:momentum|decay)(?: rate| parameter| coefficient| term)? (?:of|for|in) (?:the |our |all )?(?:batch[- ]?norm(?:ali[sz]ation)?|bn)(?: layers?)?(?: (?:is|was|to|of|set|at|fixed)| ?=)* ?{ONE}"))  # fmt: skip
    add("layers", 1, 2000, whole=True, keys="layers|blocks|d_model|dmodel|d model", lists=False,
        raw=(rf"(?<![\w-])[NLn] ?= ?{ONE} (?:[\w-]+ )?(?:layers|blocks)\b", rf"\bd_? ?(?:model|ff)[^.;]{{0,60}}(?<![\w/])[NL] ?= ?{ONE}", rf"(?<![\w/])[NL] ?= ?{ONE}(?=[^.;]{{0,60}}\bd_? ?(?:model|ff))",
             rf"(?<![\w=] )\b[A-Z] ?= ?{ONE} layers\b", rf"(?<![\w.-]){ONE} layers(?=,[^.;]{{0,60}}(?:\bhidden|heads|dimension|units|width))",
             rf"(?:hidden|heads|dimensions?|units|width)(?: of)?(?: [\d,]+)?(?:,| and|, and) {ONE} layers\b"))  # fmt: skip
    add("heads", 1, 512, whole=True, keys="d_model|dmodel|d model", lists=False,
        raw=(rf"\bd_? ?(?:model|ff)[^.;]{{0,60}}(?<![\w/])h ?= ?{ONE}", rf"(?<![\w/])h ?= ?{ONE}(?=[^.;]{{0,60}}\bd_? ?(?:model|ff))"))  # fmt: skip
    recurrent = r"(?:(?:bi|bidirectional |uni|stacked )?-?(?:lstm|gru|rnn)s?)"
    add(
        "hidden_size",
        4,
        1e5,
        whole=True,
        keys="dimension|width|cells|units|lstm|gru|rnn|d-|hidden",
        raw=(
            rf"\b(?:hidden|latent|model|recurrent|internal|lstm|gru|rnn) (?:states?|representations?|vectors?|layers?|features?) (?:each |all )?(?:has|have|with|of|is|are)(?: a dimension of)? {ONE}[- ]dimension(?:s|al)\b",
            rf"\b{recurrent}(?: (?:cells?|layers?|network|encoder|decoder|model)s?)? (?:with|of|has|have|having) {ONE} (?:hidden |memory )?(?:cells|units|neurons|dimensions|nodes)",
            rf"\bwidth of the (?:[\w-]+ ){{0,2}}(?:residual stream|model|transformer|network|backbone) (?:(?:is|was|to|of|=|set) ?){{1,3}}{ONE}",
            rf"(?<![\w.]){ONE}-d(?:im(?:ension(?:al)?)?)? (?:hidden|latent|recurrent) (?:states?|vectors?|representations?|space|layers?)",
            rf"\bhidden (?:layer )?sizes? {VALUE}",
            rf"\blayers\b[^.;]{{0,30}}?,? {ONE} hidden(?=,|\.|;|\)| and )",
        ),
        reject=r"feed-?forward|ffn|embedding",
    )
    add("ffn_size", 8, 2e5, whole=True, keys="feed|ffn|mlp|filter", lists=False,
        raw=(rf"\b(?:layers|hidden|heads)\b[^.;]{{0,40}}?,? {ONE} (?:feed-?forward|ffn|intermediate)(?=,|\.|;|\)| and )",
             rf"(?:feed-?\s?forward|ffn|position-?wise|mlp) (?:sub-?)?(?:layers?|blocks?|sub-?layers?)? ?(?:each )?(?:has|have|with|of|use|uses|using) (?:a (?:hidden |inner )?(?:size|dimension|width) of )?{ONE} (?:hidden |inner )?(?:units|neurons|dimensions|hidden)",
             rf"(?:feed-?\s?forward|ffn|mlp)[^.;\d]{{0,30}}?\b(?:inner|intermediate|hidden) (?:width|size|dimension\w*)(?: (?:of|is|to)| ?=)* {ONE}"))  # fmt: skip
    add(
        "embedding_dim",
        2,
        20000,
        whole=True,
        keys="embed|mapped|project|represent",
        raw=(
            rf"\bembed(?:s|ded|ding|dings)?\b[^.;\d]{{0,50}}?\b(?:in|into|as|to|with|of) (?:an? )?(?:[A-Za-z] ?= ?)?{ONE}[- ]?dimensions?\b",
            rf"\bembed(?:s|ded|ding|dings)?\b[^.;\d]{{0,30}}?\b(?:in|into|to) (?:ℝ|R) ?\^? ?{ONE}",
            rf"\b(?:words?|tokens?|characters?|items?|users?|nodes?|entit(?:y|ies)|relations?) (?:is|are) (?:represented|embedded|mapped|encoded) (?:in|into|as|to|by|with) (?:an? )?(?:[\w-]+ )?(?:vectors? of (?:size|dimension(?:ality)?|length) )?{ONE}(?=[- ]?(?:dimension|d\b|,|\.|$| and| real))",
        ),
        reject=r"sentence|feature vector|one-hot|cluster",
        lists=False,
    )
    add("vocab_size", 10, 5e7, whole=True, keys="frequent|common", lists=False,
        raw=(rf"\b(?:outside|not among|not in|other than|beyond|except|only|keep|kept|retain\w*|consider\w*|limited to|restricted to) (?:of )?the (?:top )?{ONE} most (?:frequent|common)",
             rf"\bthe (?:top )?{ONE} most (?:frequent|common) (?:words|tokens|types|symbols|characters|sub-?words|entities) (?:are|were|as|form|make|in|of|from|per)\b"),
        reject=r"bag[- ]of|stop ?words|remov\w* the")  # fmt: skip
    add(
        "max_seq_len",
        4,
        2e6,
        whole=True,
        keys="context|sequence|input|session|passage|histor|truncat|limit|window|look|crop|chunk|segment|last",
        raw=(
            rf"\bcontexts? (?:size |length |window )?(?:of|with) (?:up to |at most )?{ONE} {TOKENS}",
            rf"\b(?:sequences?|inputs?|documents?|sentences|texts|passages|sessions|histor(?:y|ies)|articles|prompts|paragraphs) (?:(?:has|have|of|with|contains?|that|are|is|to|limited|truncated|restricted|cut|capped|trimmed|padded|and|or|longer|split|divided|chopped|segmented|into|chunks|segments|blocks|passages) ){{1,6}}(?:at most |up to |no more than |a maximum of |more than |than |the first |the last )?{ONE} {TOKENS}",
            rf"\b(?:truncat|limit|crop|cut|restrict|clip|trim)\w* (?:the |all |our |each |every )?(?:[\w-]+ )?(?:input|sequence|document|sentence|text|passage|session|histor|article|prompt)\w*(?: \w+)? (?:to|after|at) (?:a maximum of |at most |the first |the last )?{ONE} (?:[\w-]+ )?{TOKENS}",
            rf"\b(?:only )?the (?:last|most recent|latest|first) {ONE} (?:[\w-]+ )?{TOKENS} (?:of|in|from|are|per|were)\b[^.;]{{0,40}}?\b(?:kept|input|used|session|history|document|sequence|article|user|retained|fed)",
            rf"\b(?<!default )look-?\s?back (?:window|length|period)(?: size| length)? (?:of|is|was|=|(?:is |was )?(?:set|fixed) (?:to|at)) (?:[LT] ?= ?)?{ONE}",
            rf"\b(?:chunks|segments|blocks|windows) of (?:length )?{ONE} {TOKENS}",
        ),
        reject=r"average|mean length|generat|beam|predict|forecast|median|vocab|overlap|stride|\bfit(?:s|ted|ting)?\b",
        lists=False,
    )
