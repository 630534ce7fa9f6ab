# ruff: noqa: E501  the patterns are data, one a line
"""Settings told for several things at once ("A, B and C are all set to 384"), moved to a value, or as what training takes."""

from __future__ import annotations

from intern.papers.rules import ONE, VALUE, Builder

_ALL = rf"[^.;]{{0,130}}?\b(?:are|were|is) (?:all|both|each) (?:set|fixed|equal)(?: to)? {ONE}(?! ?[-/×x])"
_MOVED = r"\b(?:increas|expand|extend|augment|enlarg|rais|lengthen)\w*"
_FROM = rf" from [\d.,]+[kK]?(?: tokens)? to {ONE}"


def joint(make: Builder) -> None:
    add = make.add
    add("embedding_dim", 4, 1e5, whole=True, keys="embedding", lists=False,
        raw=(rf"\b(?:dimension(?:ality|s)?|sizes?|widths?) of (?:the |all )?(?:[\w-]+ )?embeddings?\b{_ALL}",
             rf"\bembeddings? (?:dimension(?:ality|s)?|sizes?|dims?)\b{_ALL}"))  # fmt: skip
    add("hidden_size", 4, 1e5, whole=True, keys="hidden|state", lists=False,
        raw=(rf"\bhidden (?:state )?(?:dimension(?:ality|s)?|sizes?|dims?|units)\b{_ALL}",))  # fmt: skip
    add("filter_sizes", 1, 99, whole=True, keys="kernel|filter", lists=False,
        raw=(rf"\b(?:kernel|filter) (?:sizes?|widths?)\b{_ALL}",))  # fmt: skip
    add("max_seq_len", 16, 1e8, whole=True, keys="context|sequence|length|window", lists=False,
        raw=(rf"{_MOVED} (?:the |our |its )?(?:maximum |input )?(?:context|sequence|input)(?: size| length| window)*{_FROM}",
             rf"\b(?:context|sequence|input) (?:size|length|window)s? (?:is|was|are|were) (?:then |further |later )?{_MOVED[2:]}{_FROM}"))  # fmt: skip
    add("vocab_size", 50, 1e7, whole=True, keys="vocab", lists=False,
        raw=(rf"{_MOVED} (?:the |our |its )?vocabulary(?: size)?{_FROM}", rf"\bvocabulary(?: size)? (?:is|was) {_MOVED[2:]}{_FROM}"))  # fmt: skip
    add("steps", 10, 1e9, whole=True, keys="takes|took|requires", lists=False,
        raw=(rf"\b(?:takes|took|requires) {ONE} (?:training |gradient )?(?:steps|iterations|updates) (?:for training|to train|to converge|until convergence|of training)",),
        reject=r"\b(?:than|baseline)\b")  # fmt: skip
    add("epochs", 1, 2e4, whole=True, keys="takes|took|requires", lists=False,
        raw=(rf"\b(?:takes|took|requires) {ONE} (?:training )?epochs (?:for training|to train|to converge|until convergence|of training)",),
        reject=r"\b(?:than|baseline)\b")  # fmt: skip
    add("epochs", 1, 2e4, whole=True, keys="total of", lists=False, tight=True,
        raw=(rf"\b(?:for|taking|lasting) a total of {ONE} (?:training )?epochs\b",))  # fmt: skip
    add("weight_decay", 1e-8, 0.5, keys="decay|coefficient|regulari|normali", lists=True,
        raw=(rf"\bmomentum (?:of|=|is|set to) ?[\d.]+,? and (?:a )?decay (?:of|=) ?{ONE}",
             rf"\bcoefficient (?:λ )?of (?:the )?(?:L|ℓ)_?2 (?:normali[sz]ation|regulari[sz]ation|penalty|norm)(?: term)? (?:is|was) (?:\w+ )?(?:in|from|among(?:st)?|over) (?:the (?:range|set|grid) )?(?:of )?{VALUE}"))  # fmt: skip
