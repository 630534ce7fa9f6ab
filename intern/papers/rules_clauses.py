# ruff: noqa: E501  the patterns are data, one a line
"""Settings that a whole clause tells: what is left out, what is held within bounds, and how much of it there is."""

from __future__ import annotations

from intern.papers.rules import ONE, VALUE, Builder

TOKENS = r"(?:\w+ )?(?:tokens|words|characters|word-?\s?pieces|sub-?words|bpe units)"
LEFT_OUT = r"(?:filter|remov|discard|exclud|drop|skip|ignor|omit|delet)\w*"


def clauses(make: Builder) -> None:
    add = make.add
    pairs = r"(?:sentences?|pairs|sentence pairs|examples|documents|sequences|inputs|texts)"
    longer = r"(?:whose lengths? (?:\w+ )?(?:exceeds?|is (?:above|over|more than)|are (?:above|over|more than))|(?:that (?:are|have) |which (?:are|have) )?(?:longer than|with more than|more than|exceeding|over))"
    add("max_seq_len", 4, 2e6, whole=True, keys="filter|remov|discard|exclud|drop|skip|ignor|omit|delet", lists=False, tight=True,
        raw=(rf"\b{LEFT_OUT}[^.;\d]{{0,60}}?\b{pairs} {longer} {ONE} {TOKENS}",
             rf"\b{pairs} {longer} {ONE} {TOKENS}[^.;\d]{{0,40}}? (?:is|are|was|were) {LEFT_OUT}"),
        reject=r"test|fewer|shorter")  # fmt: skip
    add("max_seq_len", 4, 2e6, whole=True, keys="query|queries|question|document|passage|contexts", lists=False, tight=True,
        raw=(rf"\b(?:query|question|document|passage) length (?:(?:is|was|of|to|at|set|fixed|=|N_?\w) ?){{1,5}}{ONE}\b",
             rf"\bnumber of (?:embeddings|tokens|vectors) (?:per|in each|for each) (?:query|question|document|passage) (?:(?:is|was|of|to|at|set|fixed|=|N_?\w|L_?\w) ?){{1,5}}{ONE}\b",
             rf"\b(?:cut|truncated|trimmed|limited) to \d+ {TOKENS},? and (?:the )?(?:contexts|documents|passages|answers|paragraphs|summaries|articles) to {ONE} {TOKENS}"))  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="layers", lists=False, tight=True,
        raw=(rf"\b(?:blstm|bi-?lstm|lstm|gru|recurrent|rnn) layers (?:of|with) {ONE} (?:cells|units|neurons)\b", rf"\blayers,? each (?:with|of|having|containing) {ONE} (?:[\w-]+ )?(?:cells|units|neurons|nodes|dimensions)",),
        reject=r"convol|feed-?forward")  # fmt: skip
    add("layers", 1, 2000, whole=True, keys="transformer|encoder|decoder", lists=False, tight=True,
        raw=(rf"\b(?:transformer|encoder|decoder) (?:consists? of|has|have|comprises|contains|with|of) {ONE} blocks\b",), reject=r"per stage")  # fmt: skip
    add("train_examples", 50, 1e12, whole=True, keys="train", lists=False, tight=True,
        raw=(rf"\btraining (?:data|corpus|set|material),? (?:which )?(?:consist\w* of|compris\w*|contain\w*|totall?ing|made up of) (?:about |over |around |roughly |some |approximately )?{ONE} (?:[\w-]+ )?(?:pairs|sentences|images|examples|samples|documents|utterances)\b",))  # fmt: skip
    searched = r"(?:search|tun|select|chos|choos|sweep|swept|vari|grid)\w*"
    best = r"(?:the )?(?:optimal|best(?:-performing)?|chosen|selected|final)(?: one| value| setting| choice)? (?:is|was|being|turned out to be|were|proved to be) (?:at )?"
    for name, words, low, high in (
        ("weight_decay", r"(?:weight decay|(?:l_?\s?2|ℓ_?2)[- ](?:regulari[sz]ation|penalty|norm))", 1e-9, 1.0),
        ("dropout", r"(?:drop-?out)", 0.0, 0.95),
        ("learning_rate", r"(?:learning rate|step size)", 1e-8, 30.0),
    ):
        add(name, low, high, keys="optimal|best|chosen|selected|final", lists=False, tight=True, weight=1.3,
            raw=(rf"\b{words}(?:[^.;]|\.\d|\.\.\.)*?\b{searched}(?:[^.;]|\.\d|\.\.\.){{0,90}}?[}}\])](?:,| and|,? where| with|;)* (?:[\w ]{{0,25}} )?{best}{ONE}",
                 rf"\b{words}(?:[^.;]|\.\d|\.\.\.)*?\b{searched}(?:[^.;]|\.\d|\.\.\.){{0,90}}?[}}\])](?:,| and|;)* {ONE} (?:works?|worked|performs?|performed|is|was|turned out) (?:the )?best"))  # fmt: skip
    add("drop_connect", 0, 0.95, keys="stochastic depth|drop path|drop-path", tight=True,
        raw=(rf"\b(?:stochastic depth|drop[- ]path)[^;\d]{{0,90}}?(?:i\.e\.,?|namely|:) {VALUE} for",))  # fmt: skip
    add("dropout", 0, 0.95, keys="dropout", lists=False, tight=True,
        raw=(r"\bdropout (?:is|was) (?:applied|used|added)[^.;()\d]{0,50}?\((?P<v>0?\.\d+)\)",
             r"\bdropout (?:is|was) (?:applied|used|added)[^.;()\d]{0,50}?\(0?\.\d+\),? and [^.;()\d]{0,50}?\((?P<v>0?\.\d+)\)"))  # fmt: skip
    add("grad_clip", 1e-3, 1e4, keys="gradient", lists=False, tight=True,
        raw=(rf"\bnorms? of (?:the |all )?gradients? (?:is|was|are|were) (?:not allowed to exceed|kept (?:below|under|at most)|limited to|bounded by|capped at|rescaled to|at most) {ONE}",))  # fmt: skip
    add("aux_loss_weight", 1e-6, 1000, keys="weight", lists=False, tight=True,
        raw=(rf"\b(?:λ|α|β|γ|w)(?:_\w)?, (?:which is )?the weight (?:for|of|on|given to) the [\w -]{{3,40}}?(?:objective|loss|term)(?: in the (?:\w+ )?loss)?,? (?:(?:to|is|was|set|at|equals|=) ?){{1,3}}{ONE}",))  # fmt: skip
    add("vocab_size", 10, 5e7, whole=True, keys="bpe|byte", lists=False, tight=True,
        raw=(rf"\b(?:bpe|byte-?\s?pair encoding)(?: \(bpe\))? (?:with|of|using) {ONE} (?:merges|merge operations|operations|units|tokens|types)",))  # fmt: skip
    add("beam_size", 1, 1000, whole=True, keys="beam", lists=False, tight=True,
        raw=(rf"\b(?:keep|keeps|kept|retain\w*|maintain\w*) (?:the )?(?:best |top )?{ONE} (?:\w+ )?(?:hypotheses|candidates|sequences) (?:in|on) (?:the|a|each) beam\b",))  # fmt: skip
    add("discount", 0.5, 1, keys="discounted", lists=False, tight=True,
        raw=(rf"\brewards? (?:is|are|was|were) discounted (?:by|with|at) (?:a (?:factor|rate) (?:of )?)?(?:γ ?= ?)?{ONE}",))  # fmt: skip
    add("replay_memory", 100, 1e9, whole=True, keys="buffer|memory", lists=False, tight=True,
        raw=(rf"\b(?:replay |experience )?(?:buffer|memory) (?:keeps?|stores?|holds?|contains?|retains?) (?:only )?(?:the )?(?:latest|most recent|last|newest) {ONE} (?:[\w-]+ )?(?:transitions|frames|experiences|samples|steps)",))  # fmt: skip
    add("horizon", 2, 1e7, whole=True, keys="actors|environments|workers", lists=False, tight=True,
        raw=(rf"\b(?:actors|environments|workers|agents)(?: in parallel)? (?:for|over) {ONE} (?:time-?\s?)?steps each\b",))  # fmt: skip
    add("epsilon_end", 0, 0.5, keys="ε|ϵ|epsilon", lists=False, tight=True,
        raw=(rf"\b(?:anneal|decay|decreas|reduc|lower)\w* (?:the )?(?:ε|ϵ|epsilon) (?:\w+ly )?(?:down )?to {ONE}",))  # fmt: skip
    add("epsilon_decay_frames", 100, 1e9, whole=True, keys="ε|ϵ|epsilon", lists=False, tight=True,
        raw=(rf"\b(?:anneal|decay|decreas|reduc|lower)\w* (?:the )?(?:ε|ϵ|epsilon) [^;]{{0,40}}?(?:over|during|in|within) (?:the )?(?:first )?{ONE} (?:\w+ )?(?:frames|steps|transitions|timesteps)",))  # fmt: skip
    add("vocab_size", 10, 5e7, whole=True, keys="vocab|sentencepiece|wordpiece|bpe|tokenizer", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE}-(?:token|piece|sub-?word|unit|word|wordpiece|entry)s? (?:[\w-]+ ){{0,3}}?(?:vocabular|sentence-?piece|word-?piece|bpe|tokeni[sz]er)",))  # fmt: skip
    add("horizon", 2, 1e7, whole=True, keys="collect|gather|sampl", lists=False, tight=True,
        raw=(rf"\b(?:each|every|per|one|an|in every|in each|at each) (?:training )?(?:iteration|update|epoch|policy update|round|batch)(?: \w+)?,? (?:[\w-]+ ){{0,3}}?(?:collects?|gathers?|samples?) {ONE} (?:environment |environmental |simulated )?(?:time-?\s?steps|steps|transitions|interactions)",
             rf"\b(?:collect|gather)\w* {ONE} (?:environment |environmental )?(?:time-?\s?steps|steps|transitions|interactions) (?:per|in each|in every|for each|before each|between|at each) (?:\w+ )?(?:iteration|update|epoch|round)"))  # fmt: skip
    add("num_actors", 2, 1e6, whole=True, keys="copies|instances", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE} (?:parallel |independent |separate )?(?:copies|instances) of (?:the|each|an|our) (?:\w+ )?(?:environments?|game|simulator|simulation|emulator)\b",))  # fmt: skip
    add("frames", 1e4, 1e12, whole=True, keys="interactions|interaction", lists=False, tight=True,
        raw=(rf"\b(?:train\w*|uses?|used|for|with|within|budget of|total of) (?:only )?(?:a total of )?{ONE} (?:environment(?:al)?|agent-environment|real-world|real) interactions\b",),
        reject=r"first|after|every")  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="heads", lists=False, tight=True,
        raw=(rf"\bheads(?:,| and|, and) d ?= ?{ONE}(?![\w.]*\d)", rf"\bd ?= ?{ONE},? (?:and )?(?:with )?(?:h|H) ?= ?\d+ (?:attention )?heads"))  # fmt: skip
    told = r"(?:[\w-]+ ){0,3}?(?:examples|demonstrations|pairs|images|sentences|instructions|conversations|utterances|dialogues|comparisons|documents|samples|trajectories|clips|prompts|questions|triples)"
    add("train_examples", 50, 1e12, whole=True, keys="train|tun|sft|epoch", lists=False, tight=True,
        raw=(rf"\b(?:(?:pre-?|fine-?)?train(?:ed|ing)?|(?:fine-?|instruction-?)?tun(?:ed?|ing)|SFT)(?: (?:our|the|is|was|are|were|it|run|stage|model|models|done|performed|further|it))* (?:on|using|over|with) (?:the |our |these |about |around |roughly |approximately |a total of |some |~ ?)*{ONE} {told}\b",
             rf"\bepochs? (?:over|on|of|through) (?:the |our |all |these )*{ONE} {told}\b"),
        reject=r"per (?:class|gpu|batch|update|step)|mini-?batch|batch(?:es)? of|each|test|validation|negative|evaluat|\b(?:first|only) \S+ (?:example|sample)")  # fmt: skip
    add("learning_rate", 1e-8, 30, keys="batch", lists=False, tight=True,
        raw=(r"\b(?:learning rate|lr)(?: (?:is|of|was|to|at|as|be|set|scaled|follows|linearly|computed|given|by))*\s?[=:]? ?(?P<v>\d+(?:\.\d+)?(?:e-?\d+)?) ?[×x*·] ?(?:√|sqrt)?\(?\s?(?:total |global |the )?(?:batch|bs\b|b ?/)",
             r"\b(?:learning rate|lr)(?: (?:is|of|was|to|at|as|be|set))*\s?[=:]? ?(?P<v>\d+(?:\.\d+)?(?:e-?\d+)?) (?:per|for (?:a|every|each)) (?:batch (?:size )?of )?(?:\d+ (?:images|samples|examples))"))  # fmt: skip
