"""Rules for the model, the objective, the data and reinforcement learning."""

from __future__ import annotations

from intern.papers.rules import ANY, FILLER, ONE, VALUE, Builder


def model(make: Builder) -> None:
    add = make.add
    kinds = (
        r"(?:transformer|encoder|decoder|lstm|gru|recurrent|rnn|hidden|convolutional|conv|bi-?lstm|"
        r"bidirectional|fully[- ]connected|self-attention|identical|residual|weight|parameter|stacked|"
        r"unidirectional|gpt|attention|network|linear|feed-?forward|gated|dense|learned)"
    )
    add(
        "layers",
        1,
        2000,
        whole=True,
        keys="layer|depth|stack|deep",
        before=(
            rf"(?:{kinds}[, -]*)+layers?\b(?! (?:of|with) pool)",
            r"layers (?:of|in|with|for) (?:the |each |our )?(?:encoder|decoder|lstm|gru|transformer|network|model)",
            r"layers? (?:lstm|gru|rnn|transformer|network|residual|decoder|encoder|bi|cnn|plain|mlp|perceptron|neural)\w*",
            r"layers\b(?= each| deep|,? with \d+| of \d+)",
            r"-?layer\b(?! (?:\w+ )?blocks?\b)",
        ),
        after=(
            rf"number of (?:{kinds}[, ]*)*(?:layers|blocks)(?! to (?:fine|skip|freez))(?: \(\w\))?",
            r"(?<![\w-])depth of(?: the)?",
        ),
        raw=(
            rf"\bN ?= ?{ONE} (?:identical|layers)",
            rf"(?:stack|composed) of (?:a stack of )?(?:N ?= ?)?{ONE} (?:\w+ )?(?:layers|blocks)",
            rf"\b(?:has|have|with|of|uses?|using|employs?|and|contains?|comprises?|is|are) {ONE} (?:\w+ )?layers\b",
        ),
        reject=r"\b(?:first|last|top|bottom|final|lower|upper|previous|each of the) \S+ (?:\w+ )?layers?|pooling "
        r"layers?$|every \S+ layers|layer,? (?:norm)|skip|max-pooling|"
        r"(?:for|in|of) each [^.;]{0,40}(?:function|block|module|unit)|layers? per |"
        r"\bin an? (?:\w+ ){0,2}layer\b|10\s?\^\s?\d+ ?-layer",
        weight=0.9,
    )
    units = r"(?:units|neurons|cells|nodes|activations|gru units|lstm units|memory cells|rectifiers?(?: units)?|relus)"
    add(
        "hidden_size",
        4,
        100000,
        whole=True,
        keys="hidden|d_model|dmodel|dimension|width|embed",
        after=(
            r"hidden layers?(?: are| is)? of size",
            r"(?<!beam )(?<!window )(?<!filter )(?<!kernel )\bwidth(?= of)",
            r"(?:model|hidden|hidden state|state|transformer|lstm|rnn|gru|residual)(?: layer)? "
            r"(?:dimension(?:ality)?s?|size|width)s?(?! of (?:the )?(?:embed|input|feed))",
            r"d_? ?model\b",
            r"number of hidden (?:units|neurons|nodes)",
        ),
        before=(
            r"(?:dimensional|d) (?:hidden|lstm|gru|rnn|transformer|model)\w*(?: (?:states?|layers?|vectors?|size|units))?",
            r"(?:hidden )?dimensional states",
        ),
        raw=(rf"produce outputs of dimension (?:d_? ?model ?=? ?)?{ONE}",),
    )
    add(
        "hidden_units",
        2,
        100000,
        whole=True,
        keys="unit|neuron|node|cell|activations|fully|hidden",
        before=(
            rf"(?:(?:hidden|rectified|rectifier|linear|relu|recurrent|lstm|gru|logistic|sigmoid|tanh|"
            rf"fully[- ]connected|memory|gated|bidirectional)[ -]*)+{units}\b",
            r"(?:units|neurons|nodes|cells|hidden units|activations) (?:each|per|in each|in every|in the "
            r"(?:hidden|first|second|last)|for each)",
            r"activations each",
            r"rectifier units?",
        ),
        after=(
            r"(?:hidden|fully[- ]connected|dense|lstm|gru|recurrent) (?:layers?|network|rnn) (?:with|of|"
            r"having|consist\w* of|and consist\w* of)(?: \w+ with)?",
        ),
        near=r"softmax (?:layer )?(?:with|of) $",
        reject=r"gpu|processing units|output (?:units|layer)|one (?:per|for each) class",
    )
    add(
        "ffn_size",
        8,
        200000,
        whole=True,
        keys="ffn|feed|dff|d_ff|inner|intermediate|mlp|filter size",
        after=(
            r"d_? ?ff\b",
            r"(?:inner[- ]layer|inner|feed-?\s?forward|ffn|ff|intermediate|mlp|filter)(?:/filter)?(?: network|"
            r" layer| hidden| inner| inner-layer)?(?: state)? (?:dimension(?:ality)?|size|width)s?",
        ),
        raw=(
            rf"inner-?\s?layer has (?:a )?dimensionality (?:d_?ff ?= ?)?{ONE}",
            rf"{ONE} dimensional (?:inner|feed-forward) ",
        ),
    )
    add(
        "heads",
        1,
        512,
        whole=True,
        keys="head",
        before=(
            r"(?:(?:parallel|self-|self|multi-head|attention|parallel attention)[ -]*)*heads\b",
            r"parallel attention",
        ),
        after=(r"number of (?:self-|self )?(?:attention )?heads",),
        raw=(rf"\bh ?= ?{ONE} (?:parallel|attention|heads)",),
        reject=r"\bsingle[- ]head|head of|fewer heads|too many heads",
    )
    add(
        "embedding_dim",
        2,
        20000,
        whole=True,
        keys="embedding|vector|dimension",
        after=(
            r"(?:word |token |character |char |input |item |node |label )?embeddings?(?: vectors?)? (?:size|"
            r"dimension(?:ality)?s?|dim|of size|of dimension(?:ality)?|layer of size|are of size|have (?:a "
            r")?dimension(?:ality)?)",
            r"(?:word |token |character )?(?:vectors|embeddings?) (?:of|have|with|had|has)(?: a)? (?:dimension(?:ality)?|size)",
            r"d_? ?emb(?:ed)?\b",
            r"size of (?:the )?(?:word |token |character )?(?:embeddings?|vectors)",
        ),
        before=(
            r"dimensional (?:\w+ ){0,2}?(?:embeddings?|vectors?|glove|word2vec|representations)\b(?! (?:size|layers))",
            r"d (?:word |glove )?(?:embeddings|vectors)",
        ),
        reject=r"hidden|sentence vectors|feature vectors?|paragraph",
    )
    add(
        "vocab_size",
        10,
        5e7,
        whole=True,
        keys="vocab|alphabet|token|word|merge|bpe|dictionary|lexicon",
        after=(
            r"(?:vocabular(?:y|ies)|alphabet|dictionary)(?: size)?(?: of| with| contain\w*| consist\w*| "
            r"ha[sd]| to the| is limited to| sizes?| of the| used)*(?: most frequent)?",
        ),
        before=(
            r"(?:shared |source-target |joint |distinct |most frequent |most common |different |unique "
            r")*(?:bpe |word-?piece |sub-?word |wordpiece )*(?:token |word |subword )*vocabular(?:y|ies)",
            r"(?:most frequent|most common) (?:words|tokens)(?! (?:from|for) the bag)",
            r"(?:bpe |word-?pieces?|bpe merges|byte-pair merges|merge operations)",
        ),
        raw=(
            rf"vocabulary[^.;]{{0,60}}?(?:of|with|about|contains|consists of|has|to) (?:about |approximately |"
            rf"roughly |around |the )?{ONE} (?:\w+ )?(?:tokens|words|characters|word pieces|wordpieces|"
            rf"subwords|entries|types|symbols|most|units)",
            rf"alphabet (?:used )?[^.;]{{0,50}}?(?:of|consists of|contains) {ONE} characters",
        ),
        reject=r"out-of-vocab",
        lists=False,
    )
    add(
        "max_seq_len",
        4,
        2e6,
        whole=True,
        keys="length|tokens|characters|sequence|sentences|context|truncat",
        after=(
            r"(?:max(?:imum|imal)? )?(?:(?:input |training |target |total |combined )?sequence |input |"
            r"context |sentence )lengths?(?! penalty)",
            r"max(?:imum)? (?:total )?length",
            r"context (?:size|window)(?: of)?",
        ),
        raw=(
            rf"(?:sentences|documents|sequences|inputs|texts|passages) (?:of|with|containing|longer than) "
            rf"(?:up to |at most |no more than |a maximum of )?{ONE} (?:words|tokens|characters|subwords)",
            rf"sequences? (?:of|with|have|are)(?: a)?(?: at most| up to| maximum| length| a combined length is|"
            rf" combined length)*(?: of)? [≤]? ?{ONE} ?(?:tokens|characters|words|word pieces)",
            rf"(?:combined length|length)[^.;]{{0,25}}(?:≤|<=|at most|up to|is|of) ?{ONE} (?:tokens|characters)",
            rf"(?:truncat\w*|limit\w*|crop\w*|cut)\b[^.;]{{0,40}}? (?:to|at|after) (?:a maximum of |at most |"
            rf"the first |a length of )?{ONE} (?:tokens|words|characters|word pieces)",
            rf"{ONE}[- ]token (?:context|sequences)",
        ),
        reject=r"average|generat|output length|beam",
        lists=False,
    )
    add(
        "feature_maps",
        4,
        20000,
        whole=True,
        keys="feature map|filters|channels|kernels",
        before=(r"(?:feature maps?|output channels)(?: each| per)?\b",),
        after=(r"numbers? of (?:feature maps|filters|channels|kernels)",),
        reject=r"input",
    )
    add(
        "filter_sizes",
        1,
        100,
        whole=True,
        keys="filter|kernel|window",
        after=(r"(?:filter|kernel|convolution) (?:windows?|widths?|sizes?|regions?)(?: \(\w\))?",),
        raw=(rf"(?:windows?|filters?|kernels?) of (?:sizes?|widths?) {VALUE}",),
        reject=r"\d\s?×\s?\d",
    )
    add(
        "maxout_units",
        2,
        100000,
        whole=True,
        keys="maxout",
        raw=(
            rf"maxout[^.;]{{0,60}}?(?:of|with|has|have|having|consist\w* of)(?: size)? {ONE}(?= ?(?:maxout|"
            rf"hidden|units|filters|pieces|$|\W))",
            rf"{ONE} maxout (?:hidden )?units",
        ),
        lists=False,
    )
    add(
        "bow_features",
        100,
        1e7,
        whole=True,
        keys="bag",
        raw=(
            rf"bag[- ]of[- ](?:words|n-?grams|means)[^.]{{0,160}}?{ONE} (?:\w+ )?(?:most frequent|most common|"
            rf"words|features|n-?grams)",
        ),
        lists=False,
    )
    add(
        "lora_rank",
        1,
        4096,
        whole=True,
        keys="rank|r =|r=|rq|rv",
        after=(r"(?:lora )(?:rank|r)\b",),
        raw=(rf"\br_? ?[qvkov]? ?= ?r_? ?[vqkov] ?= ?{ONE}", rf"\brank(?:s)? (?:of |r ?= ?|=)?{ONE}"),
        lists=False,
        reject=r"low-rank matri|full rank|intrinsic",
    )
    add("lora_alpha", 1, 4096, whole=True, keys="α|alpha", raw=(rf"(?:lora )(?:α|alpha){FILLER}{ONE}",), lists=False)


