# ruff: noqa: E501  the patterns are data, one a line
"""Settings told in yet other words: "90 cycles through the training set", "dropped at 80 and 120 epochs by 0.1", "an action is held for 4 frames".

Every rule here is tight: it says enough itself, so that the words around it need not be asked.
"""

from __future__ import annotations

from intern.papers.rules import ONE, Builder
from intern.papers.rules_told import EXAMPLES

BE = r"(?:is|was|are|were|be|being|of|to|at|as|set|fixed|equals?|chosen|kept|=|:)"
DATA = r"(?:(?:training|train|entire|whole|full|complete|labell?ed|available) )*(?:set|data|data ?set|corpus|examples|images|samples|sentences)"
PARTS = r"(?:[\w-]+ ){0,3}?"


def ways(make: Builder) -> None:
    _runs(make)
    _rates(make)
    _weights(make)
    _shapes(make)
    _agents(make)


def _runs(make: Builder) -> None:
    add = make.add
    add("epochs", 1, 2e4, keys="cycles|sweeps|passes|iterations over|times|traversals", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE} (?:\w+ )?(?:cycles|sweeps|passes|iterations|traversals) (?:through|over|of|across) (?:the |all |our |its )?{DATA}\b",
             rf"\b(?:training|train|whole|entire|full) (?:set|data|data ?set|corpus) (?:is|was|has been|being) (?:\w+ )?(?:presented|shown|seen|traversed|visited|passed over|cycled through|used) {ONE} times\b"),
        reject=r"inner|warm")  # fmt: skip
    doing = r"(?:train(?:ed|ing|s)?|fine-?tun(?:e|es|ed|ing)|tune[ds]?|pre-?train(?:ed|ing|s)?|optimi[sz](?:e|ed|es|ing)|run|ran|continu\w+|lasts?|lasted|learn(?:ed|ing|s)?)"
    total = r"(?:(?:an?|the|in|up|to|at|most|maximum|total|of|about|roughly|approximately|around|just|only|another|exactly) ){0,5}"
    aside = r"\b(?:after|before|baselines?|GPT-?\d|original|previous\w*|prior|every|each|warm\w*|first|last|local|inner|while|until|when|if)\b"
    add("epochs", 1, 2e4, keys="epoch", lists=False, tight=True, weight=0.95,
        raw=(rf"\b{doing} (?:(?!after|before|every|first|last|for)[\w'’×.-]+ ){{0,7}}?for {total}{ONE} (?:full |training |total )?epochs\b(?! (?:of|with) (?:linear )?warm)",
             rf"(?<![\w.]){ONE} epochs (?:in all|in total|altogether|overall)\b"),
        near=r"\bwarm\w*\b[^.;]{0,50}$", reject=aside)  # fmt: skip
    add("steps", 100, 1e9, whole=True, keys="iteration|steps|update", lists=False, tight=True, weight=0.95,
        raw=(rf"\b{doing} (?:(?!after|before|every|first|last|for)[\w'’×.-]+ ){{0,7}}?for {total}{ONE} (?:training |total |gradient |parameter |optimi[sz]ation |meta-?)?(?:iterations|steps|updates)\b(?! (?:of|with) (?:linear )?warm)",
             rf"(?<![\w.]){ONE} (?:training |gradient )?(?:iterations|steps|updates) (?:in all|in total|altogether|overall)\b"),
        reject=aside + r"|environment|diffusion|denois|sampl|time-?steps|time steps|episode")  # fmt: skip
    add("batch_size", 2, 5e7, whole=True, keys="batch|update|iteration", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE} (?:[\w-]+ )?(?:rays|pixels|proposals|trees|rows|records|frames|cells|reviews|tweets|questions|articles|posts|paragraphs|prompts|rollouts|completions|episodes|tasks) (?:per|in each|in every|in a|for each) (?:training |mini-?\s?|meta-?\s?)?batch\b",
             rf"\b(?:a|each|every|one) (?:random )?(?:mini-?\s?)?batch of {ONE} (?:\w+ )?(?:rays|pixels|trees|rows|records|questions|articles|prompts) (?:is|are|was|were) (?:drawn|sampled|used|processed|taken)",
             rf"\b(?:each|every|one|a) (?:(?!of|in)[\w-]+ ){{0,3}}?(?:update|iteration|step) (?:uses?|sees?|takes?|draws?|samples?|processes|contains?) {ONE} (?:\w+ )?{EXAMPLES}(?! (?:per|from each))"),
        reject=r"per (?:gpu|device|class)|inner|latency|negative")  # fmt: skip
    data = r"(?:cases|annotations|demonstrations|conversations|instructions|dialogues|dialogs|problems|prompts|posts|tweets|reviews|clips|videos|scenes|patients|scans|records|rows|ratings|graphs|molecules|proteins|recordings|queries|passages|traces|solutions|preferences|comparisons|trajectories|games|images|examples|samples|instances|sentences|documents|pairs|utterances|images)"
    add("train_examples", 50, 1e12, whole=True, keys="train|tuning|tuned|fine-tun|split|learn", lists=False, tight=True,
        raw=(rf"\b(?:train(?:ed|ing|s)?|fine-?tun(?:e|ed|ing)|tuned|tuning)(?: \w+){{0,2}}? (?:run )?(?:for \w+ epochs )?(?:on|used|uses|with|using) (?:a total of |the |our )?{ONE} (?:[a-z-]+ ){{0,2}}?{data}\b(?! (?:per|from each|for (?:valid|dev|test)))",
             rf"\b(?:fine-?tuning|tuning|sft) [^.;\d]{{0,40}}?\bon {ONE} (?:[a-z-]+ )?{data}\b",
             rf"\b(?:split|divided|partitioned|separated) in(?:to)? {ONE} (?:train|training)(?: (?:{data}))?,? (?:and |/ ?)?\d[\d,.kK]* (?:valid\w*|dev\w*|test|held-out)",
             rf"(?<![\w.]){ONE} (?:train|training)(?: {data})?(?:,? and|,| ?/) ?\d[\d,.kK]*(?: \w+)? (?:valid\w*|dev\w*|test|held-out)",
             rf"(?<![\w.]){ONE} (?:{data} )?(?:for|as|in) (?:the )?train(?:ing)?(?: set)?(?:,? and|,| ?/) ?\d[\d,.kK]*(?: \w+)? (?:for|as|in) (?:the )?(?:valid\w*|dev\w*|test|held-out)"),
        reject=r"per class|each class|baseline|mini-?batch")  # fmt: skip
    add("seeds", 2, 1000, whole=True, keys="times|replicat|repetition", lists=False, tight=True,
        raw=(rf"\b(?:all|each|every|these|our|the) (?:[\w-]+ ){{0,2}}?(?:experiments?|trainings?|simulations?|trials|evaluations?|runs?|measurements) (?:is|are|was|were|have been) (?:\w+ )?(?:repeated|replicated|performed|carried out|run) {ONE} times\b",
             rf"\b(?:over|across|of|from) {ONE} (?:independent |random |different |separate )*(?:replications|replicates|repetitions|initiali[sz]ations)\b"),
        reject=r"latency|tim(?:ing|ed)|fold")  # fmt: skip
    add("max_seq_len", 4, 2e6, whole=True, keys="window|length|histor", lists=False, tight=True,
        raw=(rf"(?<!default )\b(?:look-?\s?back|input|history|context|observation|historical|encoding|conditioning) (?:window|length|horizon|period)(?: size| length)?(?: [A-Za-z](?=[ =]))?(?: {BE})* ?{ONE}(?! ?(?:[-–]|to\b|ms|s\b|sec|[kK]?Hz|×|x\b|hours?|days?|frames? per|pixels))",
             rf"\b(?:use|using|with|of) (?:an? )?(?:maximum |max\.? )?(?:sequence|sentence|input|context) (?:of )?(?:maximum |max\.? )length (?:of )?{ONE}\b",
             rf"\bsequences? of (?:a )?(?:maximum|max\.?) length (?:of )?{ONE}\b"),
        near=r"\b(?:fit\w*|within|default)\b[^.;]{0,40}$", reject=r"receptive|attention window|average|mean")  # fmt: skip

    shown = r"(?:example|image|sample|sequence|sentence|crop|clip|video)s?"
    add("batch_size", 2, 5e7, whole=True, keys="gpu|device|card|core|node", lists=False, tight=True,
        raw=(rf"\b{shown} (?:per|on each|on every|for each) (?:gpu|device|card|core|node|worker)[^.;]{{0,60}}?(?:\(|, |i\.e\.,? |for an? |\(so |so |thus |giving (?:an? )?|= |which (?:is|makes|gives) (?:an? )?)(?:total of |effective (?:mini-?)?batch(?: size)? of )?{ONE}(?: {shown})? (?:in total|total|overall|altogether|per (?:mini-?)?batch|on \d+ (?:gpus|devices|cards|tpus))",))  # fmt: skip
    add("batch_size", 2, 5e7, whole=True, keys="draw|sample", lists=False, tight=True,
        raw=(rf"\b(?:we |which )(?:\w+ )?(?:draw|sample)s? (?:mini-?batches of )?{ONE} (?:\w+ )?at (?:a time|each (?:step|update|iteration)|every (?:step|update|iteration))",))  # fmt: skip
    add("train_examples", 50, 1e12, whole=True, keys="train|tuning", lists=False, tight=True,
        raw=(rf"(?<![\w.]){ONE} (?:[a-z-]+ ){{0,2}}?{data} (?:serves?|acts?|(?:is|are|was|were) (?:taken|used|chosen)) as (?:the |our )?(?:training|train) (?:set|data|split)",
             rf"\b[Ff]or (?:pre-?|fine-?)?(?:training|tuning),? we (?:\w+ )?(?:use[d]?|take|took|sampled?|collect(?:ed)?|select(?:ed)?) (?:a (?:total|subset) of )?{ONE} (?:[a-z-]+ ){{0,2}}?{data}\b"))  # fmt: skip
    add("max_seq_len", 4, 2e6, whole=True, keys="recent|last|latest|look", lists=False, tight=True,
        raw=(rf"\b(?:keep|kept|retain(?:ed)?|use[d]?|take|took|consider(?:ed)?|only) (?:only )?the {ONE} (?:most recent|latest|last) (?:\w+ )?(?:items|interactions|clicks|actions|events|behaviou?rs|purchases|tokens|movies|check-ins)\b",
             rf"\b(?:keep|kept|retain(?:ed)?|use[d]?|take|took|consider(?:ed)?|only) (?:only )?the (?:most recent|latest|last) {ONE} (?:\w+ )?(?:items|interactions|clicks|actions|events|behaviou?rs|purchases|tokens|movies|check-ins)\b",
             rf"\blook(?:s|ing)? back (?:over |at )?(?:the )?(?:last |past |previous )?{ONE} (?:hours|steps|days|time-?\s?steps|points|minutes|weeks)\b"))  # fmt: skip


