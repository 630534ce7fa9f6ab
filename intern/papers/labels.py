# ruff: noqa: E501  the patterns are data, one setting each
"""Table labels that name a setting, and the canonical name of each."""

from __future__ import annotations

import re

from intern.papers.lexicon import LEXICON, patterns

_LABELS: tuple[tuple[str, str], ...] = (
    ("warmup_ratio", r"warm-?\s?up (ratio|proportion|fraction)"),
    ("warmup_steps", r"(#|num(ber)?\.?( of)?)?\s*(lr )?warm-?\s?up( (steps|updates|iterations))?"),
    ("epsilon_start", r"(initial|starting?) (exploration( rate)?|(exploration )?(ε|epsilon))|(exploration )?(ε|eps|epsilon) start"),
    ("epsilon_end", r"(final|min(imum)?|end) (exploration( rate)?|(exploration )?(ε|epsilon))|(exploration )?(ε|eps|epsilon) (end|final|min)"),
    ("epsilon_decay_frames", r"final exploration (frame|step)|((ε|epsilon|exploration) )(decay |annealing )?(steps|frames)"),
    ("input_shape", r"(input|image|input image) (resolution|shape)|(input )?image size|(training|pre-?training) resolution|crop size"),
    ("filter_sizes", r"(conv(olution(al)?)? )?(filter|kernel) (size|width|window)s?"),
    ("lr_decay_factor", r"(lr|learning rate) (gamma|γ)|decay (rate|factor) of (the )?learning rate"),
    ("lr_schedule", r"(lr|learning[- ]rate)( decay)? (schedule|scheduler|policy|annealing)|learning rate decay|lr decay|(schedule|"
r"scheduler)( type)?|decay (schedule|type)"),
    ("learning_rate", r"(peak |max(imum)?\.? |initial |base |init\.? |adam |finetuning |fine-tuning )*(learning rate|lr|"
r"step ?-?size)s?( \(?(α|η|γ|lr)\)?)?|η"),
    ("lr_decay_factor", r"(lr|learning rate) decay (factor|rate)"),
    ("batch_size", r"(mini-?\s?)?batch(es)?( |-)?sizes?( \((sequences?|tokens?|samples?|examples?|images?|m|b|"
r"bs)\))?|bsz|bs|mini-?\s?batch|(global|total|effective|train(ing)?) batch size|minibatch|"
r"(number of |# ?)(samples|examples|sequences|images|transitions)( per| in an?)? (mini-?\s?)?batch"),
    ("epochs", r"(#|num(ber)?\.?( of)?|max(imum)?\.?|training|train|total)?\s*(training )?epochs?( \(k\))?"),
    ("steps", r"total (training )?step|(#|num(ber)?\.?( of)?|max(imum)?\.?|total|training|train)?\s*(training |train |update |gradient "
r")?(steps|updates|iterations|iters)( \(t\))?"),
    ("weight_decay", r"weight decay|l2( weight)?( decay| reg(ularization|\.)?)|ℓ2 reg(ularization)?"),
    ("label_smoothing", r"label smooth(ing)?|ε ?ls"),
    ("weight_dropout", r"weight[- ]drop(out)?|dropconnect|recurrent dropout"),
    ("dropout", r"(residual |hidden |ff |ffn |general )?dropout( prob(ability)?\.?| rate| p)?|p ?drop|drop ?out"),
    ("drop_connect", r"(stochastic depth|drop ?path|drop connect)( rate| prob(ability)?)?"),
    ("optimizer", r"optimi[sz](er|ation)( algorithm| type| name)?"),
    ("adam_beta1", r"(adam\w* )?(β|beta)_? ?1"),
    ("adam_beta2", r"(adam\w* )?(β|beta)_? ?2"),
    ("rmsprop_decay", r"rms-?prop('s)? (decay|α|alpha|smoothing|ρ)( (rate|factor|constant))?"),
    ("adam_eps", r"(adam\w*|optimi[sz]er) \(?(ε|ϵ|eps(ilon)?)\)?|adam_eps(ilon)?"),
    ("adam_betas", r"(adam |optimi[sz]er )?(betas|momentum \(betas\)|β_? ?1, ?β_? ?2|\(β_? ?1, ?"
r"β_? ?2\))"),
    ("momentum", r"optimi[sz]er momentum|(sgd |nesterov )?momentum( \(?μ\)?)?"),
    ("grad_clip", r"(max(imum)?\.? )?grad(ient)?s?\.? (norm |value )?(clip(ping)?|norm)( norm| threshold| value)?|"
r"clip(ping)? (norm|grad(ient)?)|max grad(ient)? norm|(clip )?global (gradient )?norm( clip(ping)?)?|global gradient norm clip(ping)?|clip (global )?grad(ient)?s? norm"),
    ("max_seq_len", r"(max(imum)?\.? )?(seq(uence)?\.?|input|context|position|source|src|prompt) ?(len(gth)?s?\.?|size|window)( "
r"\(tokens\))?|max\.? len(gth)?|context|max(imum)?\.? tokens|look-?back (window|length)( size| length)?"),
    ("layers", r"(#|num(ber)?\.?( of)?|n)?\s*(transformer |encoder |decoder |hidden |total |lstm )*(layers|"
r"blocks)( \(?[nl]\)?)?|n ?layers?|depth|nlayers|# ?l|layer count|(transformer )?blocks|"
r"number of (hidden )?layers \(.*\)"),
    ("embedding_dim", r"(word|char(acter)?|token|position(al)?|entity|user|item|node|label|phoneme|speaker) embeddings?( layer)?"),
    ("embedding_dim", r"(word|char(acter)?|token|position(al)?|entity|user|item|node|tag|pos|label|type|relation)\.?(-level)? emb(ed(ding)?)?s?\.? (dim(ension(ality)?)?s?\.?|size)"),
    ("embedding_dim", r"(entity|item|user|node) (emb(edding)?\.? )?(dim(ension(ality)?)?s?\.?|size)"),
    ("hidden_size", r"(hidden|latent) (dims?\.|channels)|(d_? ?model|d_? ?hidden|(model |(transformer |lstm |gru )?hidden |embedding/hidden |"
r"residual )(dim(ension(ality)?)?s?|"
r"size|width|state( size)?|units)|hidden|width|dim(?:ension)?|d_? ?h|# ?h)( \(?[dh]\)?)?"),
    ("ffn_size", r"(d_? ?ff|d_? ?ffn|(transformer )?(ffn|feed-?\s?forward|inner|intermediate|mlp|filter|ff)( network| inner| "
r"hidden| layer)* ?(dim(ension(ality)?)?s?|size|width)|ffn)"),
    ("heads", r"(#|num(ber)?\.?( of)?|n)?\s*(self-?|parallel |multi-head |query )?(att(entio)?n\.? )?heads( "
r"\(?[ha]\)?)?|n ?heads?|nheads|# ?a|(attention )?head count"),
    ("embedding_dim", r"(word |token |input |feature |char(acter)? )?emb(ed(ding)?)?s?\.? (dim(ension(ality)?)?s?\.?|"
r"size)|d_? ?emb"),
    ("vocab_size", r"# ?vocab|(bpe )?vocab(ulary)?\.?( size)?|n ?vocab"),
    ("beam_size", r"beam( search)?( size| width)?|(num(ber)?[ _](of )?|# ?)?beams"),
    ("lora_rank", r"(lora )?rank( r)?|r \(lora\)|lora (config\.?|r)|adaptation"),
    ("lora_alpha", r"(lora )?(α|alpha)"),
    ("temperature", r"(softmax |sampling |distillation )?temp(erature)?( \(?[tτ]\)?)?"),
    ("seeds", r"(#|num(ber)?\.?( of)?)?\s*(random )?(seeds|runs)"),
    ("discount", r"discount( factor)?( \(?γ\)?)?|γ"),
    ("gae_lambda", r"(λ|lambda)[- ](target|return)s?( (parameter|discount|factor|λ))*|(td|trace)[- ]?\(?(λ|lambda)\)?|gae( parameter)?( \(?λ\)?)?|gae λ|λ_?gae"),
    ("clip", r"(ppo )?clip(ping)?( range| parameter| ratio| param\.?)?( ε| \(ε\))?( value)?|ppo (ε|epsilon)"),
    ("entropy_coef", r"ent_coef|entropy( bonus| loss| regulari[sz]ation)?( coeff(icient)?\.?| weight)?.{0,6}"),
    ("horizon", r"((imagination|planning|imagined|rollout) )?horizon( length)?( \(?t\)?)?|(number of )?steps per (rollout|update|actor|environment|env)"),
    ("num_actors", r"(#|num(ber)?\.?( of)?)?\s*(parallel )?(actors|environments|envs|workers)( \(?n\)?)?"),
    ("replay_memory", r"((experience )?replay |memory )?(memory|buffer|replay)( ?size| capacity)|memory size|replay "
r"(memory|buffer)|experience replay (size|capacity)|(size|capacity) of (the )?replay (buffer|memory)"),
    ("frame_skip", r"(frame ?-?skip(ping)?|action repe(at|tition)s?)"),
    ("frames", r"(total |training |number of )?(environment |training )?frames"),
    ("activation", r"(hidden )?activation( function| type)?s?( (&|and) .*)?|non-?linearit(y|ies)"),
    ("filters", r"(#|num(ber)?\.?( of)?)?\s*(filters|feature maps|channels|kernels)"),
    ("filter_sizes", r"(filter|kernel) (size|width|window)s?"),
    ("hidden_units", r"(#|num(ber)?\.?( of)?)?\s*(hidden )?(units|neurons|cells)( (per|in each|in every|"
r"of each) (hidden )?layer)?"),
    ("bptt", r"(truncated )?bptt( length| steps| window)?"),
    ("train_examples", r"(#|num(ber)?\.?( of)?)? ?train(ing)?( set)? (size|examples|samples|instances)"),
    ("early_stopping", r"early[- ]stop(ping)?( patience)?|patience"),
    ("base_model", r"(base|backbone|pre-?trained|foundation) (model|network|architecture|checkpoint)|(encoder |visual |image |text )?backbone|base llm|"
r"checkpoint"),
)  # fmt: skip
_COMPILED = tuple((name, re.compile(pattern, re.I)) for name, pattern in _LABELS)
_SYMBOLS = {"n": "layers", "l": "layers", "h": "heads", "dmodel": "hidden_size", "dff": "ffn_size", "pdrop": "dropout"}


