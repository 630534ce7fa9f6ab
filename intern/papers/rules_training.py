# ruff: noqa: E501  the patterns are data, one a line
"""Rules for optimization."""

from __future__ import annotations

from intern.papers.rules import FILLER, ONE, VALUE, Builder


def optimization(make: Builder) -> None:
    add = make.add
    add(
        "learning_rate",
        1e-8,
        30,
        keys="learning rate|learning-rate|step size|stepsize|step-size|lr|max|adam|schedul",
        after=(
            r"(?:initial |base |starting |peak |maximum |maximal |constant |fixed |global "
            r")?learning[- ]rates?(?!\s(?:decay|schedul|warm|is decayed|was decayed|drop|multipl|is "
            r"(?:divided|reduced|decreased)|was (?:divided|reduced|decreased)))",
            r"(?:step[- ]?size|stepsize)s?",
            r"\blr",
        ),
        before=(r"(?:initial |base |peak |constant )?learning[- ]rates?\b",),
        raw=(
            rf"learning rate(?:[^.;]|\.\d){{0,60}}?\bthen (?:increased|raised|ramped up) to {ONE}",
            rf"learning rate(?:(?!decay rate|momentum|weight decay)[^.;]){{0,60}}?\b(?:increased|raised|set)[^.;]{{0,45}}? to (?:a value of |the value of )?{ONE}",
            rf"learning rate (?:starts|is started|started|begins) (?:from|at|with) {ONE}",
            rf"start(?:ing|ed|s)? (?:from|at|with) an? (?:initial )?learning rate of {ONE}",
            rf"learning rate[^.;]{{0,70}}? (?:to|at|with) (?:a|its) (?:peak|maximum)(?: value| rate)?(?: of)? {ONE}",
            rf"learning rates? (?:to|of|is) [^.;,]{{2,12}}, (?:and )?(?:the|our) [\w-]+['’]s (?:to|at|is|of) {ONE}",
            rf"learning rate (?:is|was) (?:linearly )?(?:warmed|ramped)[- ]up to {ONE}",
            rf"(?:regarding|as for) the learning rates?[^.;\d]{{0,50}}?{ONE}",
            rf"η\S{{0,6}}max ?= ?{ONE}",
            rf"learning rate.*\bwe (?:lowered|raised|reduced|increased) it to {ONE}(?= for\b)",
            rf"\badam\w*(?: optimi[sz]er)?(?: \[\d+\])? ?\((?:[^()]|\.\d)*?(?:α|η) ?= ?{ONE}",
            rf"\badam\w*(?: optimi[sz]er)?(?: \[\d+\])?,? (?:with )?(?:α|η) ?= ?{ONE}",
            rf"warm\w*(?:[- ]up)? the learning rate(?:[^.;]|\.\d){{0,60}}? to {ONE}",
            rf"schedul\w+ (?:whose|with an?|with) (?:peak|max(?:imum)?|initial|starting|base)(?: value| rate| lr)?(?: of| is| at)? {ONE}",
            rf"(?:learning rate|step[- ]?size|\blr\b)(?:[^.;]|\.\d){{0,60}}? from {ONE}(?=,? (?:down |up )?to )",
            rf"learning rate(?:[^.;]|\.\d){{0,110}}?\b(?:starting|started|initially|initial value) (?:from|at|with|of|to) {ONE}",
            rf"learning rate[^.;]{{0,60}}?[\d.]+[^.;]{{0,20}}? too (?:high|low|large|small)"
            rf"[^.;]{{0,25}}?(?:using|used|so|to) {ONE}",
        ),
        near=r"(?:\bby|factor of)\s*(?:an? )?$|(?:decay|decreas|reduc|anneal|lower|drop|declin)\w*[^.;,\d]{0,30}(?:learning rate|lr|step size)s? (?:\w+ly )?(?:down )?to $|\b(?:learning[- ]rate|lr)[- ](?:decay|reduction|drop)(?:[- ](?:factor|rate|ratio|coefficient|multiplier))(?: (?:of|is|was|set|to|at|=))* ?$",
    )
    add(
        "lr_decay_factor",
        1e-4,
        0.999,
        keys="learning rate|decay|divid|multipl|reduc",
        raw=(
            r"(?:learning rate|lr|it)\b(?:[^.;]|\.\d){0,60}\b(?:multiplied|scaled|decayed|annealed|reduced|decreased|"
            r"dropped|lowered) by (?:a factor of |an? )?(?P<v>0?\.\d+)",
            r"(?:decay|decaying|drop|reduce|multiply) (?:the )?(?:learning rate|it)s? (?:by|with) (?:a factor "
            r"of )?(?P<v>0?\.\d+)",
            r"(?:step|exponential|learning[- ]rate|lr) (?:decay|schedul\w+)[^.;]{0,40}?\(?(?:γ|gamma|factor) ?(?:=|of) ?(?P<v>0?\.\d+)",
            r"exponential(?:ly)? decay(?:ed)? (?:of|by|with|at) (?:a (?:rate|factor) of )?(?P<v>0?\.\d+) (?:per|every|each)",
            r"\bdecay(?:ed|s|ing)? (?:by )?(?P<v>0?\.\d+) (?:every|per|each)\b",
            r"(?:learning rate )?decay(?:ing)? (?:rate|factor) (?:of |is |was |= ?|set to )+(?P<v>0?\.\d+)",
        ),
        lists=False,
    )
    add(
        "warmup_steps",
        1,
        1e7,
        whole=True,
        keys="warm|ramp|increas",
        after=(r"warm[- _]?up(?: ?_?steps?| iterations?| period| updates?| batches)?(?! ratio)",),
        raw=(
            rf"(?:warm\w*(?:[- ]up)?|increas\w+|ramp\w*)(?:(?!decay|followed|then|cosine|anneal)[^.;]|\.\d){{0,90}}?(?:first|initial|over|during|for|of)(?: "
            rf"the)?(?: first)? {ONE} (?:training )?(?:gradient )?(?:steps|updates|iterations|batches|"
            rf"minibatches|training steps)",
            rf"(?<![\w.]){ONE} (?:steps|updates|iterations)? ?(?:of )?(?:linear )?(?:learning rate )?warm[- ]?up",
        ),
        lists=False,
        reject=r"epochs? (?:of )?warm|warm-?\s?up epochs|warm[- ]?up (?:for |of )?\w+ epochs|warm[- ]?up[^.;,]{0,40}? \S+ epochs",
    )
    add(
        "warmup_ratio",
        1e-4,
        0.6,
        keys="warm",
        after=(r"warm[- ]?up (?:ratio|proportion|fraction)",),
        raw=(
            r"(?P<v>\d+(?:\.\d+)?\s?%) of (?:the )?(?:total |training |all )*(?:steps|updates|iterations|"
            r"training)[^.;]{0,30}warm",
            r"warm\w*(?:[- ]up)?[^.;]{0,50}(?:first |over |for |of )(?P<v>\d+(?:\.\d+)?\s?%)",
        ),
        lists=False,
    )
    add("T_0", 0.5, 1e6, keys="t0|t_0|t 0", raw=(rf"\bT_? ?0 ?= ?{VALUE}",))
    add("T_mult", 1, 100, keys="tmult|t_mult|t mult", raw=(rf"\bT_? ?mult ?= ?{VALUE}",))
    add(
        "momentum",
        0,
        1,
        keys="momentum",
        after=(
            r"(?<!norm )(?<!normalization )(?:nesterov |classical |standard )?momentum(?: term| coefficient| "
            r"parameter)?(?! of (?:the )?(?:batch|bn))",
        ),
        before=(r"(?:nesterov |nesterov's |classical )?momentum\b",),
        reject=r"adam\w*\b[^.;]{0,40}momentum (?:parameters|terms|coefficients|values|pair)",
        near=r"(?:(?:batch|sync|cross|group|instance)[- ]?norm\w*|\b(?:sync)?bn\b|running|moving)[^.;,\d]{0,45}momentum[^.;\d]{0,14}$",
    )
    beta = r"\s?(?:=|of|is|to|:)\s?"
    add(
        "adam_beta1",
        0.01,
        0.9999,
        keys="β|beta|adam",
        raw=(
            rf"(?:β|beta)_? ?1{beta}{VALUE}",
            rf"(?:β|beta)_? ?1[^;]{{0,120}}?(?:reduc|lower|chang|set)\w* it to {ONE}",
            rf"(?:β|beta)_? ?1 ?(?:,| and) ?(?:β|beta)_? ?2\)? ?(?:=|of|to|are|were|as|set to) ?\(?{ONE}(?:,| and) ?(?:0?\.\d+)",
            rf"(?:β|\bbetas?)\)?\s?(?:=|of|are|were|as|set to|:)?\s?[\[({{]?\s?{ONE}\s?(?:[,/]|and)\s?0?\.\d+",
            rf"adam\w*(?:'s)?[^.;\d]{{0,40}}?\b(?:momentum|momenta|moment|decay|exponential)[\w ]{{0,30}}?(?:are|is|of|to|as|were|=|with|:)? ?\(?{ONE}"
            rf"(?:,| and|,? and) ?0?\.9\d*",
            rf"\badam\w* ?\({ONE}, ?0?\.9\d*\)",
        ),
        lists=False,
    )
    add(
        "adam_beta2",
        0.01,
        0.99999,
        keys="β|beta|adam",
        raw=(
            rf"(?:β|beta)_? ?2\)?{beta}(?!\(?0?\.\d+(?:,| and) ?0?\.\d)\(?{ONE}",
            rf"(?:β|beta)_? ?1 ?(?:,| and) ?(?:β|beta)_? ?2\)? ?(?:=|of|to|are|were|as|set to) ?\(?(?:0?\.\d+|0)(?:,| and) ?{ONE}",
            rf"(?:β|\bbetas?)\)?\s?(?:=|of|are|were|as|set to|:)?\s?[\[({{]?\s?(?:0?\.\d+|0)\s?(?:[,/]|and)\s?{ONE}",
            r"adam\w*(?:'s)?[^.;\d]{0,40}?\b(?:momentum|momenta|moment|decay|exponential)[\w ]{0,30}?(?:are|is|of|to|as|were|=|with|:)? ?\(?"
            r"(?:0?\.\d+|0)(?:,| and|,? and) ?(?P<v>0?\.9\d*)",
            r"\badam\w* ?\((?:0?\.\d+|0), ?(?P<v>0?\.9\d*)\)",
        ),
        lists=False,
    )
    add(
        "adam_eps",
        1e-12,
        1e-2,
        keys="ε|epsilon|eps",
        raw=(rf"(?:ε|epsilon|\beps)\s?(?:=|of|is|to|:|was set to|set to)\s?{ONE}",),
        lists=False,
        reject=r"layer-?norm|batch-?norm|norm\(|layer norm|batch norm|adadelta|greedy|ε-|privacy|clip\w* (?:range|param)|ppo|smooth|εls|ball",
    )
    add(
        "adadelta_rho",
        0.5,
        0.9999,
        keys="adadelta",
        context=True,
        raw=(rf"(?:ρ|\brho)\s?(?:=|of|is|to)\s?{ONE}",),
        lists=False,
    )
    add(
        "adadelta_eps",
        1e-12,
        1e-2,
        keys="adadelta",
        raw=(rf"adadelta[^;]{{0,120}}(?:ε|epsilon)\s?(?:=|of|is|to)\s?{ONE}",),
        lists=False,
    )
    add(
        "rmsprop_decay",
        0.5,
        0.9999,
        keys="rmsprop",
        raw=(
            rf"rmsprop[^;.]{{0,40}}?[(,] ?(?:α|alpha|ρ|rho) ?= ?{ONE}",
            rf"rmsprop[^;.]{{0,60}}?\bdecay(?: rate)? and momentum (?:[a-z]+ ){{0,3}}?(?:to|of|as|at|=) ?{ONE}",
            rf"rmsprop[^;]{{0,70}}?\b(?:decay|smoothing)(?: rate| factor| constant| parameter)?{FILLER}{ONE}",
        ),
        lists=False,
    )
    add(
        "grad_clip",
        1e-4,
        1e4,
        keys="clip|rescal|truncat|norm of the gradient|gradient norm|grad norm|renormal|constrain|normaliz",
        after=(
            r"(?:gradients?[- ](?:norm )?clip(?:ping)?(?: norm| threshold| value| at| with)?|clip(?:ping)? "
            r"(?:norm|threshold|value)|max(?:imum)? grad(?:ient)? norm|grad(?:ient)? clipping at (?:a )?(?:global )?norm)",
        ),
        raw=(
            rf"gradients?[^.;]{{0,60}}?\[-\s?\d[\d.]*, ?{ONE}\]",
            rf"norm[^.;]{{0,40}}\bgradients?\b[^.;]{{0,80}}?\bat most (?:an? )?(?:predefined |fixed )?"
            rf"(?:threshold|value|norm)(?: of)? {ONE}",
            rf"(?:gradients?|norm)[^.;]{{0,50}}\b(?:clipp?ed|clip|rescaled?|constrained|limited|truncated|"
            rf"normalized|renormalized|scaled)\b[^.;]{{0,70}}?(?:\bto|\bat|\bof|exceed\w*|threshold|above|than|"
            rf"larger than|maximum|=|norm) (?:a )?(?:an )?(?:norm of |value of |maximum (?:norm )?of |"
            rf"threshold of |at most |be )?\[?{ONE}",
            rf"\b(?:clip|clipped|clipping|rescale|constrain|truncat\w+|normali[sz]ed?) (?:the |all )?(?:L_?2-?)?(?:\w+ )?"
            rf"(?:gradients?|norm)[^.;]{{0,60}}?(?:\bto|\bat|\bof|exceed\w*|threshold|above|than|maximum|with|=|norm)(?: "
            rf"an?)? (?:norm of |value of |maximum (?:norm )?of |threshold of |at most )?\[?{ONE}",
        ),
        reject=r"ratio|reward|perplex|clip\w*[^.;]{0,30}ε",
        lists=False,
    )
    size_of = r"(?:mini-?\s?)?batch(?:es)?"
    add(
        "batch_size",
        2,
        5e7,
        whole=True,
        keys="batch",
        after=(
            r"(?:total |global |effective |training |mini-?\s?)*batch[- ]?sizes?(?! (?:during|for) (?:inference|test|evaluat))",
            rf"{size_of} of size",
            rf"{size_of} of",
            r"mini-?\s?batches with",
        ),
        before=(
            rf"{size_of} size",
            rf"(?:\w+ ){{0,2}}(?:examples|samples|images|sequences|sentences|instances|utterances|pairs|tokens|"
            rf"training cases|cases|points|frames|transitions|sentence pairs)(?: \w+)? (?:per|in each|in a|in "
            rf"every|in one|for each) (?:(?:training|parallel|gpu|global) )?{size_of}",
        ),
        loose=(
            rf"batch\w* (?:contain\w*|consist\w*|compris\w*|hold\w*|includ\w*|ha[ds])(?: of| a set of| "
            rf"sentence pairs containing| about| approximately| around| roughly| up to| \w+){{0,6}} {ONE} "
            rf"(?:\w+ )?(?:examples|samples|images|sequences|sentences|tokens|source|utterances|pairs|words|"
            rf"transitions)",
        ),
        raw=(
            rf"(?:batches|mini-?batches|minibatches) of {VALUE}",
            rf"batch sizes?[^.;,\d]{{0,20}}? (?:is|was|are|were) (?:then |gradually |linearly )*(?:increased|reduced|decreased|raised|lowered|changed) (?:from|to) {ONE}",
            rf"\b(?:for|in) each (?:mini-?)?batch,? we (?:\w+ ){{0,3}}?{ONE}",
            rf"\bB ?= ?{ONE}(?= ?(?:examples|samples|images|sequences))",
        ),
        reject=r"latency|timing|that fits|inference time|inference speed|batch normali[sz]ation over|single (?:cpu|core)|"
        r"throughput|batch size (?:of )?1 on|sampling a batch",
    )
    add(
        "steps",
        10,
        1e9,
        whole=True,
        keys="step|iteration|update",
        before=(
            r"(?:total )?(?:(?:gradient|parameter|weight|optimization|training|sgd|optimizer) )*(?:steps|"
            r"iterations|updates)\b(?! (?:of )?(?:linear )?warm)",
        ),
        after=(
            r"(?:number of |total )(?:training |gradient |parameter |optimization )*(?:steps|iterations|"
            r"updates)(?: of training)?",
        ),
        raw=(
            rf"(?:steps|iterations|updates) (?:is|are|was|were) (?:set to|fixed (?:to|at)) {ONE}",
            rf"(?:train(?:ed|ing)?|run|ran|optimi[sz]ed?|terminated?|stop(?:s|ped)?|"
            rf"iterat\w+)\b[^.;]{{0,60}}?\b(?:for|at|after|to|of|up to|until) (?:a total of |about |"
            rf"approximately |up to |another )?{ONE} (?:\w+ )?(?:steps|iterations|updates)",
        ),
        near=r"(?:divid|reduc|decreas|decay|drop(?!out)|lower|multipl|\bhalv|\bcut)\w*(?:(?:(?!\bof \S{0,6}$)[^.;]){0,45}|(?:(?!\bof \S{0,6}$)(?:[^.;,]|\.\d)){0,45})$|(?:^|[;,] )after (?:the first )?$|\b(?:increas|rais|switch|chang|grow|unfreez|enabl|activat|introduc)\w*[^.;]{0,60}\bafter (?:the first )?$|\bramp\w*[^.;]{0,40}$|\b(?:predict|forecast)\w* (?:the )?(?:next |future |following )?$",
        reject=r"\bcurves?\b|\banneal\w* (?:the )?(?:ε|ϵ|epsilon|exploration)|\baccuracy|reach|converge|fewer|every \S+ (?:steps|iterations|updates)|first \S+ (?:\w+ "
        r")?(?:steps|iterations|updates)|warm|per (?:sec|epoch)|ahead|time[- ]steps|timesteps|steps per|"
        r"each step|diffusion|inner|\b(?:past|previous) \S+ (?:\w+ )?steps|look-?back|ε-greedy|statistics|rollout|trajector|episode|unroll|bptt|through time|collect|loop|inference|evaluat\w+ (?:\w+ ){0,4}for",
        lists=False,
    )
    add(
        "steps",
        10,
        1e9,
        whole=True,
        keys="completion",
        raw=(rf"\btrain\w* to completion at {ONE} steps",),
        tight=True,
        lists=False,
    )
    add(
        "epochs",
        1,
        2e4,
        keys="epoch|passes|times",
        before=(r"(?:training |full )?epochs\b", r"passes (?:over|through) (?:the )?(?:training|data|entire|whole)"),
        after=(r"(?:number of |total |training )epochs(?: of training)?",),
        raw=(
            rf"\bepochs? (?:is|are|was|were) (?:set|fixed) to {ONE}",
            r"for (?P<v>one|a single|1) epoch\b",
            rf"(?:sees?|seen|iterates? over|pass(?:es)? over) (?:the )?(?:\w+ )?(?:training )?(?:set|data|dataset|corpus) {ONE} times",
        ),
        near=r"(?:divid|reduc|decreas|(?<!weight )(?<!weight-)decay|drop(?!out)|lower|multipl|anneal)\w*(?:(?!\bstop|\bfor a total of)[^.;]|\.\d){0,60}$|\bhalv\w+ [^.;,\d]{0,40}$|(?:^|[;,] )after (?:the first )?$|\bearly[- ]stopp?\w* (?:of|with|after) $",
        reject=r"time (?:taken |needed |spent )?(?:for|on)|seconds|milestone|fail\w* to (?:improv|decreas)|(?:not|n['’]t) (?:\w+ )?improve\w* (?:\w+ ){0,2}(?:in|over)|n['’]t (?:\w+ )?improve|(?<![,;:] )(?<! and )\([a-d]\)|\([a-d]\)(?= \d)|epochs \((?:left|right)|every \S+ epochs|first \S+ epochs|last \S+ epochs|after \S+ "
        r"epochs the|warm|per epoch|plot|"
        r"figure|at epochs?|after (?:every|each)|patience (?:(?:of|is|was|set to|=) ?)*\S+ epochs|without (?:\w+ )?improv|stopping [^.;]{0,25}window of|not (?:\w+ )?improve\w* (?:\w+ ){0,2}for",
        lists=True,
    )
    add(
        "epochs",
        1,
        2e4,
        keys="epoch",
        raw=(
            rf"\b(?:schedul\w+|decay|annealing|restarts?),? (?:over|for) (?:a total of )?{ONE} (?:training )?epochs\b",
            rf"(?<![\w.]){ONE}-epoch (?:[\w-]+ )?(?:(?:pre-?|fine-?)?(?:training|tuning)|schedules?)\b",
        ),
        tight=True,
        lists=False,
        reject=r"warm|every|after",
        weight=0.9,
    )
    add(
        "warmup_epochs",
        0.1,
        500,
        keys="warm",
        raw=(
            rf"(?<!% )(?<!\d )warm-?\s?up(?: (?:period|phase|stage|schedule|epochs))?(?: (?:of|for|over|during|lasts?|is|the|first|in|to)|,| ?=)* {ONE} epochs",
            rf"warm\w*(?:[- ]up)?[^.;]{{0,70}}?(?:first|initial) {ONE} (?:training )?epochs",
            rf"(?<![\w.]){ONE} (?:training )?epochs of (?:linear |learning rate )*warm-?\s?up",
            rf"(?<![\w.]){ONE} (?:linear )?warm-?\s?up epochs",
            rf"(?<![\w.]){ONE}-epochs? (?:linear )?warm-?\s?up",
        ),
        tight=True,
        lists=False,
    )
    add(
        "early_stopping",
        1,
        500,
        keys="early stop|patience",
        raw=(
            rf"patience (?:of |is |= ?|set to )*{ONE}",
            rf"early[- ]stopping (?:(?:of|at|after|with) )+(?:a window of )?{ONE} epochs(?! (?:without|with no|of no)\b)",
        ),
        reject=r"^(?!.*\bstop).*(?:plateau|(?:reduc|halv|decay|decreas|divid|lower|dropp)\w* (?:the )?(?:learning rate|lr))",
        whole=True,
        lists=False,
        weight=1.2,
    )
    add(
        "seeds",
        2,
        1000,
        whole=True,
        keys="seed|initiali|restart|run|trial|repetition|repeat|averaged over|times",
        before=(
            r"(?:different |distinct |independent )?(?:random )?(?:seeds|restarts|initiali[sz]ations)\b",
            r"(?:independent|separate|different|repeated|random) (?:training )?(?:runs|trials|repetitions)",
        ),
        raw=(
            rf"(?:average|averaged|mean|median|results?|reported?|repeat\w*|std|"
            rf"deviation)\b[^.;]{{0,60}}\b(?:over|of|from|across|for) (?:the )?(?:last )?{ONE} (?:\w+ "
            rf")?(?:runs|trials|seeds|restarts|repetitions|random \w+|initiali[sz]ations)",
            rf"\b(?:average|averaged|mean|median|accuracy|results?)\b[^.;]{{0,110}}\bafter {ONE} (?:\w+ )?(?:runs|trials)",
            rf"{ONE} (?:experiments|runs|trainings) with (?:different |distinct )?(?:random )?seeds",
            rf"\baverag(?:e|es|ed|ing)(?: the)?(?: \w+)?(?: over| of| across)? {ONE} (?:[\w-]+ ){{0,2}}(?:runs|trials|seeds|restarts)\b",
            rf"\brepeat(?:ed)? {ONE} times (?:with|using|for|and)",
            rf"seeds? (?:is|are|was|were) varied over {ONE}",
            rf"\((?:averaged |mean )?(?:over|across) {ONE} (?:[\w-]+ )?(?:runs|trials|seeds)\)",
            r"(?P<v>\d+)-(?:seed|run|trial) (?:average|mean|median)",
            rf"(?:repeat\w*|run|ran) (?:each |every |the |all )?(?:experiments?|training|models?) {ONE} times",
            rf"\b(?:experiments?|trainings?|models?|evaluations?|methods?|algorithms?|settings?|configurations?) "
            rf"(?:\w+ )?(?:is|are|was|were) (?:repeated|run) {ONE} times",
            rf"\b(?:we|experiments?)\b[^.;,]{{0,40}}\b(?:repeat\w*|ran|run) (?:it |them )?{ONE} times",
        ),
        lists=False,
        reject=r"latency|temperature|greedy|pass@|decod|action|frame|millisecond|timing|runs on|test runs|(?:best|several|select)[^.]{0,60}fine-tuning runs",
    )
