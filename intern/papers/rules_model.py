# ruff: noqa: E501  the patterns are data, one a line
"""Rules for the model: its layers, widths, vocabulary, input and adapters."""

from __future__ import annotations

from intern.papers.rules import FILLER, ONE, VALUE, Builder


def model(make: Builder) -> None:
    add = make.add
    kinds = (
        r"(?:transformer|encoder|decoder|lstm|gru|recurrent|rnn|hidden|convolutional|conv|bi-?lstm|blstm|bi-?gru|"
        r"bidirectional|fully[- ]connected|self-attention|identical|residual|bottleneck|weight|parameter|stacked|"
        r"unidirectional|gpt|attention|network|linear|feed-?forward|gated|dense|learned)"
    )
    add(
        "layers",
        1,
        2000,
        whole=True,
        keys="layer|depth|stack|deep|block",
        before=(
            rf"(?:{kinds}[, -]*)+layers?\b(?! (?:of|with) pool)",
            r"layers (?:of|in|with|for) (?:the |each |our )?(?:encoder|decoder|lstm|gru|transformer|network|model)",
            r"layers? (?:lstm|gru|rnn|transformer|network|residual|decoder|encoder|bi|cnn|plain|mlp|perceptron|neural)\w*",
            r"layers\b(?= each| deep|,? with \d+| of \d+)",
            r"-?layer\b(?! (?:\w+ )?blocks?\b)",
            r"(?:transformer|residual|encoder|decoder|conformer|attention) blocks\b(?! (?:of|with) \d)",
        ),
        after=(
            rf"number of (?:{kinds}[, ]*)*(?:layers|blocks)(?! to (?:fine|skip|freez))(?: \(\w\))?",
            r"(?<![\w-])depth of(?: the)?",
        ),
        raw=(
            rf"{ONE} (?:\w+ )?\([A-Z] ?= ?\d+\) (?:\w+ )?(?:layers|blocks)",
            rf"number of layers (?:in|of) [^.;\d]{{3,40}}? (?:is|was|to) {ONE}",
            rf"\bN ?= ?{ONE} (?:identical|layers)",
            rf"(?:stack|composed) of (?:a stack of )?(?:N ?= ?)?{ONE} (?:\w+ )?(?:layers|blocks)",
            rf"\b(?:has|have|with|of|uses?|using|employs?|and|contains?|comprises?|is|are) {ONE} (?:\w+ )?layers\b",
            rf"\b(?:contains?|has|have|with|of) {ONE} blocks\b(?=,|\.| and)",
        ),
        near=r"pre-?trained $|layers deep,? with[^.;]*$|\bbetween the $",
        reject=r"\b(?:first|last|top|bottom|final|lower|upper|previous) \S+ (?:[\w-]+ )?layers?|pooling "
        r"layers?$|every \S+ layers|layer,? (?:norm)|skip|max-pooling|"
        r"(?:for|in|of) each [^.;]{0,40}(?:function|block|module|unit)|layers? per |\bpath\b|(?:in|per|for|at) (?:each|every)? ?(?:resolution|scale|stage|level)|"
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
            r"(?<!forward )(?<!ffn )(?<!mlp )(?:model|hidden|hidden state|state|transformer|lstm|rnn|gru|residual)(?: layer)? "
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
        keys="unit|neuron|node|cell|activations|fully|hidden|features",
        before=(
            rf"(?:(?:hidden|rectified|rectifier|linear|relu|recurrent|lstm|gru|logistic|sigmoid|tanh|"
            rf"fully[- ]connected|memory|gated|bidirectional)[ -]*)+{units}\b",
            r"hidden (?:features|channels)\b",
            r"(?:units|neurons|nodes|cells|hidden units|activations) (?:each|at each|per(?! class| graph| cluster)|in each|in every|in the "
            r"(?:hidden|first|second|last)|for each)",
            r"activations each",
            r"rectifier units?",
        ),
        after=(
            r"(?:hidden|fully[- ]connected|dense|lstm|gru|recurrent) (?:layers?|network|rnn) (?:with|of|"
            r"having|consist\w* of|and consist\w* of)(?: \w+ with)?",
        ),
        near=r"softmax (?:layer )?(?:with|of) $",
        reject=r"(?:with|of) (?:one|two|three|four|five|\d) (?:hidden|\w+[- ]connected|dense) layers? *(?:$|and|,|that)|gpu|processing units|output (?:units|layer)|one (?:per|for each) class",
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
            rf"(?:feed-?\s?forward|ffn|filter)[^.;]{{0,40}}\bsizes? (?:is|are|to be|of|as|=) \d ?[×*]? ?[A-Za-z]\w*,? \(?(?:i\.e\.|that is),? {ONE}",
            rf"feed-?\s?forward[^.;]*?(?:\([^()]*\)[^.;]*?)?\bproject\w* (?:[^.;]|\.\d){{0,60}}? to an? (?:new |higher |larger )?dimension (?:[A-Za-z]_?\w? ?= ?)?{ONE}",
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
        raw=(
            rf"{ONE}-?d(?:im)?\.? (?:[\w-]+ ){{0,2}}(?:embeddings?|vectors|glove|word2vec|fasttext)\b",
            rf"\bembed(?:ded|ding|s)? [^.;\d]{{0,40}}?(?:into|in|to|as|with) (?:an? )?{ONE}[- ]dimension",
        ),
        reject=r"hidden (?:state|size|dim\w*)[^,.;]{0,20}$|sentence vectors|feature vectors?|paragraph",
        tight=True,
    )
    add(
        "vocab_size",
        10,
        5e7,
        whole=True,
        keys="codebook|vocab|alphabet|token|word|merge|bpe|dictionary|lexicon",
        after=(
            r"(?:vocabular(?:y|ies)|alphabet|dictionary)(?: size)?(?: of| with| contain\w*| consist\w*| "
            r"ha[sd]| to the| (?:is|was)(?: also)? (?:limited|capped|restricted|truncated) (?:to|at)| sizes?| of the| used|"
            r" of over| of more than)*(?: most frequent)?",
        ),
        before=(
            r"(?:shared |source-target |joint |distinct |most frequent |most common |different |unique "
            r")*(?:bpe |word-?piece |sub-?word |wordpiece )*(?:token |word |subword )*vocabular(?:y|ies)",
            r"(?:most frequent|most common) (?:words|tokens)(?! (?:from|for) the bag)",
            r"(?:bpe |word-?pieces?|bpe merges|byte-pair merges|merge operations)",
        ),
        raw=(
            rf"most (?:frequent|common) {ONE} (?:words|tokens|types)",
            rf"\b(?:bpe|byte-?pair encoding|sentence-?piece|word-?piece) \({ONE} (?:tokens|merges|units|types)?",
            rf"short-?list of (?:the )?(?:{ONE} )(?:most )?",
            rf"vocabulary[^.;]{{0,60}}?(?:of|with|about|contains|consists of|has|to) (?:about |approximately |"
            rf"roughly |around |the )?{ONE} (?:\w+ )?(?:tokens|words|characters|word pieces|wordpieces|"
            rf"subwords|entries|types|symbols|most|units)",
            rf"(?:codebook|code ?book|quanti[sz]er)[^.;\d]{{0,30}}?(?:of|with|has|contains|size) {ONE}(?: \w+)? (?:tokens|entries|codes|vectors|codewords|embeddings)",
            rf"tokenizer[^.;\d]{{0,30}}?(?:with|of|has|contains) {ONE} (?:entries|tokens|types|pieces|symbols|words)",
            rf"alphabet (?:used )?[^.;]{{0,50}}?(?:of|consists of|contains) {ONE} characters",
        ),
        reject=r"(?<![\d.,])\d{1,2} (?:\w+ )?(?:words|commands|keywords)\b|out-of-vocab|cluster|longer than|truncat|at most \S+ (?:word-?piece|bpe|sub)",
        lists=False,
    )
    add(
        "max_seq_len",
        4,
        2e6,
        whole=True,
        keys="length|tokens|characters|sequence|sentences|context|truncat|look",
        after=(
            r"(?:max(?:imum|imal)? )?(?:document )?(?:(?:input |training |target |total |combined )?sequence |"
            r"input |context |sentence )lengths?(?! penalty)",
            r"max(?:imum)? (?:total )?length",
            r"input feature length",
            r"context (?:size|window)(?: of)?",
        ),
        raw=(
            rf"(?:uses?|with|has|have|set) (?:an? |the |our )?(?:default )?look-?back (?:window|length)(?: size| length)? (?:(?:of|is|to|L|=) ?)*{ONE}",
            rf"(?:sentences|documents|sequences|inputs|texts|passages) (?:of|with|containing) "
            rf"(?:up to |at most |no more than |a maximum of )?{ONE} (?:words|tokens|characters|subwords)",
            rf"sequences? (?:of|with|have|are)(?: a)?(?: at most| up to| maximum| length| a combined length is|"
            rf" combined length)*(?: of)? [≤]? ?{ONE} ?(?:tokens|characters|words|word pieces)",
            rf"(?:combined length|length)[^.;]{{0,25}}(?:≤|<=|at most|up to|is|of) ?{ONE} (?:tokens|characters)",
            rf"(?:truncat\w*|limit\w*|crop\w*|cut)\b[^.;]{{0,40}}? (?:to|at|after) (?:a maximum of |at most |"
            rf"the first |a length of )?{ONE} (?:tokens|words|characters|word pieces)",
            rf"{ONE}[- ]token (?:context|sequences)",
            rf"(?:sequence|context)(?: window)?(?: length)?[^.;,\d]{{0,20}}? (?:is|was) (?:then |further )?(?:increased|extended|raised|expanded|reduced) to {ONE}",
            rf"(?:extend|expand|increas)\w* (?:the )?(?:maximum )?(?:context|sequence)(?: window| length)* (?:from [\d.,kK]+ )?to {ONE}",
            rf"(?:cap|limit|restrict|bound)\w* the (?:maximum )?length[^.;\d]{{0,40}}? (?:at|to) {ONE} (?:tokens|words|characters|sub-?words)",
            rf"(?:sentences|documents|sequences|inputs|texts) of (?:maximum )?length (?:of )?(?:up to |at most )?{ONE}"
            r"(?= (?:words?|tokens|characters))",
            rf"sequences of (?:at most|up to|maximum length) [A-Z] ?= ?{ONE}",
            rf"(?:maximum|max\.?) length [A-Z] ?= ?{ONE} tokens",
        ),
        near=r"\b(?:on|for|at) an? (?:\w+ ){0,2}lengths? of $|(?:output|average|generat\w+|beam|decod\w+)[^,.;]{0,40}$",
        reject=r"average|beam|\bfit(?:s|ted)?\b|negative sampl|skip-?gram|word2vec|word vectors",
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
        raw=(
            rf"(?<![\w.]){ONE}-(?:filters?|channels?|kernels?|feature[- ]maps?),? (?:\d+ ?[×x] ?\d+ |\w+ ){{0,2}}conv\w*",
            rf"\d ?[×x] ?\d+ (?:\w+ )?conv\w*(?: layers?| blocks?)? (?:with|of|having|has|using) {ONE} (?:output )?(?:filters|channels|kernels|feature maps|outputs)\b",
        ),
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
            rf"maxout[^.;]{{0,60}}?(?:of|with|has|have|having|consist\w* of|is|=)(?: size)? {ONE}(?= ?(?:maxout|"
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
        keys="rank|r =|r=|rq|rv|lora r",
        after=(r"(?:lora )(?:rank|r)\b", r"\brank r\b"),
        raw=(
            rf"\brank-{ONE}(?= (?:lora|adapter|update|low|matri))",
            rf"\blora[^;.]{{0,60}}?\br ?= ?{ONE}",
            rf"\br ?= ?{ONE}(?=[^.;]{{0,60}}\blora\b)",
            rf"\br_? ?[qvkov]? ?= ?r_? ?[vqkov] ?= ?{ONE}",
            rf"\brank(?:s)? (?:of |r ?= ?|=)?{ONE}",
        ),
        reject=r"low-rank matri(?:x|ces) (?:of|with)|full rank|intrinsic",
    )
    add(
        "lora_alpha",
        1,
        4096,
        whole=True,
        keys="α|alpha",
        raw=(
            rf"(?:lora )(?:α|alpha){FILLER}{ONE}",
            rf"\b(?:lora|rank)[^;.]{{0,60}}?(?:α|\balpha) ?(?:=|of|is|to) ?{ONE}",
            rf"lora[^;]{{0,80}}?\b(?:r|rank)\b[^;α]{{0,30}}(?:α|\balpha)(?: ?(?:=|of|is|to))? ?{ONE}",
            rf"(?:α|\balpha) ?(?:=|of) ?{ONE}(?=[^.;]{{0,60}}\blora\b)",
        ),
        lists=False,
    )