def _rates(make: Builder) -> None:
    add = make.add
    lowers = r"\b(?:decay|anneal|reduc|decreas|multipl|dropp?|lower|scal|shr[iau]nk|cut)\w*"
    when = r"(?:at|after|every|on|upon)(?: the)?(?: epochs?| steps?| iterations?)? \d[\d,.kKM]*%?(?:(?:, and|,| and) \d[\d,.kKM]*%?)*(?: (?:training |total )?(?:epochs|iterations|steps|updates|episodes|rounds|of [\w ]{3,24}))?"
    add("lr_decay_factor", 1e-4, 0.9999, keys="decay|anneal|reduc|decreas|multipl|drop|lower|scal|cut", lists=False, tight=True,
        raw=(rf"{lowers}(?: it| the (?:learning )?rate| the lr)? {when},? (?:by|with)(?: an?)?(?: (?:multiplicative )?(?:factor|ratio|rate)(?: of)?)? (?P<v>0?\.\d+)",
             rf"\b(?:multiplied|scaled) by (?P<v>0?\.\d+) {when}",),
        reject=r"dropout|weight decay|β|ε|epsilon|moving")  # fmt: skip
    add("learning_rate", 1e-8, 30, keys="rate", lists=False, tight=True,
        raw=(rf"\b(?:initial|peak|base|starting|maximum|maximal) (?:learning )?rates?(?: (?:α|η|λ|γ))?(?: {BE})* ?{ONE}(?! ?(?:[kM]?Hz|fps|%|frames|samples|images|bits|kb))",
             rf"\brates? (?:starts|started|begins|began|starting|beginning) (?:at|from|with) {ONE}(?=[^.;]{{0,60}}\b(?:decay|epoch|divid|drop|reduc|anneal|halv|decreas))"),
        reject=r"dropout|mask|sampling rate|frame rate|explor|noise|error|compression|bit|growth|dilation|decay rate|keep|corruption")  # fmt: skip
    add("temperature", 1e-3, 200, keys="temperature", lists=False, tight=True,
        raw=(rf"\btemperature(?: parameter| hyper-?parameter)? ?\(?(?:τ|T|t|κ)\)?(?: (?:in|of|from) (?:Eqn?s?\.?|Equation|the)[^.;\d]{{0,12}}\(?\d*\)?)?(?: {BE})+ ?{ONE}",
             rf"\b(?:softened|sharpened|scaled|divided) (?:with|by) (?:a |the )?temperature (?:τ |T )?(?:{BE} )*{ONE}"))  # fmt: skip
    add("adam_beta1", 0.01, 0.9999, keys="adam", lists=False, tight=True,
        raw=(r"\bexponential decay rates?(?: for the moment estimates)?(?: (?:of|are|were|is|set|to|at))* (?P<v>0?\.\d+),? and 0?\.9\d*",))  # fmt: skip
    add("adam_beta2", 0.01, 0.99999, keys="adam", lists=False, tight=True,
        raw=(r"\bexponential decay rates?(?: for the moment estimates)?(?: (?:of|are|were|is|set|to|at))* 0?\.\d+,? and (?P<v>0?\.9\d*)",))  # fmt: skip

    optimizers = r"(?:adam\w?|adamax|sgd|rmsprop|lamb|lars|adafactor|adagrad|lion|muon)"
    tiny = r"(?P<v>0?\.0\d*|\d(?:\.\d+)?e-\d+|(?:\d(?:\.\d+)? ?[×x·] ?)?10\s?\^\s?-\s?\d)"
    add("learning_rate", 1e-8, 1, keys="adam|sgd|rms|lamb|lars|ada|lion|muon|epoch|steps|iterations", lists=False, tight=True, weight=0.9,
        raw=(rf"\b{optimizers}(?: optimi[sz]er)?,? (?:run |used )?at (?:an? )?(?:(?:constant|fixed|initial|peak) )?(?:(?:learning )?rate (?:of )?)?{tiny}",
             rf"\b{optimizers}(?: optimi[sz]er)? (?:with|and|using) an? (?:(?:constant|fixed|initial|peak) )?rate (?:of )?{tiny}",
             rf"\b(?:train|tun|optimi[sz]|run)\w*\b[^.;\d]{{0,60}}?(?:\d[\d,.kKM]*|one|two|three|a single) (?:epochs?|steps|iterations|updates) at (?:an? )?(?:(?:constant|fixed|initial|peak) )?(?:(?:learning )?rate (?:of )?)?{tiny}"),
        reject=r"decay|\beps|ε|\bper\b")  # fmt: skip
    changed = r"(?:is |was )(?:\w+ )?(?:lowered|reduced|set|changed|decreased|increased|raised)(?: from [\d.]+)? to"
    add(
        "adam_beta2",
        0.01,
        0.99999,
        keys="β|beta",
        lists=False,
        tight=True,
        raw=(rf"(?:β|\bbeta)_? ?2 {changed} {ONE}",),
    )
    add(
        "adam_beta1", 0.01, 0.9999, keys="β|beta", lists=False, tight=True, raw=(rf"(?:β|\bbeta)_? ?1 {changed} {ONE}",)
    )