_ASIDE = re.compile(r"\s*[(\[](?P<in>[^()\[\]]*)[)\]]$")
_FACTORS = {"k": 1e3, "thousand": 1e3, "thousands": 1e3, "m": 1e6, "million": 1e6, "millions": 1e6}
_KIND = re.compile(
    r"(?P<k>attention|att\.?|attn\.?|residual|ffn|ff|feed-?forward|embedding|emb\.?|input|output|hidden|lora|"
    r"classifier|head|layer) (?P<w>drop-?out.*)",
    re.I,
)


_EMBEDDED = re.compile(
    r"(?P<k>word|char(?:acter)?|position(?:al)?|entity|user|item|tag|pos|relation)\.?(?:-level)? emb", re.I
)
"""What is embedded, in the label of a size."""


_WHOSE = re.compile(
    r"(?:adamw?|rmsprop|sgd|lamb|lars|word2vec|optimi[sz]er|outer|learner|replay|mlp|conv|skip-?gram) (?=\w)"
)
"""The optimizer or the part that a label begins with: "RMSProp momentum"."""


_PART = re.compile(r"(?P<k>[\w-]+(?: [\w-]+)?): (?=\w)")
"""A label with the part of the model it is about before a colon: "Q network: hidden units"."""


_COMPONENT = re.compile(
    r"(?P<k>encoder|decoder|actor|critic|policy|value (?:function|network)|generator|discriminator|teacher|student|"
    r"predictor|projector|projection head|prediction head|encoder/decoder|prenet|postnet) (?=\w)"
)
"""The part of a model that a label begins with: "Encoder filter sizes", "Critic learning rate"."""


