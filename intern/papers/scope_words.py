# ruff: noqa: E501  the patterns are data, one a line
"""Words that name phases, sizes and models in a scope, and words that look like names and are none."""

from __future__ import annotations

import re

from intern.papers.numbers import NUMBER

PHASES = (
    (r"pre-?\s?train(?:ing|ed)?\b|pretraining", "pre-training"),
    (r"fine-?\s?tun(?:ing|ed|e)\b", "fine-tuning"),
    (r"\bSFT\b|supervised fine-?tuning", "supervised fine-tuning"),
    (r"\b(?:first|1st) (?:stage|phase)\b|\b(?:stage|phase) (?:1|I|one)\b", ""),
    (r"\b(?:second|2nd) (?:stage|phase)\b|\b(?:stage|phase) (?:2|II|two)\b", ""),
    (r"\blinear[- ]prob(?:e|es|ing)\b", "linear probe"),
    (r"\blinear[- ](?:evaluation|classifiers?)\b", "linear evaluation"),
    (r"\bdistill(?:ation|ed|ing)\b", "distillation"),
    (r"\b(?:during|in|for|at) (?:the )?(?:architecture )?search(?: phase| stage)?\b(?! (?:space|cost))", "search"),
    (r"^(?:neural )?architecture search(?: phase| stage)?\s*$", "search"),
    (r"^architecture evaluation\s*$", "evaluation"),
    (r"\bduring (?:the )?(?:architecture )?evaluation\b", "evaluation"),
    (r"\b(?:teacher)\b", "teacher"),
    (r"\b(?:student)\b", "student"),
)
SIZE = re.compile(
    r"(?:(?<=[A-Za-z\d] )|(?<![\w.$,-]))(\d+(?:\.\d+)?)\s?(B|M)\b(?=(?: (?:total |activated "
    r")?(?:param|model|version|variant|baseline|scale)|[,.;:)]| (?:on|with|is|and|uses?|to|in|by|we|"
    r"has)\b|$))"
)
TOTAL = re.compile(r"(?<![\w.$,-])(\d+(?:\.\d+)?)\s?(B|M) total parameters")
VARIANT = re.compile(
    r"\b(?:the |our )?(?P<w>tiny|mini|small|medium|base|large|big|huge|x-?large|baseline|(?<=the )(?:deep(?:er)?|shallow|wide))\b"
    r"(?= +(?!neural networks|language models)"
    r"(?:\w+ )?(?:models?|networks?|configurations?|versions?|variants?|transformers?|feature|net|"
    r"ones?)\b|[\"”’'] +(?:models?|networks?|versions?|variants?)\b|"
    r"(?<!baseline) +(?:contains?|has|uses?|we use|on the|is trained|trains|takes)\b|"
    r"(?= for \d[\d.,]*[kKM]? (?:updates|steps|iterations|epochs))|s? \(|,| and (?:big|large|base|small))",
    re.I,
)
NAME = re.compile(
    r"(?<![\w/-])(?:[A-Z][a-z]*[A-Z][\w]*|[A-Z]{2,}[a-z]*|[A-Z][A-Za-z]+(?=-(?:\d|[A-Z](?![a-z])|"
    r"x\d)))(?:-(?![A-Z][a-z])[\w×.]+|\d[\w]*|\.\d+)*(?:\s(?:base|large|small|medium|BASE|LARGE|XL|Base|"
    r"Large)\b)?"
)
SIZES = re.compile(
    r"\b(?:tiny|mini|small|medium|base|large|big|huge)(?:, (?:tiny|mini|small|medium|base|large|big|huge))*,? (?:and|or) (?:the )?(?:small|medium|base|large|big|huge)\b",
    re.I,
)
"""Several sizes that a value holds for."""
FOR_NAMED = re.compile(
    r"\s*(?:and )?(?:[Ff]or|[Ww]ith|[Ii]n) (?:the |our )?(?P<w>(?!SGD|ADAM|GPU|TPU|NLP|BPE|GLUE|RL\b|ML\b|NN\b|US\b|UK\b|BN\b|LR\b)[A-Z][A-Z\d-]{1,6}[a-z]?)s?(?: (?:models?|baselines?|experiments?|tuning|training|learning|pre-?training|fine-?tuning))?,? (?=we\b|the\b|a\b)|"
    r"\s*(?:and )?(?:[Ff]or|[Oo]n) (?:the |our )?(?P<v>(?!Section|Table|Figure|Fig|Appendix|Equation|Eq|Algorithm|Adam|Each|All|Both|SGD|English|Transformers?\b|Python|PyTorch)"
    r"[A-Z][a-z]\w+(?:[- ][A-Z\d][\w.-]*){0,2}), (?=we\b|the\b|a\b|our\b)"
)
"""An acronym that opens a sentence: what follows is set for it, whatever it is."""
COMPARED_TO = re.compile(
    r"(?:\bthan|% of|\bcompared (?:to|with)|\bunlike|\bversus|\bvs\.?|\bincluding|\bsuch as|\bas in|\binstead of|\be\.g\.,?|\bexception of|\bexcept(?: for)?|\bother than|\bapart from|\baside from) "
    r"(?:the |that of |an? )?$",
    re.I,
)
"""What stands before the name of another model that a value is only compared with."""
GENERIC = re.compile(
    r"^(SGD|GPU|GPUS|TPU|CPU|RELU|RELUS|LSTM|LSTMS|GRU|GRUS|RNN|RNNS|CNN|CNNS|DNN|MLP|NLP|ADAM|ADAMW|"
    r"RMSPROP|ADAGRAD|ADADELTA|BPE|FFN|MLM|NSP|LR|L2|"
    r"NVIDIA|BLEU|ROUGE|ACC|F1|URL|ID|PDF|TABLE|FIGURE|FIG|SECTION|APPENDIX|API|FLOPS|FLOPs|PPL|BN|OOV|CTC|HMM|SVM|PCA|"
    r"GELU|TANH|SOFTMAX|WER|RL|ML|AI|US|UK|EN|DE|FR|K80|P100|V100|A100|K40|TITAN|DROPOUT|EMA|CLS|SEP|MASK|NS|OK|TF|IDF|"
    r"LAYERNORM|BATCHNORM|PYTORCH|TENSORFLOW|IO|ALL|NAG|HPO|MSE|CE|KL|NEURIPS|ICLR|ICML|CVPR|ACL|MOE|SOTA|PRELU|CD|IID|GEFORCE|RTX|GTX|TESLA|QUADRO|BATCHSIZE|LEARNINGRATE|SILU|SWISH|\w*RELU\d?|WORDPIECE|SENTENCEPIECE|HUGGINGFACE|OPENAI|TPU-?V\d\w*|INFONCE|AUTOAUGMENT|RANDAUGMENT|SPECAUGMENT|CUTMIX|YARN|TRANSFORMERS|GLU|SWIGLU|GEGLU|ELU|SELU|LEAKYRELU|LRELU|PARAMETRICRELU|BM25|TF-IDF|RADAM|ADAGRAD|LAMB|LARS|LION|ADAMAX|NADAM|NUMPY|FLOAT16|BFLOAT16|BF16|FP16|FP32|TF32|FSDP|GPTS|GLOVE|WORD2VEC|FASTTEXT|XAVIER|KAIMING|GLOROT|CUDA|CUDNN|JAX|KERAS|DEEPSPEED|NESTEROV|MIXUP|CUTOUT|OPTUNA)$",
    re.I,
)
DULL = re.compile(
    r"^(an?|[a-z]|its|their|these|this|those|that|same|all|our|other|each|every|both|such|following|different|the|some|most|many|any|"
    r"single|proposed|final|whole|current|previous|original|new|first|second|third|training|test|validation|entire|"
    r"neural|deep|multiple|several|various|two|three|four|more|best|language model(ing)?|above|latter|former|"
    r"end-to-end|main|ensemble|trained|further|one|individual|downstream|initial|future|supervised|preliminary)\b",
    re.I,
)
BOTH_PHASES = re.compile(
    r"\b(?:(?:in|for|during) )?(?:both )?(?:the )?pre-?\s?training(?: stage| phase)? (?:and|as well as) (?:the )?fine-?\s?tuning(?: stages| phases)?",
    re.I,
)
"""Neither phase alone."""
KIND_OF = (
    r"\b(?:[Ff]or|[Ii]n|[Ww]ith|[Tt]rain(?:ing)?) (?:the |our )?(?P<w>(?!the\b|our\b|all\b|both\b|each\b|every\b|proposed\b|same\b|this\b|these\b|training\b|using\b|and\b|"
    r"original\b|trained\b|final\b|a\b|an\b|of\b|with\b|on\b|for\b|fine\b|pre\b|fine-|pre-?train|standard\b|default\b|new\b|plain\b)[a-z][\w-]+) "
)
BOUND_BEFORE = re.compile(r"(?<=\w) (?:for|on) (?:the )?[^,;.()\d]{1,40}\([^()]*\)(?=,? (?:and \d|with\b))")
"""Names in brackets behind another value: "100 epochs for small data sets (A, B), with a rate of …" gives the rate none."""
AS_ELSEWHERE = re.compile(
    r"\b(?:same|similar|identical)\b[^.,;\d]{1,60}? as (?:for|in|on|the|those|fine-?tuning|pre-?training)\b[^.,;\d]*|"
    r"\bthe [A-Z][\w-]+ (?:value|specification|recipe|schedule|default|paper)s?\b"
)
"""A reference to another experiment whose name says nothing about this one."""
SMALL_CAPITALS = re.compile(r"\b([BLST]) (ase|arge|mall|iny)\b")
"""A size in small capitals whose first letter stands apart: "B ase"; as long as before, so that offsets stay."""
SUBJECT = re.compile(
    r"(?:The|Our) (?P<w>[\w-]+(?: [\w-]+){0,2}? (?:model|LM|network|encoder|decoder|generator|discriminator|policy|critic|actor|"
    r"teacher|student|classifier|head|LSTM|GRU|RNN|CNN|MLP)s?) (?:contains?|has|have|consists?|comprises?|uses?|is|are|was|were|employs?)\b"
)
DOER = re.compile(
    r"(?:^\s?|[,;] |\band |\bwhile |\bwhereas )(?:[Tt]he |[Oo]ur |[Aa]ll )?(?P<w>[A-Z][\w+-]*[A-Z\d][\w+-]*?)s? (?:have|has|uses?|used|contains?|consists?|employs?) (?:[a-z]+ ){0,3}$"
)
"""The subject whose setting the value is: "NADEs have …"."""
OTHER_DATA = re.compile(
    r"(?:^|, )(?P<w>(?:All |The )?(?:[Oo]ther|[Rr]emaining|[Rr]est of the) [\w -]{0,30}?(?:data ?sets?|tasks?|models?|benchmarks?)) (?:use|are|have|take|were)\b"
)
OPENS = re.compile(
    r"(?:^|(?<=[.?!] )|(?<=[\w)] ))(?:For|On|In|With|To (?:train|fine-tune)) (?:the |our )?(?P<w>[^.,;:()]{2,50}?)"
    r"(?:,| (?=we\b|all\b|models?\b are\b))"
)
CLOSES = re.compile(
    r"(?:^|(?<=[.?!] ))(?:All|Both|In (?:all|both|every|each|either)|For (?:all|both|every|each)|Across|Throughout|Every|Each|"
    r"Finally|Unless|Our models?|We train all)\b"
)
EVERYWHERE = re.compile(
    r"\b(?:for|in|across|on) all (?:of )?(?:the |our )?(?:\w+ )?(?:data ?sets?|tasks|experiments|"
    r"models|networks|settings|cases|runs)\b|\b(?:for|in|on) both(?=[.,;]|$)|\bthroughout\b",
    re.I,
)
ABOUT = re.compile(
    r"(?:\w+ )?(?:results?|experiments?|evaluations?|training)(?: (?:on|for|with|in)|:) (?:the )?(?P<w>[\w][\w -]{2,40})",
    re.I,
)
"""A section title that says what its experiments are about: "Experiments on speech", "Experiment: Regression"."""
OF_SETTING = re.compile(r" (?:[a-zα-ωϵ](?:_?\d)? ?(?:=|∈|\{)|r\b|α|β|dropout\b|rank\b|epsilon\b|ε|layers \{)")
"""What makes a name before it a part of the setting's: "LoRA r = 16", "RMSProp epsilon"."""
LEAD = re.compile(r"(?:[•∙·*-]\s*)?(?P<w>[A-Z][\w×.*-]*(?:\s(?:[\w×.*-]+)){0,3})\s*(?::\s+|\.\s+(?=[A-Z]))")
ALGORITHM = re.compile(r"Algorithm \d+\s*[:.]\s*(?:The )?(?P<n>[A-Z][A-Za-z]*[A-Z][\w-]*|[A-Z][a-z]+(?=,|:| \())")
BOTH_OF = re.compile(r"\b[Bb]oth (?:the )?[\w-]+(?: network| model)? and (?:the )?[\w-]+\b")
"""Two parts at once: neither of them alone."""
ASSIGNED = re.compile(rf"(?:,? (?:and )?[A-Za-zα-ω]\w{{0,8}} ?= ?{NUMBER})+,? (?P<w>(?:on|for) (?:the )?[A-Z][\w-]*)")
"""The rest of a run of assignments, and what they all hold for: "k = 100, b = 64 and γ = 9 on Lantern"."""
TOLD_APART = re.compile(
    rf"(?<![\w.-]){NUMBER}(?: [a-z]+){{0,2}} (?:on|for) (?:the )?[A-Z][^;.]{{0,60}}?(?:,| and|, and|, but|while) {NUMBER}(?: [a-z]+){{0,2}} (?:on|for) (?:the )?[A-Z][^;.]*, "
)
"""Values told for one and for another: what follows is about neither alone."""