def _weights(make: Builder) -> None:
    add = make.add
    loss = r"(?:(?:auxiliary|aux\.?|(?:load[- ])?balanc\w+|consistency|diversity|contrastive|commitment|distillation|reconstruction|alignment|perceptual|adversarial|center|triplet|kl|cycle(?:-consistency)?|orthogonality|sparsity|language model(?:l?ing)?|lm|regulari[sz]ation)(?: \w+)?[- ](?:loss(?:es)?|terms?|objectives?))"
    add("aux_loss_weight", 1e-6, 1000, keys="weight|coefficient|factor|multipl|scal", lists=False, tight=True,
        raw=(rf"\b{loss} (?:(?:is|are|was|were|being) )?(?:weighted|scaled|multiplied) (?:(?:by|with|at|a|an|factor|of|weight|coefficient|λ ?=|α ?=|β ?=) ?){{0,4}}{ONE}",
             rf"\b{loss} (?:has|have|gets?|carr(?:y|ies)|receives?|with)(?: an?| the)? (?:loss )?(?:weight|coefficient|factor) (?:of )?{ONE}",
             rf"\b(?:weight|coefficient|factor)s? (?:of )?(?:λ ?= ?|α ?= ?|β ?= ?)?{ONE} (?:for|on|to|with) (?:the |our |this |an? )?{loss}"))  # fmt: skip
    add("aux_loss_weight", 1e-6, 1000, keys="loss weight|loss coefficient", lists=False, tight=True,
        raw=(rf"(?<!hard )(?<!soft )(?<!target )(?<!label )\b(?!total|overall|main|task|value|policy|critic)[\w-]+ loss (?:weight|coefficient)(?: (?:λ|α|β|γ|w)_?\w{{0,4}})?(?: {BE})+ ?{ONE}(?! ?%)",))  # fmt: skip
    add("hard_target_weight", 0, 1, keys="hard|true|ground", lists=False, tight=True,
        raw=(rf"\b(?:weight|relative weight)(?: of)? {ONE} (?:on|to|for) (?:the )?(?:hard|true|correct|ground[- ]truth)[- ](?:targets?|labels?)",
             rf"\b(?:hard|true|correct|ground[- ]truth)[- ](?:targets?|labels?)(?: loss)? (?:with|by|at) (?:a |the )?(?:weight|factor)(?: of)? {ONE}"))  # fmt: skip
    add("l2_constraint", 0.1, 100, keys="norm", lists=False, tight=True,
        raw=(rf"\bnorms? of (?:the |each |every |all |its )?(?:incoming |outgoing |hidden )*(?:weight(?:s| vectors?| matri\w+)?|filters?|rows?|columns?|kernels?)(?: (?:in|of|at|for|into) [\w -]{{3,40}}?)?(?: (?:is|are|was|were|to|be|at|most|exceed|exceeds|below|under|constrained|limited|bounded|clipped|kept|not|allowed|no|more|than))* {ONE}(?! ?[-–×])",
             rf"\b(?:constrain|limit|bound|restrict|cap|clip)\w* (?:the )?(?:maximum |max\.? )?(?:l_?\s?2[- ])?norms? of (?:the |each |every |all |its )?(?:incoming |outgoing |hidden )*(?:weight|filter|row|column|kernel)[^.;\d]{{0,30}}? (?:to|at|by|below|of) (?:at most |a maximum of )?{ONE}",
             rf"\bmax-?\s?norm (?:constraint|regulari[sz]ation|bound|limit)s?(?: c)?(?: (?:of|with|with c|at|is|was|set to|c)| ?=)* ?{ONE}"),
        reject=r"gradient")  # fmt: skip
    add("dropout", 0.001, 0.95, keys="zero|drop", lists=False, tight=True,
        raw=(rf"\b(?:set(?:s|ting)? to zero|zero(?:es|ed|ing)?(?: out)?) (?:the )?(?:outputs?|activations?|responses?|activity) of (?:each|every|the|a) (?:hidden )?(?:neuron|unit|node)s? (?:with|at) (?:an? )?(?:probability|rate|chance)(?: of)?(?: p ?=)? ?{ONE}",
             rf"\b(?:each|every) (?:hidden )?(?:neuron|unit|node|activation)(?:['’]s output)? (?:is|was|being) (?:\w+ )?(?:set to zero|zeroed|zeroed out|omitted|switched off|turned off|removed|dropped) (?:with|at) (?:an? )?(?:probability|rate|chance)(?: of)?(?: p ?=)? ?{ONE}"))  # fmt: skip

    add("l2_constraint", 0.1, 100, keys="norm", lists=False, tight=True,
        raw=(rf"\b(?:weights?|filters?|rows?|columns?)(?: vectors?)?[^.;\d]{{0,40}}\b(?:l_?2[- ])?norm (?:of )?{ONE} (?:when|if|after)",), reject=r"gradient")  # fmt: skip
    add("weight_decay", 1e-9, 1, keys="regulari", lists=False, tight=True,
        raw=(rf"\bregulari[sz]er(?:['’]s)? (?:weight|coefficient|strength|constant)(?: {BE})* ?{ONE}",))  # fmt: skip