_OF_A_PART = re.compile(
    r"(?!bpe |subword |word |token )(?P<k>(?!(?:final|min(?:imum)?|max(?:imum)?|end|warm-?\s?up|eval\w*|test\w*|val\w*|inference|decod\w*|generat(?:e|ion)|sampl\w+|per|micro|local|device|gpu|"
    r"every|layer-?wise|target|frozen|freez\w*|trainable|shared|skip\w*|unfrozen|adapted|patience|milestone|decay|drop|step|cool-?down|ramp\w*|output|number|num|no\.?|of|in|"
    r"for|to|on|and|the|non-?train\w*|attention|log|logging|save|search)\b)[\w-]+(?: (?!per\b|and\b|to\b|of\b)[\w-]+)?) "
    r"(?P<w>(?:initial |base |peak )?(?:learning[- ]rate|lr)|(?:mini-?)?batch size|dropout(?: rate| prob\w*)?|(?:(?:number of |num\.? |# ?)?(?:hidden )?(?:layers|units))|"
    r"hidden (?:size|dim\w*)|optimi[sz]er|weight decay|epochs|embedding (?:size|dim\w*)|activation|vocab\w* size)"
)
"""A setting behind the one or two words of the part or the stage that it belongs to: "Reward head layers"."""


_PART_BEHIND = re.compile(
    r"(?P<w>(?:number of |num\.? |# ?)?(?:hidden )?(?:layers|units)|hidden (?:size|dim\w*)|learning rate|dropout(?: rate)?|batch size|optimi[sz]er|weight decay|activation|embedding (?:size|dim\w*)) "
    r"(?:of|for|in) (?:the )?(?P<k>(?!all\b|each\b|both\b|every\b|training\b|eval\w*\b|test\w*\b|validation\b|inference\b)[\w-]+(?: [\w-]+)?)"
)
"""The same with the part behind it: "Hidden units of the reader"."""


