# ruff: noqa: E501  the patterns are data, one a line
"""Measures of single fields, by the names that papers of that field head their columns with: name, pattern, whether more is better."""

FIELDS = (
    # segmentation, depth, pose, flow, tracking, driving
    ("HD95", r"\bHD_?95\b|\b95HD\b|\bhausdorff(?: distances?)?\b|^HD(?= ?[↓(]|$)", False),
    ("ASD", r"\b(?-i:ASS?D)\b(?= ?[↓(]|$)|average surface distances?", False),
    ("AbsRel", r"\babs\.? ?rel\b\.?", False),
    ("MPJPE", r"\b(?-i:(?:PA-|P-|N-)?MPJPE)\b", False),
    ("EPE", r"\b(?-i:EPE)\b|end-?point errors?", False),
    ("ADE", r"\b(?-i:(?:min)?ADE)(?:_?\d+|_?K)?(?![\w-])|average displacement errors?", False),
    ("FDE", r"\b(?-i:(?:min)?FDE)(?:_?\d+|_?K)?(?![\w-])|final displacement errors?", False),
    ("MOTA", r"\b(?-i:MOTA)\b", True),
    ("HOTA", r"\b(?-i:HOTA)\b", True),
    ("IDF1", r"\b(?-i:IDF1)\b", True),
    ("NDS", r"\b(?-i:NDS)\b", True),
    ("average recall", r"\baverage recall\b|\b(?-i:AR)_?(?:\d{1,4}|[SML])(?!\w)", True),
    ("SPL", r"\b(?-i:SPL)\b", True),
    # speech and audio
    ("SI-SDR", r"\b(?-i:SI-?SDRi?)\b", True),
    ("SI-SNR", r"\b(?-i:SI-?SNRi?)\b", True),
    ("SDR", r"\b(?-i:SDRi?)\b", True),
    ("PESQ", r"\b(?-i:(?:WB-|NB-)?PESQ)\b", True),
    ("STOI", r"\b(?-i:E?STOI)\b", True),
    ("DER", r"\b(?-i:DER)\b(?= ?[↓(%]|$)|diari[sz]ation error rates?", False),
    ("minDCF", r"\bminDCF\b", False),
    ("UTMOS", r"\b(?-i:UTMOS)\b", True),
    # forecasts and probabilities
    ("sMAPE", r"\bsMAPE\b", False),
    ("MAPE", r"\b(?-i:MAPE)\b|mean absolute percentage error", False),
    ("MASE", r"\b(?-i:MASE)\b", False),
    ("OWA", r"\b(?-i:OWA)\b", False),
    ("CRPS", r"\b(?-i:CRPS)\b", False),
    ("ECE", r"\b(?-i:[ASMU]?ECE)\b|expected calibration errors?", False),
    ("Brier score", r"\bbrier(?: scores?)?\b", False),
    ("FPR95", r"\bFPR(?:@?95| ?@ ?95)\b|\bFPR ?95\b", False),
    ("C-index", r"\bc-?index\b|concordance index", True),
    ("regret", r"\b(?:simple |cumulative |normali[sz]ed )?regrets?\b", False),
    # language
    ("SPICE", r"\b(?-i:SPICE)\b", True),
    ("SARI", r"\b(?-i:SARI)\b", True),
    ("UAS", r"\b(?-i:UAS)\b|unlabell?ed attachment scores?", True),
    ("LAS", r"\b(?-i:LAS)\b|labell?ed attachment scores?", True),
    ("joint goal accuracy", r"\b(?-i:JGA)\b|joint goal acc(?:uracy|\.)?", True),
    # clusters, ranks, graphs, continual learning
    ("NMI", r"\b(?-i:NMI)\b|normali[sz]ed mutual information", True),
    ("ARI", r"\b(?-i:ARI)\b|adjusted rand(?: index)?", True),
    ("Kendall correlation", r"kendall(?:'s)?(?: tau| τ)?(?: corr\w*)?", True),
    ("SRCC", r"\b(?-i:SROCC|SRCC)\b", True),
    ("PLCC", r"\b(?-i:PLCC|PCC)\b", True),
    ("BWT", r"\b(?-i:BWT)\b|backward transfer", True),
    ("FWT", r"\b(?-i:FWT)\b|forward transfer", True),
)
