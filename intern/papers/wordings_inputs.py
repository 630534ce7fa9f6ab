# ruff: noqa: E501  the patterns are data, one a line
"""Settings that are words about what goes in: the size of pictures, and the pretrained model that training starts from."""

from __future__ import annotations

import re
from collections.abc import Iterator

Finding = tuple[str, int, int]

_SHAPE = re.compile(r"(?<![\d×x])(?:([13])\s?[×x]\s?)?(\d{2,4})\s?[×x]\s?(\d{2,4})(?:\s?[×x]\s?(\d{1,3}))?")


_RESIZED = re.compile(
    r"\b(?:images?|frames?|inputs?|pictures|photos|crops?|patch(?:es)?|observations?|screens?|scans|slices|faces|resolution)\b[^.;]{0,60}?\b(?:re-?siz\w+|re-?scal\w+|"
    r"crop\w*|down-?(?:sampl|scal)\w+|up-?sampl\w+|pad(?:ded)?|size|resolution)\b[^.;\d]{0,30}$|"
    r"\b(?:resiz\w+|crop\w*|rescal\w+|downsampl\w+|downscal\w+)\b[^.;\d]{0,30}\b(?:images?|frames?|inputs?|pictures|photos|photographs|slices|scans|crops|faces|them|patches|it)\b[^.;\d]{0,20}$|"
    r"\buse (?:the |an? )?(?:image |input |crop )?(?:size|resolution) of $|\b(?:training|natural|colou?r|rgb|gr[ae]y-?scale) images? of (?:size |resolution )?$|"
    r"\b(?:pre-?trained|trained|fine-?tuned|epochs)\b(?: on [\w-]+)?(?: for [\d,]+ epochs)? (?:at|with)(?: an?)?(?: (?:input |image )?(?:resolution|size)(?: of)?)? $|\bat an? (?:input |image )?resolution of $|"
    r"\b(?:crop|cropping|resize|resizing|resized|cropped|(?:random )?crops? of(?: size)?)(?: a| an| to| at| of size)* $"
)
"""What stands before the size to which pictures are brought."""


_RESOLUTION = re.compile(
    r"\b(?:(?:pre-?|fine-?)?(?:training|tuning|tuned|trained)|image|input|default)(?: \w+)? (?:resolution|size)(?: (?:is|of|was|to|at))* "
    r"(?:pixels )?(?P<v>\d{2,4})(?:\s?\^\s?2\b)?(?!\s?[×x%]|\.?\d)(?! (?:examples|images|samples|sequences|tokens))|(?:run|done|train(?:ed)?|(?:pre-?|fine-?)(?:trained?|tuned?)|training) (?:at|on|with) "
    r"(?:a )?(?:(?P<q>\d{2,4})(?:²|\^2) resolution|resolution (?:of )?(?P<w>\d{2,4})|(?P<u>\d{2,4}) resolution)(?!\s?[×x]|\.?\d)",
    re.I,
)


_PICTURE = re.compile(
    r"\s?(?:pixels? |-pixel )?(?:\w{2,3} )?(?:rgb |colou?r |gr[ae]y-?scale )?(?:sub-?\s?images?|image patches|patches|crops?|images?|inputs?)\b"
)
_TRAINED_ON = re.compile(r"\b(?:crop|train|input|represent|object|observation|patch)", re.I)
_OF_FILTERS = re.compile(
    r"\b(?:kernels?|filters?|convolutions?|regions?)(?: (?:a|the))?(?: (?:of|with|size|sizes|shape|is|are))+(?: (?:a|the|size|sizes))*\s*$|"
    r"\b(?:strides?|pooling|windows?)(?: (?:of|with|size|is))*\s*$|"
    r"\b(?:crops?|patches)\b[^.;]{0,80}\bfrom (?:the |each |its |every )?(?:original |resized |full )*$"
)
"""What stands before the shape of a filter, or of the picture that a crop is taken from."""
_MEASURED = re.compile(r"averaged over|run-?time|running time|fps|per second|latency", re.I)
"""Words of a measurement of speed: its picture size is not the network's input."""