def _shapes(make: Builder) -> None:
    add = make.add
    no = r"(?!pool|max-?pool|up-?sampl|down-?sampl|output|embedding|norm|final|first|last|previous|top|bottom|softmax|additional|extra|new|other|remaining|such|more|conditioning|of\b|and\b|or\b|with\b|in\b|for\b|to\b|transposed|deconv|projection|classification|adapter)"
    add("layers", 1, 2000, whole=True, keys="layer|blocks", lists=False, tight=True, weight=0.9,
        raw=(rf"\b(?:there (?:are|were)|consists? of|comprises?|(?:is|are) composed of|composed of|stack of|followed by|stacks?|contains?|has|have|uses?|employs?|with|of) (?:a total of )?{ONE} (?:{no}[\w-]+ )?(?:dilated|causal|temporal|graph|message[- ]passing|gnn|gcn|gat|spectral|bi-?\s?directional|uni-?\s?directional|self-attention|attention|transformer|mamba|state[- ]space|ssm|conformer|residual|bottleneck|gated|recurrent|lstm|bi-?lstm|blstm|bi-?gru|bgru|gru|rnn|highway|hidden|decoder|encoder)[ -](?:{no}[\w-]+ )?layers?\b",
             rf"\b[KLN] ?= ?{ONE} (?:[\w-]+ )?layers\b",
             rf"\b(?:comprises?|consists? of|composed of|contains?|has|with|of|stack of|stacks?|uses?) {ONE} (?:(?:identical|convolution(?:al)?|conv|residual|transformer|encoder|decoder|dense|stacked) )*blocks\b(?! (?:per|in each|at each|for each|in every))"),
        reject=r"\bper\b|each (?:block|stage|module|resolution)|dense blocks")  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="lstm|gru|rnn|recurrent", lists=False, tight=True,
        raw=(rf"\b(?:lstm|bi-?lstm|gru|bi-?gru|rnn|recurrent)s?(?: \w+)? layers? (?:each )?(?:containing|comprising|consisting of|having|made of|composed of) {ONE} (?:hidden |memory |recurrent )?(?:units|cells|neurons|nodes)",
             rf"(?<![\w.]){ONE}[- ](?:node|unit|cell|neuron)s? (?:lstm|bi-?lstm|gru|rnn)\b"))  # fmt: skip
    add("hidden_units", 2, 1e5, whole=True, keys="channels|hidden dim", tight=True, lists=False,
        raw=(rf"\b(?:fully[- ]connected|dense|fc|linear|mlp)(?: \w+)?(?: layers?)?(?:(?!conv)[^.;]){{0,70}}?(?<![\w.]){ONE} channels\b(?! (?:of|for) (?:the )?(?:image|input))",
             rf"\b(?:mlps?|perceptrons?|fc|fully[- ]connected|dense)(?: layer| network| head)?['’]?s? (?:has|have|with|whose|of|had)?(?: an?| its| the)? ?hidden (?:dimension(?:ality)?|dim|width|size|fc(?:['’]s)? dimension)(?: {BE})* ?{ONE}"))  # fmt: skip
    add("feature_maps", 4, 20000, whole=True, keys="base channel|base width|initial channel|channels|filters", tight=True, lists=False,
        raw=(rf"(?<![\w.]){ONE} (?:base|initial|starting|output|hidden) channels\b",
             rf"\b(?:base|initial) (?:channel|filter)s? (?:count|number|width|dimension|size)?(?: {BE})* ?{ONE}"))  # fmt: skip
    add("ffn_size", 8, 2e5, whole=True, keys="feed|ffn|mlp", tight=True, lists=False,
        raw=(rf"\b(?:feed-?\s?forward|ffn|position-?wise) (?:network|layer|block|sub-?layer|mlp)s? (?:maps?|projects?|expands?|goes) (?:\w+ ){{0,4}}?(?:to|into) (?:[A-Za-z]_?\w? ?= ?)?{ONE}[- ]?(?:dim|units|hidden|channels)",
             rf"(?:\d+) embedding dim(?:ension)?s? and {ONE} hidden dim(?:ension)?s\b"))  # fmt: skip
    add("embedding_dim", 2, 20000, whole=True, keys="dimension|entries|code", tight=True, lists=False,
        raw=(rf"\b(?:codebook|code ?book)[^.;]{{0,60}}?(?:entries|codes|vectors|embeddings|codewords)(?: each)? (?:of|with|having) (?:dimension(?:ality)?|size|length) {ONE}",
             rf"\bembeddings? (?:for|of) (?:each|every|the|all|a) (?:[\w-]+ )?(?:words?|tokens?|items?|users?|nodes?|characters?) (?:(?:is|was|are|were|has|have|had|of|a|the) ){{1,3}}dimension(?:ality)? (?:of )?{ONE}",
             rf"(?<![\w.]){ONE}[- ]dimensions? for (?:the |all |each )?(?:word|node|item|user|token|entity) (?:vectors|embeddings)",
             rf"\bembeds? (?:[\w-]+ ){{1,4}}?(?:in|into) (?:an? )?(?:\w+ )?{ONE}[- ]dimensional space"))  # fmt: skip

    add("hidden_size", 4, 1e5, whole=True, keys="depth", tight=True, lists=False,
        raw=(rf"\bdepth(?: is| was| of|:)? \d+,? (?:and )?(?:the |an? )?width(?: is| was| of|:)? {ONE}", rf"\bwidth(?: is| was| of|:)? {ONE},? (?:and )?(?:the |an? )?depth(?: is| was| of|:)? \d+"))  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="hidden", tight=True, lists=False,
        raw=(rf"\bhidden (?:fc|layer|dense layer|linear layer)(?:['’]s)?(?: (?:dimension(?:ality)?|dim|width|size))? (?:is|was|of) ?{ONE}(?:-?d\b|-dim\w*|(?=[,.;)]| (?:and|for|in)\b))",))  # fmt: skip
    add("vocab_size", 10, 5e7, whole=True, keys="vocab", tight=True, lists=False,
        raw=(rf"(?<![\w.]){ONE} (?:distinct |unique |different )?(?:words|tokens|types|characters|sub-?words|entries) in (?:its|the|our|their) vocabulary",))  # fmt: skip
    add("embedding_dim", 2, 20000, whole=True, keys="embeddings", tight=True, lists=False,
        raw=(rf"\b(?:all|the|our|word|token|item|node) embeddings,? (?:including [^.;]{{3,90}}, )?(?:have|are of|had) (?:a )?dimension(?:ality)? (?:of )?{ONE}",))  # fmt: skip
    add("grad_clip", 1e-3, 1e4, keys="gradient", tight=True, lists=False,
        raw=(rf"\b(?:renormali[sz]e|re-?scale|scale|clip|normali[sz]e)\w* (?:the |all )?gradients? (?:down )?(?:if|when|whenever|once) (?:their|its|the) (?:\w+ )?norm (?:exceeds?|is (?:larger|greater|bigger|higher) than|goes above|surpasses) {ONE}",))  # fmt: skip
    add("learning_rate", 1e-8, 30, keys="learning rate", tight=True, lists=False,
        raw=(rf"\blearning[- ]rate(?: decay| schedule| annealing)?, which (?:starts?|begins?|is initiali[sz]ed) (?:from|at|with|to) {ONE}",))  # fmt: skip
    add("lora_rank", 1, 4096, whole=True, keys="lora", tight=True, lists=False,
        raw=(rf"\b(?:dimension|rank|inner dimension) of (?:the )?(?:q?lora|low-rank)(?:['’]s)?(?: [a-z]+){{0,3}} (?:is|was|are|were) (?:set to |fixed (?:to|at) )?{ONE}",))  # fmt: skip
    pair = r"(?:β|betas?)(?: (?:parameters?|values?|coefficients?))? ?(?:(?:to|be|of|is|are|as|set|=|was|were) ?){0,4}"
    add(
        "adam_beta1",
        0,
        0.9999,
        keys="β|beta",
        tight=True,
        lists=False,
        raw=(rf"(?<![\w_]){pair}[(\[](?P<v>0?\.\d+), ?0?\.\d+[)\]]",),
    )
    add(
        "adam_beta2",
        0.5,
        0.99999,
        keys="β|beta",
        tight=True,
        lists=False,
        raw=(rf"(?<![\w_]){pair}[(\[]0?\.\d+, ?(?P<v>0?\.\d+)[)\]]",),
    )
    add("layers", 1, 2000, whole=True, keys="layers", tight=True, lists=False, weight=0.9,
        raw=(rf"\b(?:includes?|including|consisting of|comprising) {ONE} (?:[a-z]+ )?layers,? (?:with|and|of) (?:an? )?(?:\w+ )?(?:model|hidden|\d|dimension|width|head|attention|embedding)",))  # fmt: skip
    widths = r"(?P<v>\d{2,5}(?: ?[-–→×] ?\d{2,5}){1,5})(?![\w%]|\.\d|-\d)"
    add("hidden_units", 4, 1e5, whole=True, keys="network|mlp|hidden|tower|layers|perceptron|units|neurons", tight=True,
        raw=(rf"\b(?:(?:network|mlp|layer|tower|dnn|dense|hidden(?: layers?)?) (?:structure|architecture|sizes?|shape|dimensions?|units|widths?)|hidden layers)(?: (?:is|are|of|was|were|set|to|the|as|with|for|sizes?|units|deep|part|fixed)|:| ?=)* [\[(]?{widths}",
             rf"\b(?:mlps?|perceptrons?|feed-?forward networks?|dnns?|towers?) (?:with|of|has|have|having|using) (?:(?:the|layer|layers|hidden|sizes?|of|structure|shape) )*[\[(]?{widths}(?: (?:hidden )?(?:units|neurons|nodes))?"))  # fmt: skip
    add(
        "hidden_units",
        2,
        1e5,
        whole=True,
        keys="dense(|linear(",
        tight=True,
        lists=False,
        raw=(r"\bDense\((?P<v>\d{1,5}), ?(?:activation ?= ?)?['\"‘’“]?(?:relu|tanh|gelu|elu|swish|sigmoid)",),
    )
    known = r"(?:words?|tokens?|items?|users?|nodes?|entit(?:y|ies)|relations?|speakers?|characters?|positions?|time|label|class|phonemes?)"
    add("embedding_dim", 2, 20000, whole=True, keys="dimension|-d", tight=True, lists=False,
        raw=(rf"\b{known}(?: and {known})? (?:embeddings?|vectors?) (?:is|are|was|were|has|have) (?:all |each )?{ONE}(?:-dim\w*|-d\b| dimensional| dimensions)",
             rf"\b(?:latent )?(?:vectors|representations) (?:have|has|of|with) (?:a |the )?dimension(?:ality)? (?:of )?{ONE}"),
        reject=r"feature|hidden")  # fmt: skip
    add("heads", 1, 512, whole=True, keys="head", tight=True, lists=False,
        raw=(r"\b(?P<v>one|single|1) (?:self-)?attention head\b(?! (?:of|per|in each|from))", r"\b(?:layers?|blocks?),? and (?P<v>one|a single|1) head\b"),
        reject=r"each|per")  # fmt: skip


