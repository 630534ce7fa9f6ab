# ruff: noqa: E501  the patterns are data, one a line
"""Rules for the objective, the data and decoding."""

from __future__ import annotations

from intern.papers.numbers import NUMBER
from intern.papers.rules import ONE, Builder


def objective(make: Builder) -> None:
    add = make.add
    add(
        "temperature",
        1e-3,
        200,
        keys="temperature",
        after=(r"(?:softmax |sampling |distillation )?temperatures?(?: parameter)?(?: T| τ)?",),
        raw=(
            rf"(?:temperature)[^.;]{{0,50}}\b[Tτκ] ?= ?{ONE}",
            rf"temperature[^.;]{{0,25}} annealed from {ONE}",
        ),
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
        keys="auxiliary|aux|balance|weight|coefficient",
        raw=(
            rf"(?:weight|coefficient) (?:[α-ω] ?= ?|of )?{ONE} (?:for|on) the (?:auxiliary|diversity|consistency|"
            rf"contrastive|distillation|regulari[sz]ation|alignment|commitment) (?:loss|term)",
            rf"(?:auxiliary|aux\.?|balance) (?:loss(?:es)?|classifiers?|objective|"
            rf"factor)[^.;]{{0,70}}?(?:weight\w*|discount\w*|factor|coefficient|multiplied|scaled|"
            rf"set)[^.;]{{0,30}}?(?:of|by|to|=|is|was) {ONE}",
        ),
        lists=False,
    )
    hard = r"(?:(?:hard|true|ground[- ]truth|one-?hot|correct|real)[- ](?:label|target)s?|ground[- ]truth)"
    add(
        "hard_target_weight",
        0,
        1,
        keys="distil|soft|teacher|hard",
        raw=(
            rf"\b{hard} (?:loss |term |cross-entropy )?(?:gets?|has|have|receives?|is|are|was|with)(?: given| weighted)?(?: an?| the)?(?: relative)?(?: weight| weighting| by)?(?: of| by)? {ONE}",
            rf"\b{hard} (?:loss |term |cross-entropy )?weight(?:ing)? (?:(?:of|is|was|set|to|=) ?)*{ONE}",
            rf"\b(?:weight|scale|multiply|weighted|weighting) (?:the )?{hard} (?:loss|term|cross-entropy)?(?: with)?(?: by| a weight of)? {ONE}",
            rf"\b(?:loss|cross[- ]entropy|term) (?:with|on|for|to|of|against) (?:the )?{hard} (?:is|has|gets|was|with|receives)[^.;\d]{{0,20}}{ONE}",
        ),
        lists=False,
    )
    aux = r"(?:auxiliary|aux\.?|load[- ]balanc\w+|balanc\w+|consistency|diversity)(?: \w+)? (?:loss(?:es)?|terms?|objectives?)"
    add(
        "aux_loss_weight",
        1e-6,
        10,
        keys="auxiliary|aux|balanc|consistency|diversity",
        raw=(
            rf"\b(?:multipl|scal|weight|weigh)\w* (?:the |all |our |this |an )?{aux} (?:by|with|at)(?: a (?:factor|weight|coefficient) of)? (?:λ ?= ?|α ?= ?)?{ONE}",
            rf"(?:λ|α|β|γ|w)_? ?(?:aux|bal|balance|lb|cons)\w* ?= ?{ONE}",
            rf"(?<![\w.]){ONE} (?:times|·|×|\*) (?:the )?{aux}",
            rf"\b{aux}[^.;\d]{{0,30}}?\b(?:weight|coefficient|factor)(?: \w)?(?: (?:of|is|was|to|set|at)| ?=| ?:)* ?{ONE}",
        ),
        lists=False,
    )
    add(
        "train_examples",
        50,
        1e12,
        whole=True,
        keys="train|tuning",
        raw=(
            rf"{ONE} (?:\w+ )?training (?:examples|images|samples|cases|instances|sentences|pairs|sentence "
            rf"pairs|documents|utterances)\b(?! (?:per|in each))",
            rf"{ONE} (?:[a-z-]+ ){{0,2}}?(?:examples|images|samples|instances|sentences|pairs|documents|reviews|videos|clips|articles|questions|demonstrations) (?:are|were|is|was|serve)(?: \w+)? (?:used )?(?:for|in|during|as) (?:the )?(?:\w+ stage of )?(?:training|pre-?training|fine-?tuning|alignment)\b",
            rf"(?:^|\b(?:has|have|with|of|into|are|is|use|using|:) )(?:the )?{ONE} training (?:and|,|/) [\d,.kK]+ (?:\w+ )?test",
            rf"{ONE} (?:\w+ )?(?:examples|images|samples|cases|instances|sentences|pairs|documents|utterances|tracks|videos|clips|recordings|"
            r"articles|dialogues|graphs|subjects|questions|sequences) (?:are |were |is )?(?:used )?(?:for|as) (?:the )?training\b",
            rf"\b(?:with|of|into|contains?|has|have|use|using|are|is|comprises|includes|:) {ONE}(?: \w+)?(?: for)? training,? (?:and )?[\d,.kK]+(?: \w+)?(?: for)? (?:validation|development|dev|test)",
            rf"{ONE} (?:\w+ )?(?:examples|images|samples|instances|sentences|pairs) (?:in|of|from) the training (?:set|data|split)\b",
            rf"train\w*[^.;]{{0,60}}?\b(?:on|using|with) (?:an? )?(?:random |small |fixed )?(?:sample|subset|set) of {ONE}(?= (?:\w+ )?(?:examples|images|samples|instances|sentences|pairs|documents))",
            rf"(?:instruction-?tuning|fine-?tuning|training|sft) (?:data ?sets?|data|corpus|set) (?:to )?(?:includes?|contains?|comprises?|consists? of|of|with) (?:about |over |around )?{ONE} "
            rf"(?:\w+ )?(?:examples|images|samples|instances|sentences|pairs|documents)",
            rf"train\w*\b[^.;]{{0,40}}? on [^.;,]{{0,40}}?(?:data ?set|corpus|collection) (?:consisting |composed |made up )?(?:of|with|containing) (?:about |over |around |roughly )?{ONE} "
            rf"(?:[\w-]+ )?(?:pairs|images|examples|samples|sentences|documents|videos|clips)\b",
            rf"\b(?:has|have|with|contains?) [~∼≈]? ?{ONE} training entries",
            rf"\b(?:pre-?|fine-?)?(?:train(?:ed|ing)?|tuned?|tuning) (?:\w+ )?(?:models? )?on (?:a subset of |about |around |over |roughly |the )?(?:\w+ )?{ONE} (?:[a-z-]+ ){{0,3}}?"
            rf"(?:pairs|examples|clips|videos|documents|conversations|demonstrations|trajectories|questions|recordings|images|samples|instances|utterances|sentences|sentence pairs)\b",
        ),
        lists=False,
    )
    add(
        "ema_decay",
        0.5,
        0.9999999,
        keys="ema|moving average|polyak",
        raw=(
            rf"(?:\bEMA\b|(?:exponential )?moving averag\w+|polyak averag\w+)[^.;\d]{{0,90}}?(?:decay|momentum|rate|coefficient|factor)(?: \w+){{0,2}}?(?: (?:of|to|is|was)| ?=) ?{ONE}",
            rf"{ONE} (?:as the )?(?:EMA decay|decay (?:rate |factor )?(?:of|for) the (?:EMA|moving average))",
        ),
        reject=r"batch[- ]?norm|running (?:mean|statistic)|gradient|loss|reward|adam",
        lists=False,
    )
    add(
        "top_p",
        0.05,
        1,
        keys="nucleus|top-p|top p",
        raw=(rf"(?:nucleus(?: sampling)?|top-p(?: sampling)?)[^.;\d]{{0,40}}?(?:p ?= ?|of ){ONE}",),
        lists=False,
    )
    add("timesteps", 2, 1e5, whole=True, keys="diffusion|t =", lists=False,
        raw=(rf"\bT ?= ?{ONE}\b(?=[^.;]{{0,90}}(?:diffusion|network evaluations|denois|time-?steps|sampling|experiments|sweep))",
             rf"{ONE} (?:diffusion|denoising) (?:time-?)?steps"))  # fmt: skip
    add(
        "beta_start",
        1e-6,
        0.1,
        keys="β|beta",
        raw=(rf"\bβ_?(?:1|0|min|start) ?= ?{ONE},? (?:to|and) β_?\w+ ?=",),
        lists=False,
    )
    add(
        "beta_end",
        1e-4,
        0.999,
        keys="β|beta",
        raw=(rf"\bβ_?(?:1|0|min|start) ?= ?{NUMBER},? to β_?\w+ ?= ?{ONE}",),
        lists=False,
    )
    add(
        "bptt",
        2,
        10000,
        whole=True,
        keys="bptt|sub-sequence|subsequence|backpropagation through time|back-propagation through time|unroll",
        raw=(
            rf"sub-?sequences of (?:length )?{ONE}",
            rf"bptt length[^.;\d]{{0,24}}{ONE}",
            rf"(?:bptt|back-?propagation through time)(?: \(bptt\))?[^.;\d]{{0,25}}?\b(?:over|for|of|after|to|with|every|by|length|window) (?:length )?{ONE}",
            rf"\b(?:truncated|propagated|cut)[^.;\d]{{0,15}}? (?:after|over|for|to|by) {ONE} (?:time-?\s?)?(?:steps|tokens|characters|words)(?= (?:of|in|by|with|using|through)\b[^.;]{{0,15}}(?:bptt|back-?propagat|time))",
            rf"\bunroll(?:ed|ing)? (?:lengths? )?(?:(?:of|is|was|to) ?)*{ONE} (?:characters|tokens|words|symbols)",
            rf"\bunroll\w*(?! (?:length|parameter))(?: [a-z]\w*| LSTMs?| RNNs?| GRUs?){{0,4}}? (?:for|over|by|to|through) {ONE} (?:time-?\s?)?(?:steps|characters|tokens|words|frames|symbols)",
        ),
        after=(r"(?:bptt|truncated (?:bptt|back-?propagation(?: through time)?))(?: length| window| steps)?(?: for)?",),
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
        raw=(rf"\bbeam {ONE} for the",),
        lists=False,
    )