def objective(make: Builder) -> None:
    add = make.add
    add(
        "temperature",
        1e-3,
        200,
        keys="temperature",
        after=(r"(?:softmax |sampling |distillation )?temperatures?(?: parameter)?(?: T| τ)?",),
        raw=(rf"(?:temperature)[^.;]{{0,30}}\b[Tτ] ?= ?{ONE}",),
    )
    add(
        "hard_target_weight",
        0,
        1,
        keys="hard target|true target|correct label",
        raw=(
            rf"(?:weight|relative weight)[^.;]{{0,20}} of {ONE}[^.;]{{0,40}}(?:hard|true|correct)",
            rf"(?:hard|true) targets?[^.;]{{0,60}}weight\w*[^.;]{{0,12}} {ONE}",
            rf"relative weight of {ONE} on the (?:cross[- ]entropy|hard)",
        ),
        lists=False,
    )
    add(
        "aux_loss_weight",
        1e-6,
        10,
        keys="auxiliary|aux|balance",
        raw=(
            rf"(?:auxiliary|aux\.?|balance) (?:loss(?:es)?|classifiers?|objective|"
            rf"factor)[^.;]{{0,70}}?(?:weight\w*|discount\w*|factor|coefficient|multiplied|scaled|"
            rf"set)[^.;]{{0,30}}?(?:of|by|to|=|is|was) {ONE}",
        ),
        lists=False,
    )
    add(
        "train_examples",
        50,
        1e12,
        whole=True,
        keys="train",
        raw=(
            rf"{ONE} (?:\w+ )?training (?:examples|images|samples|cases|instances|sentences|pairs|sentence "
            rf"pairs|documents|utterances)\b(?! (?:per|in each))",
            rf"trained? on (?:\w+ )?{ONE} (?:\w+ )?(?:examples|images|samples|instances|utterances)",
        ),
        lists=False,
    )
    add(
        "bptt",
        2,
        10000,
        whole=True,
        keys="bptt|backpropagation through time|back-propagation through time|unroll",
        after=(
            r"(?:bptt|truncated (?:bptt|back-?propagation(?: through time)?)|unroll\w*)(?: length| window| steps)?(?: for)?",
        ),
        lists=False,
    )
    add(
        "beam_size",
        1,
        1000,
        whole=True,
        keys="beam",
        after=(
            r"beam[- ]?(?:search )?(?:sizes?|widths?)(?: of)?",
            r"beam search (?:with|of|using)(?: a)?(?: beam)?(?: size| width)?(?: of)?",
        ),
        before=(r"beams?\b",),
        lists=False,
    )