def input_shape(text: str) -> Iterator[Finding]:
    for match in _SHAPE.finditer(text):
        before, after = (
            text[max(0, match.start() - 80) : match.start()].lower(),
            text[match.end() : match.end() + 50].lower(),
        )
        if (
            (
                re.search(
                    r"inputs? (?:image |size |resolution |shape |to the |of |images? )*[^.;]{0,45}(?:is|are|of|consists|"
                    r":|size|to|resolution|with)?[^.;\d]{0,25}$",
                    before,
                )
                and "output" not in before
            )
            or re.match(
                r"[^.;\d]{0,14}\binput(?: image| size| resolution|s?\b)|[^.;\d]{0,30}\bas (?:the |its |an |our )?inputs?\b",
                after,
            )
            or (_RESIZED.search(before) and "output" not in before)
            or (
                _PICTURE.match(after)
                and (
                    _TRAINED_ON.search(before)
                    or re.search(r"\b(?:single|cent(?:er|ral|re)|random) $", before)
                    or re.search(
                        r" for training|\b(?:is|are|was|were) (?:\w+ )?(?:fed|used|taken|passed|given|input|sampled|extracted|cut)\b",
                        after,
                    )
                )
                and not re.search(r"\b(?:raw|original|native)\b", before)
            )
        ) and not ((_MEASURED.search(text) and "time" in text) or _OF_FILTERS.search(before)):
            yield "x".join(part for part in match.groups() if part), match.start(), match.end()
    for match in _RESOLUTION.finditer(text):
        if "resolution" in match.group().lower() or "image" in match.group().lower():
            yield next(part for part in match.groups() if part), match.start(), match.end()


_BASE = re.compile(
    r"(?:[\w-]+-pre-?trained|[Ii]nitiali[sz](?:ed?|ing) (?:\w+ ){0,4}?(?:from|with|using)|[Ss]tarting (?:from|with)|start(?:ed)? "
    r"(?:from|with)|fine-?tun(?:e|ed|ing)|pre-?trained|[Bb]ased on|[Bb]uil[dt] (?:on|upon)|adapt|we start from)"
    r"(?: from)? (?:a |the |an |our |publicly available |publicly released |released |openly available |open(?:-source| source)? |official |pre-?trained |model |weights of |\d+(?:\.\d+)?[BM] |\d+(?:\.\d+)? (?:billion|million)[- ]parameters? )*"
    r"(?P<v>(?:BERT|RoBERTa|GPT-?[234]?|T5|LLaMA-?[123]?|Llama[ -]?[123]?|Mistral|DeBERTa|XLNet|"
    r"ELECTRA|ALBERT|DistilBERT|MPNet|ViT|ResNet|VGG|Inception|BART|OPT|Qwen|Gemma|"
    r"CLIP|EfficientNet|ConvNeXt|Swin|DeiT|Phi|Pythia|Falcon|DeepSeek|wav2vec|HuBERT|Whisper|SciBERT|BioBERT|mBERT|XLM-R|CodeBERT|"
    r"MobileNet|DenseNet|DINOv?\d?|SAM|Stable Diffusion|Vicuna|Alpaca|CodeT5\+?|Code ?Llama|CodeLLaMA|StarCoder|mT5|ByT5|Flan-T5|FLAN-T5|PEGASUS|Longformer|"
    r"BigBird|ERNIE|UniLM|MiniLM|XLM-RoBERTa|GPT-J|GPT-Neo(?:X)?|BLOOM|InternLM|Baichuan|ChatGLM|Zephyr|TinyLlama|MPT|SigLIP|BLIP-?2?|EVA-CLIP|I3D|AlexNet|GoogLeNet|Xception|RegNet|HRNet|Darknet|"
    r"ResNeXt|Wide ?ResNet|WRN|BEiT|PVT|PubMedBERT|ClinicalBERT|FinBERT|BERTweet|GraphCodeBERT|UniXcoder|ELMo|ESM-?2|ProtBERT|TimeSformer|VideoMAE|HTSAT|AST|Conformer|DistilGPT2|DialoGPT|CamemBERT|PhoBERT|IndoBERT|MuRIL|LayoutLM|CodeGen|(?:x?lm-)?(?:bert|roberta|distilbert|albert|electra|deberta|gpt2|t5|flan-t5|bart|mbart|xlnet|vit|wav2vec2|llama|mistral|gemma|phi|opt|pythia|codebert|scibert)(?=-)|gpt2)(?:\.\d)*(?:[- ]?(?:base|large|small|tiny|XXL|XL|XXL|\d[\w.]*|v\d|B\d|[A-Z][a-z]+(?=-\d))|"
    r"-[A-Z][\w.]*(?:/\d\d?(?!\d))?)*)"
)