def _agents(make: Builder) -> None:
    add = make.add
    steps = r"(?:(?:environment|simulator|simulation|game|emulator|consecutive|time|physics|successive) ?-?)*(?:frames|steps|timesteps|time-?\s?steps|ticks)"
    add("frame_skip", 2, 60, whole=True, keys="action|simulat|decision", lists=False, tight=True,
        raw=(rf"\bactions?\b[^.;\d]{{0,50}}? (?:is|are|was|were) (?:\w+ )?(?:held|kept|applied|maintained|executed|repeated|performed|sustained)(?: constant| fixed)? (?:for|over|during) {ONE} {steps}",
             rf"\b(?:step|steps|stepped|advanc\w+|run|runs|unroll\w*)(?: the)? (?:simulat\w+|environment|emulator|game)? ?(?:by |for )?{ONE} {steps},? (?:while |by )?(?:repeating|holding|keeping|applying) (?:the )?(?:agent['’]s |same |last |chosen |selected )*action",
             rf"\b(?:repeat|hold|apply|keep)(?:s|ing|ed)? (?:each|every|the|an|its) (?:[\w'’-]+ )?action (?:for |over )?{ONE} (?:{steps}|times)",
             rf"\bactions? repeat(?:s|ed|ing)?(?: (?:of|to|is|was|set|=))* {ONE}\b"))  # fmt: skip
    adapters = r"\b(?:q?lora|adapters?|low-rank)\b[^.;]{0,70}?"
    to = r"(?:(?:is|was|being) )?(?:set )?(?:to|at|of|=)"
    add(
        "lora_rank",
        1,
        4096,
        whole=True,
        keys="lora|adapter|low-rank",
        lists=False,
        tight=True,
        raw=(rf"{adapters}\br {to} {ONE}",),
    )
    add(
        "lora_alpha",
        1,
        4096,
        whole=True,
        keys="lora|adapter|low-rank",
        lists=False,
        tight=True,
        raw=(rf"{adapters}(?<!rank and )(?<!r and )(?:\balpha|α) {to} {ONE}",),
    )
    add("horizon", 2, 1e7, whole=True, keys="actor|worker|environment|agent|collect|rollout", lists=False, tight=True,
        raw=(rf"\b(?:actors?|workers?|environments?|agents?|threads?|we) (?:collects?|ran|runs? for|gathers?|rolls? out|samples?|generates?|executes?) {ONE} (?:time-?\s?)?(?:steps|transitions)(?: of experience)? (?:before|between|per|for|in|then)",
             rf"\bcollect(?:s|ed|ing)? {ONE} (?:time-?\s?)?steps(?: of experience)? (?:per|before|between|in) (?:each |every )?(?:update|iteration|rollout|batch|policy)"))  # fmt: skip
    add("epsilon_end", 0, 0.5, keys="ε|ϵ|epsilon|explor", lists=False, tight=True,
        raw=(rf"\banneal(?:s|ed|ing)? (?:the )?(?:ε|ϵ|epsilon|exploration(?: rate)?) (?:\w+ly )?(?:from [\d.]+ )?(?:down )?to {ONE}",))  # fmt: skip
    add("epsilon_decay_frames", 100, 1e9, whole=True, keys="ε|ϵ|epsilon|explor", lists=False, tight=True,
        raw=(rf"\banneal(?:s|ed|ing)? (?:the )?(?:ε|ϵ|epsilon|exploration(?: rate)?) (?:\w+ly )?(?:from [\d.]+ )?(?:down )?to [\d.]+\d (?:in|over|within|during) (?:the )?(?:first )?{ONE} (?:\w+ )?(?:frames|steps|transitions|timesteps)",))  # fmt: skip
    add("frames", 1e5, 1e12, whole=True, keys="frames", lists=False, tight=True,
        raw=(rf"\b(?:full|complete|whole) runs? (?:of|takes?|lasts?|is|are) {ONE} (?:\w+ )?frames",
             rf"\b(?:run|runs|trained|training|train) (?:\w+ ){{0,3}}?(?:for|to|until) (?:a total of )?{ONE} (?:environment |game |total )?frames"))  # fmt: skip
    add("horizon", 2, 1e7, whole=True, keys="unroll", lists=False, tight=True,
        raw=(rf"\b(?:environments?|envs|actors?|workers?|agents?)[^.;]{{0,40}}\bunroll\w*(?: each| them| it)? (?:for|by|over) {ONE} (?:time-?\s?)?steps",))  # fmt: skip
