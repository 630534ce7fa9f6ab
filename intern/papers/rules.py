"""How papers word their settings: for each canonical name the words before or after its number.

A rule looks at one sentence. `after` are words that stand before the value ("batch size of 32"), `before` words that
stand after it ("32 examples per mini-batch"). The filler between is a closed list, so that a number is only taken when
the words lead to it. Rules know how English papers write, not what any paper says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from intern.papers.numbers import NUMBER, WORD_NUMBER

_FILLER = (
    r"(?:\s*(?:\([^()\d]{0,24}\)|\(|\[[\d, ]+\]|=|≈|~|:|≤|(?:of|is|are|was|were|be|been|to|at|as|with|the|an?|set|fixed|chosen|"
    r"equal|value|values|about|approximately|around|roughly|up|using|use|used|initial|constant|kept|"
    r"size|sizes|rate|rates|parameter|factor|ratio|ratios|probability|coefficient|penalty|number|total|"
    r"has|have|had|always|default|initialized|selected|from|being|in|p|we|by|among|between|uniformly|and|norm|threshold|only|just|"
    r"linearly|maximum|minimum|default|peak)\b)){0,8}?\s*"
)
_SUBJECT = r"(?:\s(?:for|on|in|over)\s(?:the\s|all\s|our\s|each\s)?[\w-]+(?:\s(?:models?|datasets?|tasks?|experiments?|layers?))?)?"
_ANY = rf"(?:{NUMBER}|{WORD_NUMBER}\b)"
_SEPARATOR = r"(?:\s*,\s*(?:and\s|or\s)?|\s+(?:and|or)\s+|\s*/\s*)"
VALUE = rf"(?P<v>\{{?\[?{_ANY}(?:{_SEPARATOR}{_ANY})*\]?\}}?)"
ONE = rf"(?P<v>{_ANY})"


@dataclass(frozen=True)
class Rule:
    """One way to state one setting. `low` and `high` bound what is believable; `whole` asks for an integer."""

    name: str
    keys: tuple[str, ...]
    pattern: re.Pattern[str]
    low: float
    high: float
    whole: bool
    lists: bool = True
    weight: float = 1.0
    reject: re.Pattern[str] | None = None
    near: re.Pattern[str] | None = None
    """What must not stand right before the value."""
    context: bool = False
    """Whether its key words may stand in the sentence before."""


@dataclass
class _Builder:
    rules: list[Rule] = field(default_factory=list)

    def add(
        self,
        name: str,
        low: float,
        high: float,
        *,
        whole: bool = False,
        keys: str,
        after: tuple[str, ...] = (),
        before: tuple[str, ...] = (),
        raw: tuple[str, ...] = (),
        reject: str = "",
        lists: bool = True,
        weight: float = 1.0,
        subject: bool = True,
        near: str = "",
        context: bool = False,
    ) -> None:
        value = VALUE if lists else ONE
        named = [rf"\b(?:{words}){_SUBJECT if subject else ''}{_FILLER}(?<![\w.-]){value}(?![\w-]*\d)" for words in after]
        named += [rf"(?<![\w.,^/×-])(?<!× )(?<!\bby ){value}(?:\s|-)(?:{words})" for words in before]
        named += list(raw)
        refuse = re.compile(reject, re.I) if reject else None
        before_value = re.compile(near, re.I) if near else None
        split = tuple(keys.split("|"))
        for text in named:
            self.rules.append(
                Rule(name, split, re.compile(text, re.I), low, high, whole, lists, weight, refuse, before_value, context)
            )


def _build() -> list[Rule]:
    make = _Builder()
    _optimization(make)
    _regularization(make)
    _model(make)
    _objective(make)
    _reinforcement(make)
    return make.rules


def _optimization(make: _Builder) -> None:
    add = make.add
    add("learning_rate", 1e-8, 30, keys="learning rate|learning-rate|step size|stepsize|step-size|lr", after=(
        r"(?:initial |base |starting |peak |maximum |maximal |constant |fixed |global )?learning[- ]rates?(?!\s(?:decay|schedul|warm|is decayed|was decayed|drop|multipl|is (?:divided|reduced|decreased)|was (?:divided|reduced|decreased)))",
        r"(?:step[- ]?size|stepsize)s?", r"\blr"),
        before=(r"(?:initial |base |peak |constant )?learning[- ]rates?\b",),
        raw=(rf"learning rate[^.;]{{0,60}}?\b(?:increased|raised|set)[^.;]{{0,45}}? to (?:a value of |the value of )?{ONE}",
             rf"learning rate (?:starts|is started|started|begins) (?:from|at|with) {ONE}",
             rf"start(?:ing|ed|s)? (?:from|at|with) an? (?:initial )?learning rate of {ONE}"),
        near=r"(?:\bby|factor of)\s*(?:an? )?$")
    add("lr_decay_factor", 1e-4, 0.999, keys="learning rate|decay|divid|multipl|reduc", raw=(
        rf"(?:learning rate|lr|it)\b[^.;]{{0,60}}\b(?:multiplied|scaled|decayed|annealed|reduced|decreased|dropped|lowered) by (?:a factor of |an? )?(?P<v>0?\.\d+)",
        rf"(?:decay|decaying|drop|reduce|multiply) (?:the )?(?:learning rate|it)s? (?:by|with) (?:a factor of )?(?P<v>0?\.\d+)",
        rf"(?:learning rate )?decay(?:ing)? (?:rate|factor) (?:of |is |was |= ?|set to )+(?P<v>0?\.\d+)"), lists=False)
    add("warmup_steps", 1, 1e7, whole=True, keys="warm|ramp|increas", after=(r"warm[- _]?up(?: ?_?steps?| iterations?| period| updates?| batches)?(?! ratio)",),
        raw=(rf"(?:warm\w*(?:[- ]up)?|increas\w+|ramp\w*)[^.;]{{0,90}}?(?:first|initial|over|during|for|of)(?: the)?(?: first)? {ONE} (?:training )?(?:gradient )?(?:steps|updates|iterations|batches|minibatches|training steps)",
             rf"(?<![\w.]){ONE} (?:steps|updates|iterations)? ?(?:of )?(?:linear )?(?:learning rate )?warm[- ]?up"), lists=False,
        reject=r"epochs? (?:of )?warm|warm[- ]?up (?:for |of )?\w+ epochs")
    add("warmup_ratio", 1e-4, 0.6, keys="warm", after=(r"warm[- ]?up (?:ratio|proportion|fraction)",),
        raw=(rf"(?P<v>\d+(?:\.\d+)?\s?%) of (?:the )?(?:total |training |all )*(?:steps|updates|iterations|training)[^.;]{{0,30}}warm",
             r"warm\w*(?:[- ]up)?[^.;]{0,50}(?:first |over |for |of )(?P<v>\d+(?:\.\d+)?\s?%)"), lists=False)
    add("T_0", 0.5, 1e6, keys="t0|t_0|t 0", raw=(rf"\bT_? ?0 ?= ?{VALUE}",))
    add("T_mult", 1, 100, keys="tmult|t_mult|t mult", raw=(rf"\bT_? ?mult ?= ?{VALUE}",))
    add("momentum", 0.05, 1, keys="momentum", after=(r"(?<!norm )(?<!normalization )(?:nesterov |classical |standard )?momentum(?: term| coefficient| parameter)?(?! of (?:the )?(?:batch|bn))",),
        before=(r"(?:nesterov |nesterov's |classical )?momentum\b",))
    beta = r"\s?(?:=|of|is|to|:)\s?"
    add("adam_beta1", 0.01, 0.9999, keys="β|beta", raw=(
        rf"(?:β|beta)_? ?1{beta}{VALUE}",
        rf"(?:β|beta)_? ?1 ?(?:,| and) ?(?:β|beta)_? ?2\)? ?(?:=|of|to|are|were|as|set to) ?\(?{ONE}(?:,| and) ?(?:0?\.\d+)",
        rf"(?:β|betas?)\s?=\s?\(\s?{ONE}\s?,\s?0?\.\d+"), lists=False)
    add("adam_beta2", 0.01, 0.99999, keys="β|beta", raw=(
        rf"(?:β|beta)_? ?2\)?{beta}(?!\(?0?\.\d+(?:,| and) ?0?\.\d)\(?{ONE}",
        rf"(?:β|beta)_? ?1 ?(?:,| and) ?(?:β|beta)_? ?2\)? ?(?:=|of|to|are|were|as|set to) ?\(?0?\.\d+(?:,| and) ?{ONE}",
        rf"(?:β|betas?)\s?=\s?\(\s?0?\.\d+\s?,\s?{ONE}"), lists=False)
    add("adam_eps", 1e-12, 1e-2, keys="ε|epsilon|eps", raw=(
        rf"(?:ε|epsilon|\beps)\s?(?:=|of|is|to|:|was set to|set to)\s?{ONE}",), lists=False,
        reject=r"adadelta|greedy|ε-|privacy|clip|ppo|smooth|εls|ball")
    add("adadelta_rho", 0.5, 0.9999, keys="ρ|rho", raw=(rf"(?:ρ|\brho)\s?(?:=|of|is|to)\s?{ONE}",), lists=False)
    add("adadelta_eps", 1e-12, 1e-2, keys="adadelta", raw=(rf"adadelta[^;]{{0,120}}(?:ε|epsilon)\s?(?:=|of|is|to)\s?{ONE}",), lists=False)
    add("rmsprop_decay", 0.5, 0.9999, keys="rmsprop", raw=(
        rf"rmsprop[^;]{{0,70}}?\b(?:decay|smoothing)(?: rate| factor| constant| parameter)?{_FILLER}{ONE}",), lists=False)
    add("grad_clip", 1e-4, 1e4, keys="clip|rescal|norm of the gradient|gradient norm|renormal|constrain", after=(
        r"(?:gradients?[- ](?:norm )?clip(?:ping)?(?: norm| threshold| value| at| with)?|clip(?:ping)? (?:norm|threshold|value)|max(?:imum)? grad(?:ient)? norm)",),
        raw=(rf"(?:gradients?|norm)[^.;]{{0,50}}\b(?:clipp?ed|clip|rescaled?|constrained|limited|truncated|normalized|renormalized|scaled)\b[^.;]{{0,70}}?(?:\bto|\bat|\bof|exceed\w*|threshold|above|than|larger than|maximum|=|norm) (?:a )?(?:an )?(?:norm of |value of |maximum (?:norm )?of |threshold of |at most |be )?\[?{ONE}",
             rf"\b(?:clip|clipped|clipping|rescale|constrain|truncat\w+) (?:the |all )?(?:\w+ )?(?:gradients?|norm)[^.;]{{0,60}}?(?:\bto|\bat|\bof|exceed\w*|threshold|above|than|maximum|with|=|norm)(?: an?)? (?:norm of |value of |maximum (?:norm )?of |threshold of |at most )?\[?{ONE}"),
        reject=r"ratio|ε|reward|perplex", lists=False)
    size_of = r"(?:mini-?\s?)?batch(?:es)?"
    add("batch_size", 2, 5e7, whole=True, keys="batch", after=(
        rf"(?:total |global |effective |training |mini-?\s?)*batch[- ]?sizes?(?! (?:during|for) (?:inference|test|evaluat))", rf"{size_of} of size", rf"{size_of} of", r"mini-?\s?batches with"),
        before=(rf"{size_of} size", rf"(?:\w+ ){{0,2}}(?:examples|samples|images|sequences|sentences|instances|utterances|pairs|tokens|training cases|cases|points|frames|transitions|sentence pairs)(?: \w+)? (?:per|in each|in a|in every|in one|for each) (?:(?:training|parallel|gpu|global) )?{size_of}"),
        raw=(rf"batch\w* (?:contain\w*|consist\w*|compris\w*|hold\w*|includ\w*|ha[ds])(?: of| a set of| sentence pairs containing| about| approximately| around| roughly| up to| \w+){{0,6}} {ONE} (?:\w+ )?(?:examples|samples|images|sequences|sentences|tokens|source|utterances|pairs|words|transitions)",
             rf"(?:batches|mini-?batches|minibatches) of {VALUE}",
             rf"\bB ?= ?{ONE}(?= ?(?:examples|samples|images|sequences))"),
        reject=r"latency|inference time|inference speed|batch normali[sz]ation over|single (?:cpu|core)|throughput|batch size (?:of )?1 on")
    add("steps", 2, 1e9, whole=True, keys="step|iteration|update", before=(
        r"(?:total )?(?:(?:gradient|parameter|weight|optimization|training|sgd|optimizer) )*(?:steps|iterations|updates)\b(?! (?:of )?(?:linear )?warm)",),
        after=(r"(?:number of |total )(?:training |gradient |parameter |optimization )*(?:steps|iterations|updates)(?: of training)?",),
        raw=(rf"(?:steps|iterations|updates) (?:is|are|was|were) (?:set to|fixed (?:to|at)) {ONE}",
             rf"(?:train(?:ed|ing)?|run|ran|optimi[sz]ed?|terminated?|stopped?|iterat\w+)\b[^.;]{{0,60}}?\b(?:for|at|after|to|of|up to|until) (?:a total of |about |approximately |up to |another )?{ONE} (?:\w+ )?(?:steps|iterations|updates)"),
        reject=r"\baccuracy|reach|converge|fewer|every \S+ (?:steps|iterations|updates)|first \S+ (?:\w+ )?(?:steps|iterations|updates)|warm|per (?:sec|epoch)|ahead|time[- ]steps|timesteps|steps per|each step|diffusion|inner",
        lists=False)
    add("epochs", 1, 2e4, keys="epoch|passes", before=(r"(?:training |full )?epochs\b", r"passes (?:over|through) (?:the )?(?:training|data|entire|whole)"),
        after=(r"(?:number of |total |training )epochs(?: of training)?",), raw=(rf"\bepochs? (?:is|are|was|were) (?:set|fixed) to {ONE}",),
        reject=r"every \S+ epochs|first \S+ epochs|last \S+ epochs|after \S+ epochs the|warm|per epoch|plot|figure|at epochs?|after (?:every|each)|patience", lists=True)
    add("early_stopping", 1, 500, keys="early stop|patience", raw=(rf"patience (?:of |is |= ?|set to )+{ONE}",), whole=True, lists=False)
    add("seeds", 2, 1000, whole=True, keys="seed|restart|run|trial|repetition|repeat|averaged over|times", before=(
        r"(?:different |distinct |independent )?(?:random )?(?:seeds|restarts|initiali[sz]ations)\b",
        r"(?:independent|separate|different|repeated|random) (?:training )?(?:runs|trials|repetitions)",),
        raw=(rf"(?:average|averaged|mean|median|results?|reported?|repeat\w*|std|deviation)\b[^.;]{{0,60}}\b(?:over|of|from|across|for) (?:the )?(?:last )?{ONE} (?:\w+ )?(?:runs|trials|seeds|restarts|repetitions|random \w+|initiali[sz]ations)",
             rf"(?:repeat\w*|run|ran) (?:each |every |the |all )?(?:experiments?|training|models?|it)?\s?{ONE} times"), lists=False,
        reject=r"runs on|test runs|fine-tuning runs")


def _regularization(make: _Builder) -> None:
    add = make.add
    add("dropout", 0, 0.95, keys="dropout|drop-out|pdrop|drop out", after=(
        r"(?<!recurrent )(?<!weight )(?<!weight-)(?:residual |attention |embedding |word |input |hidden |spatial )?(?:dropout|drop-out)(?: layers?| regulari[sz]ation)?(?:,)?(?: \((?:[^()]{1,40}\d{4}|[^()]{0,12})\))?(?! ?connect)", r"P_? ?drop\b"),
        before=(r"(?:dropout|drop-out)\b(?! on (?:recurrent|weights))",),
        raw=(rf"(?:dropp?(?:ed|ing)?)[- ]?(?:out)? (?:the )?(?:units|neurons|words|activations|hidden units)[^.;]{{0,40}}?probability (?:of |p ?= ?)?{ONE}",
             rf"(?P<v>\d+(?:\.\d+)?\s?%) (?:\w+ )?dropout", rf"dropout[^.;]{{0,50}}? (?:with|rate|probability|p|to|at|of)(?: of| =| is)? ?{ONE}"), reject=r"drop ?connect")
    add("weight_dropout", 0, 0.95, keys="dropconnect|weight-drop|weight drop|recurrent", raw=(
        rf"(?:weight[- ]drop(?:out|ped)?|recurrent (?:weight )?dropout|dropconnect)[^.;]{{0,70}}?(?:of|rate|probability|p ?=|to|value) ?{ONE}",
        rf"{ONE} (?:on|for|to) the (?:weight-dropped|recurrent weight)"), lists=False)
    add("drop_connect", 0, 0.95, keys="drop connect|dropconnect|stochastic depth|drop path|droppath|drop-path|survival", after=(
        r"(?:drop[- ]?connect|stochastic depth|drop[- ]?path)(?: rate| ratio| probability)?(?: \([^()]{1,40}\))?", r"survival probability"), lists=False)
    add("weight_decay", 1e-9, 1, keys="weight decay|weight-decay|weight_decay|l2|ℓ2|regulari", after=(
        r"(?:l_?2|ℓ_?2)?\s?weight[- _]decay", r"(?:l_?\s?2|ℓ_?2)[- ](?:regulari[sz]ation|penalty)(?: multiplier| weight| strength| term| parameter| coefficient)?"),
        before=(r"(?:l_?2 )?weight[- ]decay", r"L_?2[- ]regulari[sz]ation"))
    add("l2_constraint", 0.1, 100, keys="constraint|max-norm|maxnorm|max norm|norms of", after=(
        r"(?:l_?2|ℓ_?2)[- _](?:norm[- ])?constraints?(?: \(\w\))?", r"max[- ]?norm(?: constraint| regulari[sz]ation)?(?: \w ?=)?"), lists=False)
    add("label_smoothing", 0, 0.9, keys="label smoothing|label-smoothing|smoothing|εls", after=(
        r"label[- ]smoothing(?: regulari[sz]ation)?(?: \[[\d, ]+\]| \([^()]{1,40}\))?(?: of value)?(?: \S{1,3}ls)?(?: ?ε(?:ls)?)?", r"ε_?ls"), raw=(
        rf"label smoothing[^.;]{{0,40}}?[=ε] ?{ONE}",), lists=False)
    add("bn_momentum", 0.01, 0.99999, keys="batch norm|batchnorm|bn |running", after=(r"(?:batch[- ]?norm(?:alization)?|bn)(?: layers?)?(?: with)? (?:momentum|decay)",),
        raw=(rf"(?:batch norm\w*|moving averages?|running averages?)[^.;]{{0,50}}(?:momentum|decay|moving average)[^.;]{{0,20}}? (?:of|=|to|is) {ONE}",), lists=False)


def _model(make: _Builder) -> None:
    add = make.add
    kinds = r"(?:transformer|encoder|decoder|lstm|gru|recurrent|rnn|hidden|convolutional|conv|bi-?lstm|bidirectional|fully[- ]connected|self-attention|identical|residual|weight|parameter|stacked|unidirectional|gpt|attention|network|linear|feed-?forward|gated|dense|learned)"
    add("layers", 1, 2000, whole=True, keys="layer|depth|stack|deep", before=(
        rf"(?:{kinds}[, -]*)+layers?\b(?! (?:of|with) pool)", r"layers (?:of|in|with|for) (?:the |each |our )?(?:encoder|decoder|lstm|gru|transformer|network|model)", r"layers? (?:lstm|gru|rnn|transformer|network|residual|decoder|encoder|bi|cnn|plain|mlp|perceptron|neural)\w*", r"layers\b(?= each| deep|,? with \d+| of \d+)", r"-?layer\b"),
        after=(rf"number of (?:{kinds}[, ]*)*(?:layers|blocks)(?! to (?:fine|skip|freez))(?: \(\w\))?", r"(?<![\w-])depth of(?: the)?"),
        raw=(rf"\bN ?= ?{ONE} (?:identical|layers)", rf"(?:stack|composed) of (?:a stack of )?(?:N ?= ?)?{ONE} (?:\w+ )?(?:layers|blocks)",
             rf"\b(?:has|have|with|of|uses?|using|employs?|and|contains?|comprises?|is|are) {ONE} (?:\w+ )?layers\b"),
        reject=r"\b(?:first|last|top|bottom|final|lower|upper|previous|each of the) \S+ (?:\w+ )?layers?|pooling layers?$|every \S+ layers|layer,? (?:norm)|skip|max-pooling", weight=0.9)
    units = r"(?:units|neurons|cells|nodes|activations|gru units|lstm units|memory cells|rectifiers?(?: units)?|relus)"
    add("hidden_size", 4, 100000, whole=True, keys="hidden|d_model|dmodel|dimension|width|embed", after=(
        r"(?:model|hidden|hidden state|state|transformer|lstm|rnn|gru|residual)(?: layer)? (?:dimension(?:ality)?s?|size|width)s?(?! of (?:the )?(?:embed|input|feed))", r"d_? ?model\b", r"number of hidden (?:units|neurons|nodes)"),
        before=(r"(?:dimensional|d) (?:hidden|lstm|gru|rnn|transformer|model)\w*(?: (?:states?|layers?|vectors?|size|units))?", r"(?:hidden )?dimensional states"),
        raw=(rf"produce outputs of dimension (?:d_? ?model ?=? ?)?{ONE}",))
    add("hidden_units", 2, 100000, whole=True, keys="unit|neuron|node|cell|activations|fully|hidden", before=(
        rf"(?:(?:hidden|rectified|rectifier|linear|relu|recurrent|lstm|gru|logistic|sigmoid|tanh|fully[- ]connected|memory|gated|bidirectional)[ -]*)+{units}\b", r"(?:units|neurons|nodes|cells|hidden units|activations) (?:each|per|in each|in every|in the (?:hidden|first|second|last)|for each)", r"activations each", r"rectifier units?"),
        after=(r"(?:hidden|fully[- ]connected|dense|lstm|gru|recurrent) (?:layers?|network|rnn) (?:with|of|having|consist\w* of|and consist\w* of)(?: \w+ with)?",), reject=r"gpu|processing units|output (?:units|layer)|softmax|one (?:per|for each) class")
    add("ffn_size", 8, 200000, whole=True, keys="ffn|feed|dff|d_ff|inner|intermediate|mlp|filter size", after=(
        r"d_? ?ff\b", r"(?:inner[- ]layer|inner|feed-?\s?forward|ffn|ff|intermediate|mlp|filter)(?:/filter)?(?: network| layer| hidden| inner| inner-layer)?(?: state)? (?:dimension(?:ality)?|size|width)s?"),
        raw=(rf"inner-?\s?layer has (?:a )?dimensionality (?:d_?ff ?= ?)?{ONE}", rf"{ONE} dimensional (?:inner|feed-forward) "))
    add("heads", 1, 512, whole=True, keys="head", before=(r"(?:(?:parallel|self-|self|multi-head|attention|parallel attention)[ -]*)*heads\b", r"parallel attention"),
        after=(r"number of (?:self-|self )?(?:attention )?heads",), raw=(rf"\bh ?= ?{ONE} (?:parallel|attention|heads)",), reject=r"\bsingle[- ]head|head of|fewer heads|too many heads")
    add("embedding_dim", 2, 20000, whole=True, keys="embedding|vector|dimension", after=(
        r"(?:word |token |character |char |input |item |node |label )?embeddings?(?: vectors?)? (?:size|dimension(?:ality)?s?|dim|of size|of dimension(?:ality)?|layer of size|are of size|have (?:a )?dimension(?:ality)?)", r"(?:word |token |character )?(?:vectors|embeddings?) (?:of|have|with|had|has)(?: a)? (?:dimension(?:ality)?|size)", r"d_? ?emb(?:ed)?\b", r"size of (?:the )?(?:word |token |character )?(?:embeddings?|vectors)"),
        before=(r"dimensional (?:\w+ ){0,2}?(?:embeddings?|vectors?|glove|word2vec|representations)\b(?! (?:size|layers))", r"d (?:word |glove )?(?:embeddings|vectors)"), reject=r"hidden|sentence vectors|feature vectors?|paragraph")
    add("vocab_size", 10, 5e7, whole=True, keys="vocab|alphabet|token|word|merge|bpe|dictionary|lexicon", after=(
        r"(?:vocabular(?:y|ies)|alphabet|dictionary)(?: size)?(?: of| with| contain\w*| consist\w*| ha[sd]| to the| is limited to| sizes?| of the| used)*(?: most frequent)?",),
        before=(r"(?:shared |source-target |joint |distinct |most frequent |most common |different |unique )*(?:bpe |word-?piece |sub-?word |wordpiece )*(?:token |word |subword )*vocabular(?:y|ies)", r"(?:most frequent|most common) (?:words|tokens)(?! (?:from|for) the bag)", r"(?:bpe |word-?pieces?|bpe merges|byte-pair merges|merge operations)"),
        raw=(rf"vocabulary[^.;]{{0,60}}?(?:of|with|about|contains|consists of|has|to) (?:about |approximately |roughly |around |the )?{ONE} (?:\w+ )?(?:tokens|words|characters|word pieces|wordpieces|subwords|entries|types|symbols|most|units)",
             rf"alphabet (?:used )?[^.;]{{0,50}}?(?:of|consists of|contains) {ONE} characters"),
        reject=r"out-of-vocab", lists=False)
    add("max_seq_len", 4, 2e6, whole=True, keys="length|tokens|characters|sequence|context|truncat", after=(
        r"(?:max(?:imum|imal)? )?(?:(?:input |training |target |total |combined )?sequence |input |context |sentence )lengths?(?! penalty)", r"max(?:imum)? (?:total )?length", r"context (?:size|window)(?: of)?"),
        raw=(rf"sequences? (?:of|with|have|are)(?: a)?(?: at most| up to| maximum| length| a combined length is| combined length)*(?: of)? [≤]? ?{ONE} ?(?:tokens|characters|words|word pieces)",
             rf"(?:combined length|length)[^.;]{{0,25}}(?:≤|<=|at most|up to|is|of) ?{ONE} (?:tokens|characters)",
             rf"(?:truncat\w*|limit\w*|crop\w*|cut)\b[^.;]{{0,40}}? (?:to|at|after) (?:a maximum of |at most |the first |a length of )?{ONE} (?:tokens|words|characters|word pieces)", rf"{ONE}[- ]token (?:context|sequences)"),
        reject=r"average|generat|output length|beam", lists=False)
    add("feature_maps", 1, 20000, whole=True, keys="feature map|filters|channels|kernels", before=(r"(?:feature maps?|output channels)(?: each| per)?\b",), after=(r"number of (?:feature maps|filters|channels|kernels)",), reject=r"input")
    add("filter_sizes", 1, 100, whole=True, keys="filter|kernel|window", after=(r"(?:filter|kernel|convolution) (?:windows?|widths?|sizes?|regions?)(?: \(\w\))?",), raw=(rf"(?:windows?|filters?|kernels?) of (?:sizes?|widths?) {VALUE}",), reject=r"\d\s?×\s?\d")
    add("maxout_units", 2, 100000, whole=True, keys="maxout", raw=(rf"maxout[^.;]{{0,60}}?(?:of|with|has|have|having|consist\w* of)(?: size)? {ONE}(?= ?(?:maxout|hidden|units|filters|pieces|$|\W))", rf"{ONE} maxout (?:hidden )?units"), lists=False)
    add("bow_features", 100, 1e7, whole=True, keys="bag", raw=(rf"bag[- ]of[- ](?:words|n-?grams|means)[^.]{{0,160}}?{ONE} (?:\w+ )?(?:most frequent|most common|words|features|n-?grams)",), lists=False)
    add("lora_rank", 1, 4096, whole=True, keys="rank|r =|r=|rq|rv", after=(r"(?:lora )(?:rank|r)\b",), raw=(rf"\br_? ?[qvkov]? ?= ?r_? ?[vqkov] ?= ?{ONE}", rf"\brank(?:s)? (?:of |r ?= ?|=)?{ONE}"), lists=False, reject=r"low-rank matri|full rank|intrinsic")
    add("lora_alpha", 1, 4096, whole=True, keys="α|alpha", raw=(rf"(?:lora )(?:α|alpha){_FILLER}{ONE}",), lists=False)


def _objective(make: _Builder) -> None:
    add = make.add
    add("temperature", 1e-3, 200, keys="temperature", after=(r"(?:softmax |sampling |distillation )?temperatures?(?: parameter)?(?: T| τ)?",), raw=(rf"(?:temperature)[^.;]{{0,30}}\b[Tτ] ?= ?{ONE}",))
    add("hard_target_weight", 0, 1, keys="hard target|true target|correct label", raw=(rf"(?:weight|relative weight)[^.;]{{0,20}} of {ONE}[^.;]{{0,40}}(?:hard|true|correct)", rf"(?:hard|true) targets?[^.;]{{0,60}}weight\w*[^.;]{{0,12}} {ONE}", rf"relative weight of {ONE} on the (?:cross[- ]entropy|hard)"), lists=False)
    add("aux_loss_weight", 1e-6, 10, keys="auxiliary|aux|balance", raw=(
        rf"(?:auxiliary|aux\.?|balance) (?:loss(?:es)?|classifiers?|objective|factor)[^.;]{{0,70}}?(?:weight\w*|discount\w*|factor|coefficient|multiplied|scaled|set)[^.;]{{0,30}}?(?:of|by|to|=|is|was) {ONE}",), lists=False)
    add("train_examples", 50, 1e12, whole=True, keys="train", raw=(
        rf"{ONE} (?:\w+ )?training (?:examples|images|samples|cases|instances|sentences|pairs|sentence pairs|documents|utterances)\b(?! (?:per|in each))",
        rf"trained? on (?:\w+ )?{ONE} (?:\w+ )?(?:examples|images|samples|instances|utterances)"), lists=False)
    add("bptt", 2, 10000, whole=True, keys="bptt|backpropagation through time|back-propagation through time|unroll", after=(r"(?:bptt|truncated (?:bptt|back-?propagation(?: through time)?)|unroll\w*)(?: length| window| steps)?(?: for)?",), lists=False)
    add("beam_size", 1, 1000, whole=True, keys="beam", after=(r"beam[- ]?(?:search )?(?:sizes?|widths?)(?: of)?", r"beam search (?:with|of|using)(?: a)?(?: beam)?(?: size| width)?(?: of)?"), before=(r"beams?\b",), lists=False)


def _reinforcement(make: _Builder) -> None:
    add = make.add
    add("discount", 0.5, 1, keys="discount|γ|gamma", after=(r"discount(?:ing)?(?: factor| rate)?(?: \(?γ\)?)?",), raw=(rf"(?:γ|\bgamma) ?= ?{ONE}",), lists=False, reject=r"focal|batch norm")
    add("gae_lambda", 0.3, 1, keys="gae|λ|lambda", raw=(rf"gae[^.;]{{0,40}}?(?:λ|lambda)?\)? ?(?:=|of|to|with)? ?{ONE}",), lists=False, reject=r"γ ?\)?$")
    add("clip", 0.01, 1, keys="clip", raw=(rf"clip\w*[^.;]{{0,50}}?(?:ε|epsilon|range|parameter)[^.;\d]{{0,12}}{ONE}",), lists=False, reject=r"gradient|reward")
    add("entropy_coef", 1e-6, 1, keys="entropy", after=(r"entropy (?:bonus|regulari[sz]ation|coeff(?:icient)?|cost|penalty)(?: coeff\w*| weight| term| parameter)?(?: β| c_?2)?",), lists=False)
    add("horizon", 2, 1e7, whole=True, keys="horizon|timesteps", raw=(rf"horizon (?:\(?T\)? ?)?(?:of |is |= ?|length |to )*{ONE}", ), lists=False)
    add("num_actors", 1, 1e6, whole=True, keys="actor|environments|workers", before=(r"(?:parallel )?(?:actors?(?:-learners?)?|actor threads)\b", r"parallel (?:environments|workers)"), after=(r"number of (?:parallel )?(?:actors|environments)",), lists=False)
    add("frames", 1e4, 1e12, whole=True, keys="frame", raw=(rf"(?:train(?:ed|ing)?|total|for|of|experience)[^.;]{{0,60}}?{ONE} (?:game |training |environment |emulator )?frames", ), lists=False, near=r"(?:memory of|first|every|last|most recent|per) $")
    add("frame_skip", 1, 60, whole=True, keys="frame", raw=(
        rf"(?:frame[- ]?skip\w*|action repeats?)(?: technique| parameter| rate| of| is| =| to| to be| k ?=?)*\s?{ONE}", rf"(?:every|each) k(?:th)? ?(?:frames?|th)?[^.;]{{0,60}}k ?= ?{ONE}", rf"\bk ?= ?{ONE}(?= (?:for|frames|games))", rf"(?:action|actions)[^.;]{{0,40}}repeated (?:for )?{ONE} (?:times|frames)"), lists=False, context=True)
    add("replay_memory", 100, 1e9, whole=True, keys="replay", raw=(rf"replay (?:memory|buffer)[^.;]{{0,50}}?(?:of|size|capacity|contains|with|to|last)(?: the| of| about)* {ONE}", rf"{ONE} (?:most recent|last) (?:transitions|frames|experiences|samples)[^.;]{{0,40}}replay"), lists=False)
    add("epsilon_start", 0.05, 1, keys="ε|epsilon|anneal|explor", raw=(rf"(?:ε|epsilon|explor\w+|anneal\w*)[^.;]{{0,80}}?from {ONE} (?:down )?to (?:{_ANY})",), lists=False, reject=r"learning rate")
    add("epsilon_end", 0, 0.5, keys="ε|epsilon|anneal|explor", raw=(rf"(?:ε|epsilon|explor\w+|anneal\w*)[^.;]{{0,80}}?from (?:{_ANY}) (?:down )?to {ONE}",), lists=False, reject=r"learning rate")
    add("epsilon_decay_frames", 100, 1e9, whole=True, keys="ε|epsilon|anneal", raw=(rf"(?:ε|epsilon|anneal\w*)[^;]{{0,120}}?(?:over|during|for|in)(?: the)?(?: first)? {ONE} (?:\w+ )?(?:frames|steps|transitions|timesteps)",
        r"(?:ε|epsilon|anneal\w*)[^;]{0,120}?over the first (?P<v>million) (?:frames|steps)"), lists=False, reject=r"learning rate")


RULES = _build()