_MODEL_NAME = _BASE.pattern[_BASE.pattern.index("(?P<v>") :]
_ROLE = re.compile(
    r"(?:(?:backbone|base model|foundation model|base LLM|language model|LLM|underlying model|feature extractor|text encoder|image encoder|vision encoder|student|teacher|encoder)(?: network| model)?"
    rf"(?:,)? (?:is|was|we (?:use|chose|choose|adopt)|as|,)(?: an?| the)?(?: pre-?trained)? {_MODEL_NAME})|"
    rf"(?:use|using|uses|used|adopt|employ|with|chose|choose|take) (?:an?|the)?\s?(?:pre-?trained )?{_MODEL_NAME.replace('?P<v>', '?P<w>')}(?: \([^()]{{1,40}}\)| \[\d+\])?"
    r"(?: model| network)? as (?:the|our|an?) (?:\w+ ){0,2}(?:backbone|base(?: \w+)? ?(?:model|LLM|network)|encoder|initiali[sz]ation|foundation model|feature extractor|starting point)"
)
_SERVES = re.compile(
    rf"{_MODEL_NAME}(?: \([^()]{{1,40}}\)| \[\d+\])?(?: models?| networks?)?(?: \([^()]{{1,40}}\))?(?:,? (?:which (?:is|was) )?(?:pre-?trained|trained) on [\w-]+(?: [\w-]+)?,?)?"
    r" (?:serves?|(?:is|was|are|were) (?:used|employed|taken|adopted|chosen)|acts?|as) (?:as )?(?:the|our|an?) (?:\w+ ){0,2}(?:backbone|base(?: \w+)? ?(?:models?|LLM|network)|encoders?|foundation model|feature extractor|starting point)|"
    rf"\b[Ff]eatures (?:come|are (?:extracted|taken|computed)|extracted|were (?:extracted|taken)) (?:from|by|with|using) (?:the |an? )?(?:\w+ layer of )?(?:an? |the )?(?:pre-?trained )?{_MODEL_NAME.replace('?P<v>', '?P<w>')}"
)
"""A model by the part it has to play."""
_IN_USE = re.compile(
    rf"\b(?:use|uses|using|employ|employs|adopt) (?:two |both |an? |the )?(?:independent |separate |pre-?trained |off-the-shelf |publicly available )+{_MODEL_NAME}"
    r"(?: \((?:[^()]|\([^()]*\))*\)| \[\d+\])? (?:networks?|encoders?|models?)(?P<s> \([a-z][a-z, ]{3,20}\))?|"
    rf"\b(?:use|uses|used|employ(?:ed|s)?|took|adopt(?:ed|s)?) (?:the |an? ){_MODEL_NAME.replace('?P<v>', '?P<x>')}(?: \([^()]{{1,40}}\)| \[\d+\])?(?: network| model| backbone| encoder)?,? (?:which (?:is|was) )?pre-?trained (?:on|with|by)|"
    rf"\bbase (?P<w>{_MODEL_NAME.replace('?P<v>', '?:')}(?: and [A-Z][\w-]+)? models? (?:are|is|was|were) pre-?trained(?: on [A-Z][\w-]+)?)"
)


_COMPARED_WITH = re.compile(
    r"\b(?:point gap|outperform\w*|surpass\w*|above the|top-performing|compared (?:to|with)|state-of-the-art)\b[^.;]*$"
)


def base_model(text: str) -> Iterator[Finding]:
    for pattern in (_BASE, _ROLE, _SERVES, _IN_USE):
        for match in pattern.finditer(text):
            group = next(key for key in ("v", "w", "x") if match.groupdict().get(key))
            if _COMPARED_WITH.search(text[: match.start(group)]):
                continue
            if pattern is _IN_USE and match.group("s"):
                yield f"{match.group(group)}{match.group('s')}", match.start(group), match.end("s")
                continue
            yield match.group(group).strip(" ."), match.start(group), match.end(group)
