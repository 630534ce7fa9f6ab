# ruff: noqa: E501  the patterns are data, one a line
"""Settings that running text tells in older or wordier ways: when training ends, how data is split, what a penalty is multiplied with."""

from __future__ import annotations

from intern.papers.rules import ONE, Builder

_NOUNS = r"(?: [A-Za-z-]+){0,2}"
_COUNT = r"\d[\d,.]*\s?(?:k\b|K\b|M\b|million\b)?"
_NEXT = rf"(?: ?/ ?|,? and |, ){_COUNT}{_NOUNS}"
_TRAIN, _HELD, _TEST = (
    r"(?:the )?train(?:ing)?",
    r"(?:the )?(?:val(?:idation)?\.?|dev(?:elopment)?)",
    r"(?:the )?test(?:ing)?",
)
_JOINT = r"(?: ?/ ?|,? and |, )"


def prose(make: Builder) -> None:
    add = make.add
    ends = r"(?:stop|halt|terminat|end|finish|conclud)\w*"
    add("steps", 10, 1e9, whole=True, keys="stop|halt|terminat|end|finish|conclud", lists=False, tight=True,
        raw=(rf"\b(?:train\w*|learning|optimi[sz]ation|runs?|it|fine-?tuning|experiments?) (?:is|are|was|were )?(?: ?\w+ ){{0,2}}?{ends} (?:early )?(?:after|at) (?:a total of )?{ONE} (?:\w+ )?(?:steps|iterations|updates)\b",
             rf"\bwe {ends} (?:the )?(?:\w+ )?(?:train\w*|learning|optimi[sz]ation|runs?|it|fine-?tuning) (?:after|at) (?:a total of )?{ONE} (?:\w+ )?(?:steps|iterations|updates)\b"),
        reject=r"decay|anneal|warm|rate")  # fmt: skip
    penalty = r"(?:l_?\s?2|ℓ_?\s?2)[- ]?(?:norm |weight )?(?:penalty|regulari[sz](?:ation|er)|norm|term|decay)"
    add("weight_decay", 0, 1, keys="multiplier", lists=False, tight=True,
        raw=(rf"\b(?:l_?\s?2|ℓ_?\s?2)(?: penalty| regulari[sz]ation| norm| weight)? multiplier (?:(?:is|was|of|set|to|=|fixed|at|λ) ?){{1,4}}{ONE}",
             rf"\bmultiplier (?:of|for|on) the {penalty} (?:(?:is|was|of|set|to|=|fixed|at|λ) ?){{1,4}}{ONE}",
             rf"\b(?:{penalty}|weight decay) (?:\(|with |and )(?:an? |the )?multiplier (?:(?:is|was|of|set|to|=|fixed|at|λ) ?){{0,4}}{ONE}"))  # fmt: skip
    dense = r"(?:fully[- ]connected|\bFC|\bdense)(?: \(FC\))? layers?"
    units = r"(?:channels|outputs?|units|neurons|nodes|hidden|dimensions|features|activations)"
    add("hidden_units", 2, 1e5, whole=True, keys="fully|fc|dense", lists=False, tight=True,
        raw=(rf"{dense}(?:[:,]| \([^()]*\))? ?(?:of which |where )?(?:(?:the|both|first|last|two|three|each|all|hidden|of|them) ){{0,4}}(?:have|has|with|of|contains?|are of|having|use|uses) {ONE} {units}\b(?! ?\(one| per class| for (?:each|every) class)",
             rf"{dense} (?:are|is|each) {ONE}[- ]dimensional\b"),
        reject=r"class|way")  # fmt: skip
    examples = rf"{ONE}{_NOUNS}"
    add("train_examples", 50, 1e12, whole=True, keys="train", lists=False, tight=True, weight=1.2,
        raw=(rf"(?<![\w.,/])(?<!/ )(?<!\d, ){examples}{_NEXT}(?:{_NEXT})?(?: for| in| as| of| to)?(?: the)? {_TRAIN}{_JOINT}{_HELD}",
             rf"\b{_TRAIN}{_JOINT}{_HELD}(?:{_JOINT}{_TEST})?[^.;\d]{{0,40}}? {ONE}{_NOUNS}{_NEXT}(?:{_NEXT})?",
             rf"(?<![\w.,/])(?<!/ ){examples} (?:for|as|in) {_TRAIN}(?: set| data| split)?,? (?:and )?{_COUNT}{_NOUNS} (?:for|as|in) {_HELD}",
             rf"(?<![\w.,/])(?<!/ ){ONE} training(?: [a-z]+)?(?:, | and ){_COUNT} (?:validation|development|dev|test)\b",
             rf"\btrain(?:ing)? ?\({ONE}{_NOUNS}\)(?:,| and|, and) (?:validation|val|dev|test)"),
        reject=r"per class|batch|steps|epochs|iterations|learning rate")  # fmt: skip
    quoted = r"[\"'“”‘’]"
    add("batch_size", 2, 5e7, whole=True, keys="batch", lists=False, tight=True,
        raw=(rf"{quoted}batch[- ]?sizes?{quoted} (?:(?:to|of|is|was|at|as|set|fixed) ){{1,3}}{ONE}(?![\w.]*\d)",))  # fmt: skip