def canonical(label: str, *, symbols: bool = False) -> str | None:
    """The canonical name of a table label, None when it is no setting."""
    text = _plain(label)
    if not text or len(text) > 45:
        return None
    text = re.sub(r"^n\. (?=[a-z])|^# (?=num_|n_)", "num " if text[0] == "n" else "", text)
    text = re.sub(r"^# (?=\w+_\w)", "", text)
    bare = _ASIDE.sub("", text)
    behind = text.rpartition(": ")[2] if _PART.match(text) else text
    for form in dict.fromkeys(
        (text, text.replace("_", " "), bare, _ASIDE.sub("", bare), _without_letter(text), behind)
    ):
        for name, pattern in _COMPILED:
            if pattern.fullmatch(form):
                return name
    if match := _KIND.fullmatch(text):
        return canonical(match.group("w"))
    if match := _WHOSE.match(text) or _COMPONENT.match(text):
        return canonical(text[match.end() :])
    if (match := _PART_BEHIND.fullmatch(text)) and (inner := canonical(match.group("w"))):
        return inner
    if (match := _OF_A_PART.fullmatch(text)) and (inner := canonical(match.group("w"))):
        return inner
    for form in dict.fromkeys((text.replace("_", " "), bare, _without_letter(text))):
        for term in LEXICON:
            if term.needs and not re.search(term.needs, form):
                continue
            if any(pattern and pattern.fullmatch(form) for pattern in patterns(term)[:2]):
                return term.name
    return _SYMBOLS.get(text.replace("_", "").replace(" ", "")) if symbols else None


def kind_of(label: str) -> str:
    """The word that tells one of several settings of a name apart: "attention" of "Attention dropout"; "" without one."""
    if part := _PART.match(_plain(label)):
        return part.group("k")
    if part := _COMPONENT.match(_plain(label)):
        return part.group("k")
    plain = _plain(label)
    match = _KIND.fullmatch(plain) or _EMBEDDED.match(plain)
    if match is None and not any(pattern.fullmatch(plain) for _, pattern in _COMPILED):
        match = _OF_A_PART.fullmatch(plain) or _PART_BEHIND.fullmatch(plain)
    return match.group("k").rstrip(".") if match else ""


def factor_of(label: str) -> float:
    """What a heading multiplies its column by: "Updates (×10^5)", "Steps (k)"."""
    match = _ASIDE.search(_plain(label))
    if match is None:
        return 1.0
    inside = match.group("in").strip()
    if power := re.fullmatch(r"[×x*]?\s?10\s?\^\s?(\d{1,2})", inside):
        return 10.0 ** int(power.group(1))
    return _FACTORS.get(re.sub(r"^(?:in|[×x*])\s?", "", inside), 1.0)


def _plain(label: str) -> str:
    label = re.sub(r"(?<=[Cc]oe) (?=cient)", "ffi", label)  # some files have no code for the joined letters
    return re.sub(r"\s+", " ", re.sub(r"[*†‡§]|:$|\^[^\s)]+$", "", label.strip())).strip().lower()


def _without_letter(text: str) -> str:
    """ "clipping parameter ε", "entropy coeff. c2 (9)": a symbol behind the words says nothing new."""
    return re.sub(
        r"(?:\s*\([^()]*\))?$", "", re.sub(r"\s+\(?(?:[α-ωϵ]|[a-z])_?\d?\)?(?=\s*(?:\(\w+\))?$)", "", text)
    ).strip()