def reinforcement(make: Builder) -> None:
    add = make.add
    add(
        "discount",
        0.5,
        1,
        keys="discount|γ|gamma",
        after=(r"discount(?:ing)?(?: factor| rate)?(?: \(?γ\)?)?",),
        raw=(rf"(?:γ|\bgamma) ?= ?{ONE}",),
        lists=False,
        reject=r"focal|batch norm",
    )
    add(
        "gae_lambda",
        0.3,
        1,
        keys="gae|λ|lambda",
        raw=(rf"gae[^.;]{{0,40}}?(?:λ|lambda)?\)? ?(?:=|of|to|with)? ?{ONE}",),
        lists=False,
        reject=r"γ ?\)?$",
    )
    add(
        "clip",
        0.01,
        1,
        keys="clip",
        raw=(rf"clip\w*[^.;]{{0,50}}?(?:ε|epsilon|range|parameter)[^.;\d]{{0,12}}{ONE}",),
        lists=False,
        reject=r"gradient|reward",
    )
    add(
        "entropy_coef",
        1e-6,
        1,
        keys="entropy",
        after=(
            r"entropy (?:bonus|regulari[sz]ation|coeff(?:icient)?|cost|penalty)(?: coeff\w*| weight| term| "
            r"parameter)?(?: β| c_?2)?",
        ),
        lists=False,
    )
    add(
        "horizon",
        2,
        1e7,
        whole=True,
        keys="horizon|timesteps",
        raw=(rf"horizon (?:\(?T\)? ?)?(?:of |is |= ?|length |to )*{ONE}",),
        lists=False,
    )
    add(
        "num_actors",
        1,
        1e6,
        whole=True,
        keys="actor|environments|workers",
        before=(r"(?:parallel )?(?:actors?(?:-learners?)?|actor threads)\b", r"parallel (?:environments|workers)"),
        after=(r"number of (?:parallel )?(?:actors|environments)",),
        lists=False,
    )
    add(
        "frames",
        1e4,
        1e12,
        whole=True,
        keys="frame",
        raw=(
            rf"(?:train(?:ed|ing)?|total|for|of|experience)[^.;]{{0,60}}?{ONE} (?:game |training |environment |emulator )?frames",
        ),
        lists=False,
        near=r"(?:memory of|first|every|last|most recent|per) $",
    )
    add(
        "frame_skip",
        1,
        60,
        whole=True,
        keys="frame",
        raw=(
            rf"(?:frame[- ]?skip\w*|action repeats?)(?: technique| parameter| rate| of| is| =| to| to be| k ?=?)*\s?{ONE}",
            rf"(?:every|each) k(?:th)? ?(?:frames?|th)?[^.;]{{0,60}}k ?= ?{ONE}",
            rf"\bk ?= ?{ONE}(?= (?:for|frames|games))",
            rf"(?:action|actions)[^.;]{{0,40}}repeated (?:for )?{ONE} (?:times|frames)",
        ),
        lists=False,
        context=True,
    )
    add(
        "replay_memory",
        100,
        1e9,
        whole=True,
        keys="replay",
        raw=(
            rf"replay (?:memory|buffer)[^.;]{{0,50}}?(?:of|size|capacity|contains|with|to|last)(?: the| of| about)* {ONE}",
            rf"{ONE} (?:most recent|last) (?:transitions|frames|experiences|samples)[^.;]{{0,40}}replay",
        ),
        lists=False,
    )
    add(
        "epsilon_start",
        0.05,
        1,
        keys="ε|epsilon|anneal|explor",
        raw=(rf"(?:ε|epsilon|explor\w+|anneal\w*)[^.;]{{0,80}}?from {ONE} (?:down )?to (?:{ANY})",),
        lists=False,
        reject=r"learning rate",
    )
    add(
        "epsilon_end",
        0,
        0.5,
        keys="ε|epsilon|anneal|explor",
        raw=(rf"(?:ε|epsilon|explor\w+|anneal\w*)[^.;]{{0,80}}?from (?:{ANY}) (?:down )?to {ONE}",),
        lists=False,
        reject=r"learning rate",
    )
    add(
        "epsilon_decay_frames",
        100,
        1e9,
        whole=True,
        keys="ε|epsilon|anneal",
        raw=(
            rf"(?:ε|epsilon|anneal\w*)[^;]{{0,120}}?(?:over|during|for|in)(?: the)?(?: first)? {ONE} (?:\w+ "
            rf")?(?:frames|steps|transitions|timesteps)",
            r"(?:ε|epsilon|anneal\w*)[^;]{0,120}?over the first (?P<v>million) (?:frames|steps)",
        ),
        lists=False,
        reject=r"learning rate",
    )
