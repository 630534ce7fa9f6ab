"""Rules for regularization."""

from __future__ import annotations

from intern.papers.rules import ONE, Builder


def regularization(make: Builder) -> None:
    add = make.add
    add(
        "dropout",
        0,
        0.95,
        keys="dropout|drop-out|pdrop|drop out",
        after=(
            r"(?<!recurrent )(?<!weight )(?<!weight-)(?:residual |attention |embedding |word |input |hidden |"
            r"spatial )?(?:dropout|drop-out)(?: layers?| regulari[sz]ation)?(?:,)?(?: \((?:[^()]{1,40}\d{4}|"
            r"[^()]{0,12})\))?(?! ?connect)",
            r"P_? ?drop\b",
        ),
        before=(r"(?:dropout|drop-out)\b(?! on (?:recurrent|weights))",),
        raw=(
            rf"(?:dropp?(?:ed|ing)?)[- ]?(?:out)? (?:the )?(?:units|neurons|words|activations|hidden "
            rf"units)[^.;]{{0,40}}?probability (?:of |p ?= ?)?{ONE}",
            r"(?P<v>\d+(?:\.\d+)?\s?%) (?:\w+ )?dropout",
            r"dropout\b[^.;()]{0,150}?\((?P<v>0?\.\d+(?:, (?:and )?0?\.\d+)+)\)",
            rf"dropout(?:(?!regulari|decay|momentum|learning|smooth|clip)[^.;]){{0,50}}? "
            rf"(?:with|rate|probability|p|to|at|of)(?: of| =| is)? ?{ONE}",
        ),
        reject=r"drop ?connect|keep|retain|retention|recurrent weight|hidden-to-hidden|layer ?drop(?! ?out)",
    )
    add(
        "weight_dropout",
        0,
        0.95,
        keys="dropconnect|weight-drop|weight drop|recurrent",
        raw=(
            rf"(?:weight[- ]drop(?:out|ped)?|recurrent (?:weight )?dropout|dropconnect)[^.;]{{0,70}}?(?:of|"
            rf"rate|probability|p ?=|to|value) ?{ONE}",
            rf"{ONE} (?:on|for|to) the (?:weight-dropped|recurrent weight)",
        ),
        lists=False,
    )
    add(
        "drop_connect",
        0,
        0.95,
        keys="dropped|layerdrop|layer drop|drop connect|dropconnect|stochastic depth|drop path|droppath|drop-path|survival",
        after=(
            r"(?:drop[- ]?connect|stochastic depth|drop[- ]?path)(?: rate| ratio| probability)?(?: \([^()]{1,40}\))?",
            r"survival probability",
            r"layer-?\s?drop(?: rate| probability)?",
        ),
        raw=(rf"layers? (?:is|are) (?:randomly )?dropped (?:at a rate of|with (?:a )?probability(?: of)?) {ONE}",),
    )
    add(
        "weight_decay",
        1e-9,
        1,
        keys="weight decay|weight-decay|weight_decay|l2|ℓ2|regulari",
        after=(
            r"(?:l_?2|ℓ_?2)?\s?weight[- _]decay",
            r"(?:l_?\s?2|ℓ_?2)[- ](?:regulari[sz]ation|penalty)(?: multiplier| weight| strength| term| parameter| coefficient)?",
        ),
        before=(r"(?:l_?2 )?weight[- ]decay", r"L_?2[- ]regulari[sz]ation"),
    )
    add(
        "l2_constraint",
        0.1,
        100,
        keys="constraint|max-norm|maxnorm|max norm|norms of",
        after=(
            r"(?:l_?2|ℓ_?2)[- _](?:norm[- ])?constraints?(?: \(\w\))?",
            r"max[- ]?norm(?: constraint| regulari[sz]ation)?(?: \w ?=)?",
        ),
        reject=r"grad(?:ient)?s?\b|clipp?",
        lists=False,
    )
    add(
        "label_smoothing",
        0,
        0.9,
        keys="label smoothing|label-smoothing|smoothing|εls",
        after=(
            r"label[- ]smoothing(?: regulari[sz]ation)?(?: \[[\d, ]+\]| \([^()]{1,40}\))?(?: of value)?(?: "
            r"\S{1,3}ls)?(?: ?ε(?:ls)?)?",
            r"ε_?ls",
        ),
        raw=(rf"label smoothing[^.;]{{0,40}}?[=ε] ?{ONE}",),
        lists=False,
    )
    add(
        "bn_momentum",
        0.01,
        0.99999,
        keys="batch norm|batchnorm|bn |running",
        after=(r"(?:batch[- ]?norm(?:alization)?|bn)(?: layers?)?(?: with)? (?:momentum|decay)",),
        raw=(
            rf"(?:batch norm\w*|moving averages?|running averages?)[^.;]{{0,50}}(?:momentum|decay|moving "
            rf"average)[^.;]{{0,20}}? (?:of|=|to|is) {ONE}",
        ),
        lists=False,
    )
