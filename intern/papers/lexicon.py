# ruff: noqa: E501  the phrases are data, one setting a paragraph
"""The words that papers use for their settings: one entry a canonical name, easy to extend.

`nouns` are phrases whose value stands behind them ("dropout of 0.1") or right before them ("0.1 dropout"); `counted` are
plurals that a number counts ("12 layers"); `symbols` are letters that mean the setting without being introduced. Phrases
are regular expressions, read without case, as whole words, longest first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A setting: its phrases, and the bounds between which its value is believable."""

    name: str
    low: float
    high: float
    nouns: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    whole: bool = False
    lists: bool = True
    besides: str = ""
    """What must not stand in the clause: the same words for something else."""
    needs: str = ""
    """What the sentence must have somewhere, where the phrases alone could mean anything."""


_M = r"(?:(?:initial|init\.?|peak|max(?:imum|imal|\.)?|base|starting|start|global|default|constant|fixed|top|highest|adam|sgd|actor|critic|generator|discriminator|encoder|decoder|backbone|head|policy|training|pre-?training|fine-?tuning) )*"
_SIZE = r"(?:sizes?|dim(?:ension(?:ality)?)?s?|widths?)"
_L2 = r"(?:l_?\s?2|ℓ_?\s?2)"

LEXICON: tuple[Term, ...] = (
    Term("learning_rate", 1e-8, 30, (
        rf"{_M}learning[- ]?rates?(?: value)?", rf"{_M}lrs?", rf"{_M}step[- ]?sizes?", r"learning_rate",
    ), symbols=("η_?max", "α_?max", "η_?0")),
    Term("lr_decay_factor", 1e-4, 0.9999, (
        r"(?:lr|learning[- ]rate|step|exponential|multiplicative)[- ]decay(?:[- ](?:factor|rate|coefficient|multiplier))?",
        r"decay (?:factor|multiplier)", r"annealing (?:factor|rate)",
    ), lists=False, besides=r"weight decay|moving average|\bema\b|momentum|rmsprop|polyak|target|layer-?\s?wise"),
    Term("warmup_steps", 10, 1e7, (
        r"warm-?\s?up[_ ](?:steps?|iterations?|updates?|period|phase|length)", r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) warm-?\s?up (?:steps|updates|iterations)",
    ), (r"(?:linear |lr |learning[- ]rate )*warm-?\s?up (?:steps|updates|iterations|batches)", r"(?:steps|updates|iterations) (?:of|for) (?:the )?(?:linear )?(?:learning[- ]rate )?warm-?\s?up"), whole=True, lists=False, besides=r"\d epochs|epochs? (?:of|for)"),
    Term("warmup_ratio", 1e-4, 0.6, (r"(?:linear )?warm-?\s?up(?: (?:ratio|proportion|fraction|percentage|rate)s?)?",), lists=False),
    Term("momentum", 0, 0.99999, (
        r"(?:nesterov(?:'s)? (?:accelerated )?|polyak |classical |heavy[- ]ball |sgd )*momentum(?: term| coefficient| parameter| value| factor| decay| constant)?", 
    ), besides=r"batch[- ]?norm|bn\b|adam\w*\b[^.;]{0,40}momentum (?:parameters|terms|coefficients|values|pair)|momentum (?:encoder|update|contrast|teacher|network)|running (?:mean|average|statistic)|moco|\bema\b"),
    Term("adam_beta1", 0.01, 0.9999, (r"first[- ](?:order )?moment(?:um)?(?: (?:estimates?|decay|coefficient|rate|parameter|exponential|term))*",), symbols=(r"β_?1", r"beta_?1"), lists=False),
    Term("adam_beta2", 0.01, 0.99999, (r"second[- ](?:order )?moment(?:um)?(?: (?:estimates?|decay|coefficient|rate|parameter|exponential|term))*",), symbols=(r"β_?2", r"beta_?2"), lists=False),
    Term("adam_eps", 1e-12, 1e-2, (r"(?:adam|adamw|optimi[sz]er)(?:'s)? (?:ε|ϵ|eps|epsilon)",), lists=False),
    Term("grad_clip", 1e-6, 1e4, (
        r"(?:max(?:imum|imal|\.)?[- _])?(?:global[- ])?grad(?:ient)?s?[- _](?:norm(?: (?:limit|threshold|bound|cap))?|clip(?:ping)?(?:[- ](?:norm|threshold|value|constant|factor|bound|level))?)",
        r"(?:clip(?:ping)?|grad)[- _](?:grad(?:ient)?s?|norm|threshold)", r"(?:clipp?(?:ed|ing)|cap(?:ped|ping)?|truncat(?:e|ed|ing)|rescal(?:e|ed|ing)|bound(?:ed|ing)?|limit(?:ed|ing)?) (?:the |all )?(?:global )?(?:grad(?:ient)?s? )?(?:l2[- ])?(?:norms?|gradients)(?: of (?:the |all )?gradients?)?",
        r"(?:per-[\w-]+ )?clipping (?:threshold|norm|bound)s?(?: C)?", r"gradients? norms?(?: (?:is|are|was|were))? (?:clipped|capped|limited|truncated|bounded|rescaled)",
        r"max(?:imum)? norm",
    ), lists=False, needs=r"grad|\bclip", besides=r"reward|ratio|vectors|weights? (?:are |is )?(?:clip|constrain)|max-norm (?:constraint|regular)|ε"),
    Term("batch_size", 2, 5e7, (
        r"(?:(?:total|global|effective|training|train|mini-?\s?|overall|fixed|constant|sgd|maximum|pre-?training|fine-?tuning) ?)*(?:batch|mini-?batch|minibatch)[- _]?sizes?", r"bsz?", r"mini-?batch(?:es)?(?: size)?", r"batch(?:es)?",
    ), whole=True, besides=r"latency|inference (?:time|speed)|throughput|batch[- ]norm|per batch|batch(?:es)? (?:are|is) (?:trained|repeated)"),
    Term("steps", 10, 1e9, (
        r"(?:total |max(?:imum|\.)? )?(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:(?:training|gradient|optimi[sz]ation|parameter|weight|update|total) ?)*(?:steps|updates|iterations)", r"(?:total|max(?:imum|\.)?|training|train|num) (?:(?:training|train|gradient|optimi[sz]ation) )*(?:steps|updates|iterations)", r"max_steps", r"(?:(?:max(?:imum|imal|\.)?|total|training|overall) )*(?:iteration|step|update)[- ](?:number|count)s?", r"iterations",
    ), (
        r"(?:(?:total|training|gradient|optimi[sz](?:er|ation)|parameter|weight|update|sgd|adam|mini-?batch|finetuning|fine-tuning|pre-?training|network) )*(?:updates|iterations)",
        r"(?:(?:total|training|gradient|optimi[sz](?:er|ation)|parameter|weight|update|sgd|adam|finetuning|fine-tuning|pre-?training|learning) )+steps",
    ), whole=True, lists=False, besides=r"warm|\bramp\w*|every|per (?:epoch|iteration|update|step)|first \S+ (?:\w+ )?(?:steps|iter|updates)|last \S+|inner|diffusion|denois|sampling steps|search|\banneal\w* (?:the )?(?:ε|ϵ|epsilon|exploration)|bayesian|after \S+ (?:steps|iterations|updates)|bptt|unroll|rollout|merge|divid|decay|drop|reduc|power iteration"),
    Term("epochs", 1, 2e4, (
        r"(?:total |max(?:imum|\.)? )?(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:training |train |fine-?tuning )?epochs", r"(?:(?:max(?:imum|imal|\.)?|total|training) )*epoch[- ](?:number|count)s?", r"(?:total|max(?:imum|\.)?|training|train|num|fine-?tuning|pre-?training)[ _]epochs", r"epochs",
    ), (r"(?:(?:training|full|complete|total|more|fine-?tuning|pre-?training|local|client) )*epochs?", r"(?:full )?passes (?:over|through) the (?:\w+ )?(?:data|set|corpus|dataset)"),
        whole=True, besides=r"warm|every|per epoch|each epoch|first \S+ epochs?|last \S+ epochs?|after \S+ epochs|at epochs?|patience|milestone|fail\w* to \w+|for \S+ (?:consecutive )?epochs (?:without|with no)|(?:no|not|n['’]t) (?:\w+ )?improv|early[- ]stopp?\w* (?:of|after|with) \S+ epochs|epochs? later|plateau|seconds|time (?:taken |needed |spent )?(?:for|on)|(?:divid|(?<!weight )(?<!weight-)decay(?! schedule)|drop(?!out)|reduc|halv|multipl)\w* |without (?:\w+ )?improv|window of"),
    Term("seeds", 2, 1000, (r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:random )?(?:seeds|runs|trials|repetitions|restarts)",), (
        r"(?:(?:different|distinct|independent|separate|random|training|fixed|initiali[sz]ation) )*(?:seeds|restarts|random initiali[sz]ations|reruns)", r"(?:(?:independent|separate|repeated|different|full|random|fine-?tuning) )+(?:training )?(?:runs|trials|repetitions|repeats|initiali[sz]ations|replicates)", r"(?:runs|trials|repetitions|repeats|times)(?: each)? (?:with|using|over|for|from) (?:(?:different|distinct|random|independent|new) )+(?:seeds|initiali[sz]ations|starts)",
    ), whole=True, lists=False, besides=r"latency|timing|million|best of"),
    Term("dropout", 0, 0.95, (
        r"(?<!recurrent )(?<!weight )(?:(?:residual|attention|attn|embedding|word|input|output|hidden|spatial|variational|feature|inverted|layer|classifier|resid|token|lora|ffn|activation|mlp|final|post-attention|locked)[- ])*(?:drop-?\s?outs?)(?:[- _](?:rates?|ratios?|prob(?:abilit(?:y|ies))?\.?|layers?|regulari[sz]ation|value|level|fraction|mask|p))*", r"p_?drop", r"drop(?:ping)? (?:rate|probability|prob\.?)",
        r"(?:units|neurons|activations|features) (?:are|were) (?:randomly )?dropped(?: out)?",
    ), besides=r"keep|retain|retention|drop-?connect|layer-?drop|word ?drop(?:out)? only|path"),
    Term("weight_dropout", 0, 0.95, (r"(?:recurrent )?weight[- ]drop(?:out|ped)?(?: (?:rate|probability))?",), lists=False),
    Term("weight_decay", 0, 1, (
        rf"(?:decoupled )?(?:{_L2} ?)?weight[- _]?decay(?: rate| coefficient| factor| parameter| constant| value| strength| regulari[sz]ation| term)?",
        rf"{_L2}[- _](?:weight |norm )?(?:regulari[sz](?:ation|er)|penalty|reg\.?|decay|term|loss)(?: (?:coefficient|weight|strength|parameter|term|factor|constant))?", rf"{_L2} (?:weight|coefficient|strength|factor|norm weight)",
        r"wd", r"regulari[sz]ation (?:coefficient|strength|weight|parameter|constant|term)", r"(?:tikhonov|ridge) (?:regulari[sz]ation|penalty)",
    )),
    Term("label_smoothing", 0, 0.9, (
        r"label[- _]?smooth(?:ing|ed)(?: cross[- ]entropy with smoothing)?(?: (?:value|factor|rate|parameter|coefficient|regulari[sz]ation|constant|weight))?", r"smooth(?:ed|ing)?(?: the)? labels?", r"ε_?ls", r"smoothing (?:factor|parameter) for labels",
    ), lists=False),
    Term("drop_connect", 0, 0.95, (
        r"stochastic[- ]depth(?: (?:rate|ratio|probability|drop rate))?", r"drop[- ]?path(?: (?:rate|ratio|probability))?", r"layer-?\s?drop(?: (?:rate|probability))?",
    ), lists=False),
    Term("layers", 1, 2000, (
        r"(?:total )?(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:(?:hidden|transformer|encoder|decoder|lstm|gru|recurrent|attention|self-attention|gcn|gnn|graph|convolution(?:al)?|message[- ]passing|residual|stacked) )*(?:layers|blocks)", r"(?:(?:network|model|encoder|decoder|transformer) )?depth(?= (?:is|was|of|to)\b|\s?=)", r"n_?layers", r"num_layers", r"layer number", r"(?:(?:hidden|encoder|decoder|transformer) )?layers(?=\s?[:=]\s?\d)", r"number of (?:stacked )?(?:self-attention|transformer|residual) blocks",
    ), (
        r"(?:(?:hidden|transformer|encoder|decoder|lstm|bi-?lstm|blstm|bi-?gru|gru|recurrent|attention|self-attention|gcn|gnn|graph|message[- ]passing|residual|stacked|identical|feed-?forward|unidirectional|bidirectional|mamba|ssm|conformer)[ -])+(?:layers|blocks)",
        r"layers(?=(?:,|,? and| with| of)? (?:an? )?\d[\d,]* (?:[\w-]+ ){0,2}(?:heads|dim\w*|hidden|units|embedding))",
    ), whole=True, besides=r"\b(?:first|last|top|bottom|final|lower|upper|previous) \S+ |every \S+ layers|pooling|layer[- ]?norm|skip|two layers of|each (?:block|module|unit)|freez|frozen|per (?:layer|block)|(?:classification|prediction|output|projection|task) (?:head|layer)|path|tree|forest|camera|depth map"),
    Term("hidden_size", 4, 1e5, (
        rf"(?:model|hidden|hidden[- ]state|hidden[- ]layer|hidden units?|state|transformer|lstm|bi-?lstm|rnn|gru|residual|latent|channel|encoder|decoder|token|internal|representation)(?: (?:state|layer|vector|representation|model))?[- _]{_SIZE}",
        r"d_? ?(?:model|hidden)", r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) hidden (?:units|neurons|nodes|dimensions)", r"hidden_?dim", r"size of (?:the )?hidden (?:states?|layers?|vectors?|units)", r"model[- ]dim", rf"{_SIZE} of (?:the )?(?:latent|hidden|model) (?:space|states?|representations?|vectors?)", r"n_?embd", r"(?:model|network) width", r"layers of width", r"latent dimensionality", r"(?:hidden|latent) dimension size", r"pooling dimension(?:ality)?", r"hidden (?:layers? of )?size", r"(?:lstm|bi-?lstm|gru|rnn)s?(?: (?:cells?|layers?|network|encoder|decoder))*(?: (?:of|with|has|have))?(?: an?)?(?: hidden)? (?:size|dimension(?:ality)?)",
    ), (r"dimensional (?:hidden|latent|internal|model)(?: (?:states?|layers?|vectors?|representations?|units?))?", r"hidden dim(?:ension)?s?"), whole=True,
        besides=r"feed-?forward|ffn|intermediate|inner|mlp (?:size|dim|hidden|width|ratio)|embedding (?:size|dim)|word|context|state (?:space|size of the env)|per head|each head"),
    Term("hidden_units", 2, 1e5, (r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:hidden |lstm |gru |recurrent )?(?:units|neurons|cells|nodes)",), (
        r"(?:(?:hidden|lstm|bi-?lstm|blstm|bi-?gru|gru|recurrent|memory|relu|rectified linear|sigmoid|tanh|logistic|fully[- ]connected|dense)[ -])+(?:units|neurons|cells|nodes)",
        r"(?<!deployment )(?:units|neurons)(?=[),.;]| (?:and|with|each)\b)", r"(?:hidden )?(?:units|neurons) (?:per|in each|in every|in both|for each|each|in) ?(?:layer|direction|hidden layer)?",
    ), whole=True, besides=r"gpu|processing|output (?:units|layer)|softmax|tensor|nodes (?:per class|for (?:training|validation|test)|in (?:the|each) graph)|compute nodes"),
    Term("ffn_size", 8, 2e5, (
        rf"(?:feed-?\s?forward|ffn|ff|mlp|intermediate|inner|filter)(?:[- ](?:network|layer|hidden|inner|sub-?layer|block|inner-layer|state))*[- _]{_SIZE}", r"d_? ?(?:ff|ffn|inner|mlp)",
        rf"(?:{_SIZE}) of the (?:position-wise |point-?wise )?(?:feed-?forward|ffn|mlp|intermediate|inner)(?: (?:network|layer|sub-?layer|block)s?)*",
    ), (r"(?:feed-?forward|ffn|mlp|intermediate) (?:dim(?:ension)?s|units|neurons|hidden units)",), whole=True),
    Term("heads", 1, 512, (r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:(?:self-?|parallel |multi-?head |query )?attention )?heads", r"n_?heads?", r"num_heads", r"head numbers?", r"(?:attention )?heads(?=\s?[:=]\s?\d)"), (
        r"(?:(?:parallel|self-?|multi-?head|attention|query|transformer)[ -]*)*(?:attention )?heads",
    ), whole=True, besides=r"\bsingle|head of|classification heads|prediction heads|output heads|detection heads|prun|task heads"),
    Term("embedding_dim", 2, 20000, (
        rf"(?:(?:word|token|character|char|input|item|user|node|entity|label|position(?:al)?|subword|source|target|item|text|image|speaker|shared) )*embeddings?(?: (?:vectors?|layer))?[- _]{_SIZE}", rf"{_SIZE} of (?:the |all |each |an? )?(?:(?:[\w-]+ and )?(?:word|token|character|char|input|item|user|node|entity|model|relation|feature|id) )?(?:embedding vectors?|embeddings?|vectors)", r"d_? ?(?:emb|embed|e)",
        r"(?:word|token|character|char|item|user|node|entity|subword)[- ]embeddings?(?: (?:vectors?|have|has|with))*", r"embedding layers?(?: (?:is|are|has|have|with))?(?: of| a)? (?:size|dimension(?:ality)?)", r"embeddings? (?:have|has|with|of)(?: a)?(?: dimension(?:ality)?| size)?",
    ), (r"(?:dim(?:ensional|s)?\.?|d) (?:(?:pre-?trained|learned|trainable|word|glove|fasttext|word2vec|token|character|item|node|input|static|dense|continuous|random|randomly|initialized) )*(?:embeddings?|vectors)", r"(?:dimensional|d) (?:glove|word2vec|fasttext)", r"(?:word |token |item )?embedding dim(?:ension)?s"), whole=True,
        besides=r"hidden|sentence (?:vector|embedding)|feature vector|paragraph vector|clusters|output embedding"),
    Term("embedding_dim", 2, 20000, (r"(?:vector )?dimensionality", r"vector (?:sizes?|length|dimensions?)", r"dimensions?"), (r"dimensions",), whole=True,
        besides=r"hidden|latent|feature|projection|image|state|model|head|key|feed|mel|principal|pca|reduc|output", needs=r"word vectors?|word embedding|word2vec|skip-?gram|deepwalk|node2vec|\bwalks\b|glove|fasttext|knowledge graph embedding"),
    Term("vocab_size", 10, 5e7, (
        r"(?:(?:shared|joint|source|target|bpe|sub-?word|word-?piece|sentence-?piece|token(?:izer)?|unigram|word|output|input|combined) )*vocab(?:ulary|ularies)?[- _]?(?:sizes?)?", r"(?:size of|tokens in) (?:the |our )?(?:\w+ )?vocabulary",
    ), (r"(?:joint |shared )*(?:byte-?pair(?:[- ]encoding)?|bpe) (?:merges?|operations|merge operations|tokens|codes|units|types|sub-?words)", r"(?:(?:bpe|sub-?word|word-?piece|sentence-?piece) )(?:tokens|units|pieces|types|symbols|vocab\w*)(?! (?:long|per|in))", r"merge operations", r"word-?pieces(?= vocab)"), whole=True, lists=False,
        besides=r"out-of-vocab|longer|truncat|at most \S+ (?:word|sub|bpe)|length|batch"),
    Term("max_seq_len", 4, 2e6, (
        r"(?:(?:max(?:imum|imal|\.)?|total|input|source|target|training|full) )*(?:(?:sequence|seq\.?|context|input|document|sentence|text|prompt|utterance|token|session|history|passage|cut-?off)[- _])(?:lengths?|len\.?)(?: limit)?", r"max(?:imum|imal|\.)?[- _](?:\w+ )?(?:lengths?|len\.?)", r"context (?:windows?|sizes?|lengths?)(?: size| length)?", r"block[- _]size",
        r"(?:sequences|inputs?|documents?|sentences|texts|passages|articles|sessions|examples)(?: (?:are|is|were|was))? (?:truncated|cut|clipped|limited|padded|cropped|restricted)(?: or padded| and padded)?(?: (?:to|at|after))?(?: (?:a )?(?:max(?:imum)?|the first|at most|fixed)(?: length)?(?: of)?)?", r"(?:sequences|inputs|sentences|segments|chunks|documents) (?:of|with|longer than|exceeding|up to)(?: a)?(?: (?:max(?:imum)? )?length)?",
    ), (), whole=True, lists=False, besides=r"average|mean length|generat|output length|beam|penalty|trajector|median|shortest|agent history|negative sampl|skip-?gram|word vectors|word2vec|co-?occurrence"),
    Term("beam_size", 1, 1000, (r"beam(?:[- ]?search)?(?:[- _]?(?:sizes?|widths?))?", r"beam[- ]search with (?:a )?(?:beam )?(?:size|width)"), (r"beams",), whole=True, lists=False, besides=r"electron|laser|beamform"),
    Term("lora_rank", 1, 4096, (r"(?:lora|adapter|low-rank|adaptation)(?:'s)?[- ](?:adapter )?ranks?(?: r)?", r"ranks? r", r"lora[- _]r", r"rank"), (), (), whole=True, needs=r"lora|low-rank|adapter|adaptation|\bAB\b", besides=r"full[- ]rank|matri(?:x|ces) (?:of|with) rank|low-rank (?:structure|assumption)|intrinsic|rank(?:ed|ing|s) (?:first|\d)|ranked|mean rank|top"),
    Term("lora_alpha", 1, 4096, (r"lora[- _]?(?:α|alpha|scaling(?: factor| parameter)?)", r"α|alpha", r"scaling (?:factor|parameter)(?: (?:of|for) lora)?(?: α)?"), (), whole=True, needs=r"lora|rank|adapter"),
    Term("temperature", 1e-3, 200, (r"(?:(?:softmax|sampling|distillation|contrastive|kd|gumbel|decoding|generation|loss|logit) )*temperatures?(?: (?:parameter|hyper-?parameter|coefficient|scal(?:e|ing)|factor|value))?",), besides=r"°|celsius|kelvin|surface|room|weather|degrees|sea"),
    Term("aux_loss_weight", 1e-6, 100, (r"(?:auxiliary|aux\.?|balance|balancing|consistency|contrastive|distillation|alignment|commitment|load[- ]balanc\w+|reconstruction|kl|adversarial|perceptual) (?:loss|term|objective)(?:es)? (?:weight|coefficient|factor|multiplier|scale)s?",), lists=False),
    Term("bptt", 2, 1e4, (r"bptt(?: (?:length|steps|window))?", r"(?:truncated )?back-?propagation through time(?: \(bptt\))?(?: (?:length|steps|window))?", r"unroll(?:ed|ing)?(?: for)?(?! length)"), (), whole=True, lists=False),
    Term("discount", 0.5, 1, (r"discount(?:ing|ed)?(?: (?:factor|rate|parameter))?", r"gamma"), symbols=("γ",), lists=False, besides=r"focal|batch|kernel|rbf|step|multipl|loss|decay|schedul|lr|learning rate (?:is|was)"),
    Term("gae_lambda", 0.3, 1, (r"gae(?: (?:parameter|lambda|λ))*", r"generali[sz]ed advantage estimat(?:ion|or)s?", r"λ \(gae\)"), lists=False),
    Term("clip", 0.01, 1, (r"(?:ppo |policy |ratio |surrogate )*clip(?:ping)?[- _](?:range|parameter|ratio|epsilon|ε|coefficient|param\.?|factor)s?", r"ppo clip(?:ping)?"), lists=False, besides=r"gradient|reward|adam|norm"),
    Term("entropy_coef", 0, 1, (r"entropy (?:bonus|regulari[sz](?:ation|er)|coeff(?:icient)?|cost|penalty|loss|weight|term)(?: (?:coeff(?:icient)?|weight|factor|parameter))?(?: (?:(?:is|was) )?(?:weighted|scaled|multiplied) (?:by|with))?",), lists=False, besides=r"cross[- ]entropy|target entropy"),
    Term("horizon", 2, 1e7, (r"(?:rollout|trajectory|unroll(?!\S* (?:length )?(?:of |is |was )*\S+ (?:words|characters|tokens))|episode)[- ](?:length|horizon|steps|size)s?", r"(?:planning |time )?horizon(?: length)?", r"n_?steps"), (r"steps (?:per|in each) (?:rollout|actor|environment|worker|trajectory)",), whole=True, lists=False, besides=r"forecast|predict"),
    Term("num_actors", 1, 1e6, (r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:parallel )?(?:actors|environments|envs|workers)",), (r"(?:(?:parallel|vectori[sz]ed|simultaneous|concurrent|asynchronous|rollout|independent) )+(?:actors?(?:-learners)?|environments|envs|workers|simulators|agents|simulations)", r"(?:actors?|workers?)"), whole=True, lists=False, besides=r"human|crowd|annotat|mechanical|turk|data ?load|cpu workers|gpu workers"),
    Term("replay_memory", 100, 1e9, (r"(?:experience )?replay[- _](?:buffer|memory)(?:[- _](?:size|capacity|length))?(?: (?:holds|holding|storing|stores|contains|containing|keeps))?(?: (?:the )?(?:last|most recent))?", r"(?:buffer|memory) (?:size|capacity)", r"buffer (?:of|holding|storing|with)(?: size| capacity)?"), (), whole=True, lists=False, besides=r"gpu memory|\bgb\b|shuffle"),
    Term("frame_skip", 1, 60, (r"frame[- _]?skip(?:ping)?(?: (?:rate|of))?", r"action[- ]repeats?(?: (?:rate|of))?", r"actions? (?:is|are|was|were) repeated(?: for)?"), whole=True, lists=False),
    Term("frames", 1e4, 1e12, (), (r"(?:(?:environment|training|game|emulator|total|atari) )*frames",), whole=True, lists=False, besides=r"episode|truncat|replay|first|every|last|most recent|per|stack|anneal|second|video"),
    Term("train_examples", 50, 1e12, (r"training (?:set|data|split|corpus) (?:size|of|with|contains|has|consists of|comprises)+", r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) training (?:examples|samples|images|instances|sentences|pairs)"), (r"(?:labell?ed )?training (?:examples|samples|images|instances|sentences|pairs|sentence pairs|documents|utterances|cases|points|graphs|questions)",), whole=True, lists=False, besides=r"per (?:class|batch|update|step)|each (?:batch|class)|mini-?batch|batch"),
    Term("filter_sizes", 1, 100, (r"(?:filter|kernel|convolution(?:al)?(?: kernel| filter)?|conv|receptive field)[- _](?:widths?|sizes?|windows?|region sizes?)(?: of)?", r"(?:filters|kernels) of (?:widths?|sizes?)"), whole=True, besides=r"\d\s?[×x]\s?\d|pool|stride"),
    Term("feature_maps", 4, 20000, (r"(?:number of|num\.?(?: of)?|no\. of|#(?: of)?) (?:feature maps|filters|channels|kernels)",), (r"(?:convolutional |output |hidden |conv )*(?:filters|feature[- ]?maps|channels|kernels)(?: (?:each|per|for each|of each|in each)(?: \w+)?)?",), whole=True, besides=r"fully[- ]connected|\bFC\b|input|rgb|colou?r|mel|eeg|audio|electrode|filterbank"),
    Term("bn_momentum", 0.001, 0.99999, (r"(?:batch[- ]?norm(?:ali[sz]ation)?|bn)(?: layers?)? (?:with )?(?:a )?(?:momentum|decay)",), lists=False),
    Term("rmsprop_decay", 0.5, 0.9999, (r"rmsprop (?:decay|α|alpha|smoothing|ρ|rho)(?: (?:rate|constant|factor))?",), lists=False),
)  # fmt: skip

_COMPILED: dict[int, tuple[re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None]] = {}


def _alternatives(phrases: tuple[str, ...], tail: str) -> re.Pattern[str] | None:
    return re.compile(rf"(?:(?<![\w-])|(?<=\s--))(?:{'|'.join(phrases)}){tail}", re.I) if phrases else None


def patterns(term: Term) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None, re.Pattern[str] | None]:
    """Nouns, counted plurals and what must not stand beside, compiled when first needed; the symbols are nouns too."""
    found = _COMPILED.get(id(term))
    if found is None:
        found = (
            _alternatives((*term.nouns, *term.symbols), r"(?![\w-])"),
            _alternatives(term.counted, r"(?![\w-])"),
            re.compile(term.besides, re.I) if term.besides else None,
        )
        _COMPILED[id(term)] = found
    return found
