# ruff: noqa: E501  the patterns are data, one a line
"""Rules for reinforcement learning."""

from __future__ import annotations

from intern.papers.rules import ANY, ONE, Builder


def reinforcement(make: Builder) -> None:
    add = make.add
    add(
        "discount",
        0.5,
        1,
        keys="discount|γ|gamma",
        after=(r"discount(?:ing)?(?: factor| rate)?(?: \(?γ\)?)?",),
        raw=(rf"(?:γ|\bgamma) ?= ?{ONE}",),
        lists=False,
        reject=r"focal|batch norm",
    )
    add(
        "gae_lambda",
        0.3,
        1,
        keys="gae|advantage estimat|γ",
        raw=(
            rf"(?:λ|lambda) ?= ?{ONE} ?\(gae\)",
            rf"gae[^.;]{{0,40}}?(?:λ|lambda)?\)? ?(?:=|of|to|with)? ?{ONE}",
            rf"(?:gae|generali[sz]ed advantage estimat\w+)(?:[^;.]|\.\d){{0,60}}?(?:λ|lambda) ?(?:=|of|is|was|set to|to) ?{ONE}",
            rf"(?:γ|gamma) ?= ?0?\.\d+\)?,? (?:and )?(?:λ|lambda) ?= ?{ONE}",
            rf"(?:λ|lambda) ?(?:=|of|is|was|set to|to|at) ?{ONE}(?=[^.;]{{0,40}}\b(?:gae|generali[sz]ed advantage))",
        ),
        lists=False,
        reject=r"γ ?\)?$",
    )
    add(
        "clip",
        0.01,
        1,
        keys="clip|ppo",
        raw=(
            rf"clip\w*[^.;]{{0,50}}?(?:ε|epsilon|range|parameter)[^.;\d,+)-]{{0,12}}{ONE}",
            rf"\bppo\b[^;]{{0,120}}?(?:ε|epsilon) ?(?:=|of) ?{ONE}",
        ),
        lists=False,
        reject=r"gradient|reward|adam",
    )
    add(
        "entropy_coef",
        1e-6,
        1,
        keys="entropy",
        after=(
            r"entropy (?:bonus|regulari[sz]ation|coeff(?:icient)?|cost|penalty)(?: coeff\w*| weight| term| "
            r"parameter)?(?: β| c_?2)?",
        ),
        lists=False,
    )
    add(
        "horizon",
        2,
        1e7,
        whole=True,
        keys="horizon|timesteps|rollout|roll-out|trajector|segment|actor|worker|environment|actions|unroll|agent",
        raw=(
            rf"horizon (?:\(?T\)? ?)?(?:of |is |= ?|length |to )*{ONE}",
            rf"(?<![\w.]){ONE}[- ]steps? (?:roll-?outs?|unrolls?)\b",
            rf"\bunroll lengths? (?:(?:of|is|was|were|to|at|set|fixed|=|:) ?)*{ONE}(?! (?:characters|tokens|words|symbols))",
            rf"\b(?:roll-?outs?|trajector(?:y|ies)|segments?|unrolls?) (?:fragments? |segments? )?(?:of|with|are|is|have|has)(?: an?)?(?: fixed)?(?: length)?(?: of)? {ONE}(?! (?:episodes|trajectories|tasks))",
            rf"\b(?:each|every|per|the) (?:actor|worker|environment|agent|process|thread)s? (?:collects?|gathers?|runs?|performs?|executes?|takes?|acts? for|unrolls?|contributes?|generates?|sends?) "
            rf"(?:trajectories of |segments of |rollouts of )?{ONE} (?:[\w-]+ )?(?:time-?\s?steps|steps|transitions|interactions|actions)",
            rf"\b(?:updates?|updated|learns?|learning|trained|gradients?|performs an update|optimi[sz]ed) (?:[\w-]+ ){{0,4}}?every {ONE} (?:environment |agent )?(?:actions|time-?\s?steps|environment steps|interactions)",
            rf"\b(?:after|every) {ONE} (?:environment steps|actions),? (?:[\w-]+ ){{1,4}}?(?:performs?|makes?|does|is|are) (?:an? )?(?:\w+ )?(?:update|gradient step|updated|optimi[sz]ed)",
        ),
        lists=False,
        reject=r"target net|forecast|predict|episodes? (?:of|last)|compari",
    )
    add(
        "num_actors",
        1,
        1e6,
        whole=True,
        keys="actor|environment|workers|parallel|simulator",
        before=(
            r"(?:parallel )?(?:actors?(?:-learners?)?|actor threads)\b",
            r"parallel (?:environments|workers)",
            r"(?:[\w-]+ )?(?:environments?|environment instances|envs|simulators|simulations|actors|workers|agents|threads) (?:run |running |are run |simulated )?(?:in parallel|simultaneously|asynchronously|concurrently)",
        ),
        after=(r"number of (?:parallel )?(?:actors|environments)",),
        lists=False,
        reject=r"\b(?:single|one|an) actor\b|\bcritics?\b",
    )
    add(
        "frames",
        1e4,
        1e12,
        whole=True,
        keys="frame",
        raw=(
            rf"(?:train(?:ed|ing)?|total|for|of|experience)[^.;]{{0,60}}?{ONE} (?:game |training |environment |emulator )?frames",
            rf"\banneal\w* (?:\w+ ){{0,3}}?(?:to (?:zero|0|\d\S*) )?over (?:the course of )?{ONE} (?:game |training |environment |emulator )?frames",
        ),
        lists=False,
        near=r"(?:memory of|first|every|last|most recent|per) $",
    )
    add(
        "frame_skip",
        1,
        60,
        whole=True,
        keys="frame|repeat",
        raw=(
            rf"(?:frame[- ]?skip\w*|action repeats?)(?: technique| parameter| rate| of| is| =| to| to be| k ?=?)*\s?{ONE}",
            rf"(?:every|each) k(?:th)? ?(?:frames?|th)?[^.;]{{0,60}}k ?= ?{ONE}",
            rf"\bk ?= ?{ONE}(?= (?:for|frames|games))",
            r"\b(?:acts?|selects? (?:an )?actions?|decides?|chooses? (?:an )?actions?|sees?|new action)\b[^.;]{0,30}? (?:on |at )?(?:only )?every (?P<v>\d{1,2})(?:th|rd|nd)? frames?\b",
            rf"(?:action|actions)[^.;]{{0,40}}repeated (?:for )?{ONE} (?:times|frames)",
        ),
        lists=False,
        context=True,
    )
    add(
        "replay_memory",
        100,
        1e9,
        whole=True,
        keys="replay|buffer",
        raw=(
            rf"replay (?:memory|buffer)[^.;]{{0,50}}?(?:of|size|capacity|contains|with|to|last)(?: the| of| about)* {ONE}",
            rf"{ONE} (?:most recent|last) (?:transitions|frames|experiences|samples)[^.;]{{0,40}}replay",
            rf"\b(?:last|most recent|latest) {ONE} (?:[\w-]+ )?(?:transitions|frames|experiences|samples|steps|interactions|tuples|trajectories|episodes)[^.;]{{0,50}}\b(?:replay|buffer|memory)",
            rf"\b(?:buffer|memory) (?:can (?:hold|store) |holds |stores |keeps |with room for |has room for |has a capacity of |is limited to )(?:up to |at most |the last )?{ONE} (?:[\w-]+ )?(?:transitions|frames|experiences|samples|steps|tuples|trajectories|episodes)",
        ),
        lists=False,
    )
    add(
        "epsilon_start",
        0.05,
        1,
        keys="ε|epsilon|anneal|explor",
        raw=(
            rf"(?:ε|epsilon|explor\w+)[^.;]{{0,80}}?from {ONE} (?:down )?to (?:{ANY})",
            rf"(?:ε|epsilon|explor\w+)(?:[^.;]|\.\d){{0,60}}?\b(?:start\w*|begin\w*|initial\w*|initiali[sz]ed) (?:(?:value|at|from|with|of|to|is|=) ?)*{ONE}",
            rf"(?:ε|epsilon)[^;]{{0,60}}?(?:decay|anneal|decreas|reduc)\w*[^;]{{0,50}}? from {ONE}",
        ),
        lists=False,
        reject=r"learning rate",
    )
    add(
        "epsilon_end",
        0,
        0.5,
        keys="ε|epsilon|anneal|explor",
        raw=(
            rf"(?:ε|epsilon|explor\w+)[^.;]{{0,80}}?from (?:{ANY}) (?:down )?to {ONE}",
            rf"(?:ε|epsilon|explor\w+)(?:[^.;]|\.\d){{0,80}}?\b(?:ends?|ending|final\w*|minimum|end value) (?:(?:value|at|with|of|to|is|=) ?)*{ONE}",
            rf"(?:ε|epsilon|explor\w+)(?:[^.;]|\.\d){{0,80}}?\b(?:decay|anneal|decreas|reduc|lower)\w* (?:\w+ly )?(?:down )?(?:to|until) {ONE}",
        ),
        lists=False,
        reject=r"learning rate",
    )
    add(
        "epsilon_decay_frames",
        100,
        1e9,
        whole=True,
        keys="ε|epsilon|anneal|explor",
        raw=(
            rf"(?:ε|epsilon|anneal\w*|exploration (?:rate|probability))[^;]{{0,120}}?(?:over|during|for|in|within|after)(?: the)?(?: first| a period of)? {ONE} (?:\w+ "
            rf")?(?:frames|steps|transitions|timesteps)",
            r"(?:ε|epsilon|anneal\w*)[^;]{0,120}?over the first (?P<v>million) (?:frames|steps)",
        ),
        lists=False,
        reject=r"learning rate",
    )
    add(
        "steps",
        1000,
        1e10,
        whole=True,
        keys="timesteps|time steps|environment steps|interactions",
        raw=(
            rf"\b(?:tasks?|agents?|environments?|experiments?|runs?|algorithms?|methods?|seeds?|each|we) (?:is |are |was |were )?(?:run|ran) (?:for|over) (?:a total of )?{ONE} (?:environment |total |training )?(?:time-?\s?steps|steps|interactions)",
        ),
        lists=False,
    )
    add(
        "steps",
        1000,
        1e10,
        whole=True,
        keys="timesteps|time steps|environment steps|interactions",
        raw=(
            rf"{ONE} (?:environment )?(?:time-?\s?steps|environment steps|interactions) of (?:training|experience)",
            rf"train\w*[^.;]{{0,50}}? for (?:a total of )?{ONE} (?:environment |total )?(?:time-?\s?steps|steps|interactions)",
        ),
        lists=False,
        reject=r"per (?:update|iteration|batch|epoch)",
    )
    for name, words, low, high in (
        ("epsilon_start", r"initial exploration(?: rate| probability| ε)?", 0.05, 1.0),
        ("epsilon_end", r"final exploration(?: rate| probability| ε)?", 0.0, 0.5),
        ("epsilon_decay_frames", r"final exploration (?:frame|step)s?", 100.0, 1e9),
    ):
        link = r"(?: (?:of|is|was)| ?=| ?:)?"
        add(name, low, high, keys="exploration", raw=(rf"\b{words}{link} {ONE}",), tight=True, lists=False)
