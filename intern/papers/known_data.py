# ruff: noqa: E501  the patterns are data, one a line
"""Names of public data sets, as papers write them. Knowledge about the field, not about any paper.

`CANONICAL` maps a written form (lower case) to the name reported. Only names that are no ordinary English word, or that
are written in capitals, are listed; others need "data set" or "corpus" beside them.
"""

from __future__ import annotations

import functools
import re

_NAMES = """
MNIST; Fashion-MNIST; KMNIST; EMNIST; MNIST-1M; Permuted MNIST; CIFAR-10; CIFAR-100; CIFAR10|CIFAR-10; CIFAR100|CIFAR-100; SVHN; STL-10; Tiny ImageNet;
ImageNet; ImageNet-1K; ImageNet-21K; ImageNet-22K; ImageNet-32; ILSVRC 2012|ImageNet; ILSVRC2012|ImageNet; ILSVRC-2012|ImageNet; ILSVRC|ImageNet; ILSVRC 2014|ImageNet; ILSVRC-2010|ImageNet 2010; ILSVRC-2015|ImageNet; LSVRC2012|ImageNet; LSVRC-2010|ImageNet 2010; ILSVRC 2015|ImageNet; ImageNet ReaL;
JFT-300M; JFT-3B; JFT; Places365; Places; iNaturalist; Caltech-101; Caltech-256; Birdsnap; Stanford Cars; Stanford Dogs; FGVC Aircraft|FGVC-Aircraft; FGVC-Aircraft;
Oxford-IIIT Pets; Oxford Pets|Oxford-IIIT Pets; Oxford Flowers|Flowers-102; Flowers-102; Oxford 102 Flowers|Flowers-102; Food-101; VTAB; Office-31; DTD; SUN397; EuroSAT; PatchCamelyon;
PASCAL VOC 2007; PASCAL VOC 2012; PASCAL VOC; VOC 2007|PASCAL VOC 2007; VOC 2012|PASCAL VOC 2012; VOC07|PASCAL VOC 2007; VOC 07|PASCAL VOC 2007; VOC 12|PASCAL VOC 2012; VOC12|PASCAL VOC 2012; MS COCO|COCO; MSCOCO|COCO; MS-COCO|COCO; Microsoft COCO|COCO; COCO; LVIS; Cityscapes; ADE20K; KITTI; CelebA; CelebA-HQ; FFHQ; LSUN; LSUN Bedroom; LSUN Bedrooms|LSUN Bedroom; LSUN Church; LSUN Churches|LSUN Church; LSUN Cat; LSUN Cats|LSUN Cat; Kinetics; Kinetics-400; UCF-101; HMDB-51; Something-Something; ModelNet40; ShapeNet; ScanNet; NYUv2; LFW; Market-1501; ISBI; DIV2K; Omniglot; miniImageNet; mini-ImageNet|miniImageNet; tieredImageNet; Visual Genome; VQA v2; VQAv2|VQA v2; GQA; CLEVR; Flickr8k; Flickr30k; WinoGAViL; Conceptual Captions; LAION-5B; LAION-400M; NORB; Im2GPS; Stanford 40; PhC-U373; DIC-HeLa; NUS-WIDE; Oxford5k; Paris6k; Tox21; QM9; ZINC;
GLUE; SuperGLUE; MNLI; MultiNLI|MNLI; Multi-Genre NLI|MNLI; OpenAI gym|OpenAI Gym; SNLI; QNLI; QQP; RTE; CoLA; MRPC; STS-B; STS benchmark|STS-B; STS Benchmark|STS-B; STSb|STS-B; SST; SST-1; SST-2; SST-5; SST2|SST-2; WNLI; ANLI; XNLI; SciTail; SQuAD; SQuAD v1.1|SQuAD 1.1; SQuAD 1.1; SQuAD v2.0|SQuAD 2.0; SQuAD 2.0; SQuAD1.1|SQuAD 1.1; SQuAD2.0|SQuAD 2.0; RACE; SWAG; HellaSwag; PIQA; SIQA; BoolQ; COPA; MultiRC; ReCoRD; WiC; WSC; WinoGrande; Winogrande|WinoGrande; OpenBookQA; CommonsenseQA; TriviaQA; NaturalQuestions|Natural Questions; Natural Questions; Natural Question|Natural Questions; WebQuestions; HotpotQA; DROP; QuAC; CoQA; NewsQA; SearchQA; MS MARCO; NarrativeQA; StrategyQA; ARC; ARC-Challenge|ARC; ARC-Easy|ARC; ARC-easy|ARC; ARC-challenge|ARC; MMLU; CMMLU; C-Eval; CEval|C-Eval; CLUEWSC; CHID; BBH; BIG-Bench; TruthfulQA; AGIEval; GSM8K; MATH; MathQA; SVAMP; HumanEval; MBPP; DS-1000; LiveCodeBench; LAMBADA; StoryCloze; ROCStories; CBT; Story Cloze Test|StoryCloze; bAbI; MCTest; CNN/Daily Mail; CNN/DailyMail|CNN/Daily Mail; XSum; Gigaword; SAMSum; DUC-2004; NYT; Newsroom; Multi-News; arXiv Summarization;
WMT 2014 English-German; WMT 2014 English-French; WMT'14 English-German|WMT 2014 English-German; WMT'14 English-French|WMT 2014 English-French; WMT14 English-German|WMT 2014 English-German; WMT14 English-French|WMT 2014 English-French; WMT 2016 English-German; WMT 2016 English-Romanian; WMT14; WMT 2014; WMT'14; WMT 14; WMT 2015; WMT15; WMT'15; WMT 2016; WMT16; WMT'16; WMT 2017; WMT17; WMT 2018; WMT19; ACL WMT '14; IWSLT; IWSLT14; IWSLT 2014; IWSLT'14; IWSLT15; IWSLT 2016; IWSLT 2017; FLORES; Multi30k; Europarl; OPUS; UN corpus; News Commentary; ParaCrawl;
Penn Treebank; PTB|Penn Treebank; Penn TreeBank|Penn Treebank; WSJ; Wall Street Journal|WSJ; WikiText-2; WikiText-103; WikiText2|WikiText-2; WT2|WikiText-2; WT103|WikiText-103; enwik8; enwiki8|enwik8; text8; One Billion Word; 1B Word Benchmark|One Billion Word; 1 Billion Word|One Billion Word; LM1B|One Billion Word; Google Billion Word|One Billion Word; Billion Word|One Billion Word; PG-19; The Pile|Pile; Pile; C4; mC4; CC-100; CCNet; RealNews; OpenWebText; WebText; BooksCorpus; BookCorpus|BooksCorpus; BookCorpus; English Wikipedia; Wikipedia; CC-News; CC-NEWS|CC-News; Stories; CommonCrawl; Common Crawl|CommonCrawl; RedPajama; RefinedWeb; SlimPajama; Dolma; FineWeb; StarCoder; Google News; 1B benchmark; Hutter Prize; ClueWeb09; Gutenberg;
AG News; AG's News|AG News; AG's news|AG News; AG's corpus|AG News; Sogou News; Sogou; DBPedia|DBpedia; DBpedia; Yelp Review Polarity; Yelp Review Full; Yelp Polarity; Yelp Full; Yelp P.; Yelp F.; Yelp-2; Yelp-5; Yelp'13; Yelp; Yahoo! Answers; Yahoo Answers|Yahoo! Answers; Yahoo A.|Yahoo! Answers; Amazon Review Full; Amazon Review Polarity; Amazon Full; Amazon Polarity; Amz. F.|Amazon Review Full; Amz. P.|Amazon Review Polarity; IMDB; IMDb|IMDB; 20 Newsgroups; 20NG; 20 Newsgroup|20 Newsgroups; Reuters; RCV1; RCV1-v2; Reuters-21578; TREC; TREC-6; MPQA; Subj; SUBJ|Subj; Rotten Tomatoes; Movie Reviews|MR; MR; CR; Senseval; SICK; STS; STS12; STS13; STS14; STS15; STS16; SICK-R; SICK-E; SentEval; MRDA; Stanford Sentiment Treebank|SST;
CoNLL-2003; CoNLL 2003|CoNLL-2003; CoNLL03|CoNLL-2003; CoNLL-2000; CoNLL-2012; OntoNotes; OntoNotes 5.0; ACE 2005; ATIS; SNIPS; WikiSQL; Spider; E2E NLG Challenge; E2E NLG|E2E NLG Challenge; E2E; DART; WebNLG; ToTTo; Cora; Citeseer|CiteSeer; CiteSeer; PubMed; Pubmed|PubMed; FEMNIST; LEAF; AAPD; Kodak; ZINC15; NELL; PPI; Reddit; OGB; FB15k; FB15k-237; WN18; WN18RR; Freebase; WordNet; YAGO; Universal Dependencies; MovieLens; MovieLens-1M; MovieLens 1M; MovieLens-100K; MovieLens 20M; ML-1M; ML-20M; Netflix Prize; Netflix; Criteo; Criteo 1TB; Avazu; Amazon Books; Amazon Electronics; RecSys Challenge 2015|RSC15; RSC15; RecSys Challenge 15|RSC15; Last.fm; Gowalla; Pinterest; Taobao; Alibaba; OULAD; YooChoose; Diginetica; Book-Crossing; Adult; Covertype; Higgs; HIGGS; Boston Housing; YearPredictionMSD; Titanic; California Housing; Iris;
TIMIT; LibriSpeech; WSJ0; WSJ0-2mix; Switchboard; Hub5'00; Fisher; Common Voice; TED-LIUM; VCTK; LJSpeech; LibriTTS; AudioSet; ESC-50; UrbanSound8K; VoxCeleb; AN4; AMI; CHiME; MAESTRO; Nottingham; JSB Chorales; Piano-midi.de; MuseData; Ubisoft; Speech Commands; VoxForge; Aurora-4;
Atari; Atari 2600; Arcade Learning Environment; ALE; MuJoCo; OpenAI Gym; Roboschool; DeepMind Control Suite; DeepMind Lab; D4RL; Procgen; MiniGrid; StarCraft II; TORCS; Labyrinth; Hopper; HalfCheetah; Walker2d; Ant; Swimmer; Reacher; InvertedPendulum; InvertedDoublePendulum; Humanoid; CartPole; Pendulum; LunarLander; Breakout; Pong; Seaquest; Enduro; Beam Rider; B. Rider|Beam Rider; Q*bert; Space Invaders; S. Invaders|Space Invaders; Montezuma's Revenge; Freeway; VizDoom; Meta-World; Habitat; RoboNet; nuScenes; Waymo Open; UK Biobank; MIMIC-III; CheXpert; ChestX-ray14; ISIC; BraTS; Camelyon16; DRIVE; ImageCLEF; LUNA16; EyePACS; Physionet; Epileptic; UCR; UCI; ETTh1; ETTm1; ETT; Electricity; M4; Exchange; ILI; Long Range Arena; LRA; ListOps; Pathfinder; SCROLLS; ELI5; MTEB; BEIR; MT-Bench; AlpacaEval; LongBench; Alpaca; ShareGPT; FLAN; P3; Super-NaturalInstructions; Natural Instructions; UltraChat; HH-RLHF; WebGPT; OASST1; Vicuna; DBLP; Senseval-3; Quora; Quora Question Pairs|QQP; SemEval; SemEval-2010 Task 8; SemEval-2014; KBP37; TACRED; NYT10; DocRED; ChemProt; BC5CDR; NCBI-disease; i2b2; GENIA; CLUE; CMRC; LCQMC; XQuAD; MLQA; TyDi QA; PAWS; PAWS-X; BUCC; Tatoeba; Europarl-ST; MuST-C; GigaSpeech; Libri-Light; ImageNet-A; ImageNet-C; ImageNet-R; ImageNet-V2; ImageNet-Sketch; ObjectNet; Textcaps; TextVQA; OK-VQA; NLVR2; RefCOCO; DAVIS; YouTube-VOS; MOT17; CrowdHuman; WIDER FACE; Objects365; OpenImages; Open Images|OpenImages; OpenImages V4; YFCC100M; PASCAL-Context; Pascal Context; COCO-Stuff; LIDC; AFEW; RAVEN; ARC-AGI
ImageNet-A; ImageNet-R; ImageNet-C; ImageNet-V2; ImageNet-Sketch; ObjectNet; PASCAL Context; Argoverse; MPII; Human3.6M; DAVIS; YouTube-VOS; Set5; Set14; BSD100; Urban100; BSDS500; GoPro; SIDD; AFHQ; CUB-200; CUB-200-2011|CUB-200; DomainNet; PACS; VLCS; Office-Home; VisDA; nuScenes; SemanticKITTI; S3DIS; ModelNet10; FGVC; VisualMRC; TextVQA; OK-VQA; ScienceQA; MMMU; MMBench; POPE; SEED-Bench; WebVid; HowTo100M; MSR-VTT; MSVD; ActivityNet; Epic-Kitchens; AVA; Charades;
XSum; CNN/DailyMail; CNN/Daily Mail|CNN/DailyMail; CNN-DailyMail|CNN/DailyMail; SAMSum; GovReport; arXiv summarization; MultiNews; BigPatent; PubMedQA; MedQA; MedMCQA; BioASQ; SciERC; SciFact; FEVER; HoVer; QASPER; MuSiQue; 2WikiMultihopQA; PopQA; StrategyQA; AQuA; ASDiv; MAWPS; MATH500; MATH-500; AIME 2024; AIME24|AIME 2024; GPQA; IFEval; Arena-Hard; AlpacaEval 2.0; BFCL; SWE-bench; SWE-Bench Verified; APPS; CodeContests; CodeSearchNet; MultiPL-E; CRUXEval; BigCodeBench; SuperGPQA; ARC-AGI; LongBench; RULER; InfiniteBench; HellaSwag; MGSM; TyDiQA; TyDi QA; XQuAD; MLQA; XCOPA; PAWS-X; Tatoeba; FLORES-200; FLORES-101; WMT20; WMT21; WMT22; CC100; OSCAR; ROOTS; OpenWebMath; Proof-Pile; The Stack; StackExchange; UltraFeedback; UltraChat; OpenOrca; Dolly; OASST1; OpenAssistant; HH-RLHF; Anthropic HH|HH-RLHF; SHP; Self-Instruct; Unnatural Instructions; LongForm; Chip2; FLAN v2; Vicuna benchmark; LIMA; Tulu; HelpSteer; NuminaMath; MetaMathQA; OpenMathInstruct; BeaverTails; AdvBench; HarmBench; RealToxicityPrompts; ToxiGen; CrowS-Pairs; StereoSet; WinoBias; BBQ; Hateval; OLID; TweetEval; GoEmotions; MELD; IEMOCAP; CMU-MOSI; CMU-MOSEI; SemEval; CoNLL-2014; JFLEG; BC5CDR; NCBI-disease; i2b2; ChemProt; HOC; DDI; DocRED; TACRED; ReTACRED; FewRel; WebNLG 2017; AMR 2.0;
LibriVox; Libri-light; GigaSpeech; AISHELL; AISHELL-1; AISHELL-2; VoxPopuli; MLS; FLEURS; CoVoST; CoVoST 2; MuST-C; TED-LIUM 3; Europarl-ST; VoxCeleb1; VoxCeleb2; SUPERB; DNS Challenge; WHAM!; LRS2; LRS3; ESD; FSD50K; GTZAN; NSynth; MagnaTagATune; MTG-Jamendo; MUSDB18; CREMA-D; RAVDESS; Clotho; AudioCaps;
ogbn-arxiv; ogbn-products; ogbn-proteins; ogbn-mag; ogbg-molhiv; ogbg-molpcba; ogbl-collab; ogbl-ppa; Amazon Photo; Amazon Computers; Coauthor CS; MUTAG; PROTEINS; NCI1; ENZYMES; IMDB-BINARY; COLLAB; DD; PCQM4M; MD17; OC20; MoleculeNet; BBBP; BACE; ESOL; FreeSolv; Lipophilicity; HIV; SIDER; ClinTox; Chameleon; Squirrel; Wisconsin; Cornell; ICEWS14; ICEWS05-15; NELL-995; WikiKG90M; ConceptNet; ATOMIC;
Helena; Jannis; ALOI; KDD Cup 99; NSL-KDD; UNSW-NB15; CICIDS2017; CIC-IDS2017|CICIDS2017; CSE-CIC-IDS2018; Bot-IoT; TON-IoT; Credit Card Fraud; German Credit; Bank Marketing; HELOC; Churn; OpenML-CC18; TabZilla; Weather; Traffic; ETTh2; ETTm2; METR-LA; PEMS-BAY; PEMS04; PEMS08; M5; SMD; SMAP; MSL; SWaT; NAB; Gowalla; Steam; LastFM; Yelp2018; Amazon-Book; MIND; KuaiRec; Tmall; MovieLens-25M; Douban; Epinions; Ciao; Jester; EachMovie; MIMIC-IV; eICU; PTB-XL; MIT-BIH; Sleep-EDF; DEAP; SEED; HAM10000; PANDA; LIDC-IDRI; ACDC; KiTS19; LiTS; Synapse; Kvasir-SEG; CVC-ClinicDB; DRIU; REFUGE; ADNI; ABIDE; OASIS; PadChest; VinDr-CXR; RSNA;
VQA|VQA v2; VQA 2.0|VQA v2; VQA2.0|VQA v2; VQA-v2|VQA v2; NLVR^2|NLVR2; NLVR|NLVR2; SNLI-VE; VizWiz; VizWiz-VQA; NoCaps; COCO Captions; RefCOCO+; RefCOCOg; SBU Captions; CC3M; CC12M; LAION-2B; DocVQA; ChartQA; InfoVQA; MathVista; AI2D; POPE; VCR; VSR; Winoground; Kinetics-600; Kinetics-700; Something-Something V2; SSv2|Something-Something V2; BDD100K; Mapillary Vistas; COCO-Stuff; PASCAL VOC07|PASCAL VOC 2007; iSAID; DOTA; SUN RGB-D; DUTS; ECSSD; COD10K; CAMO; HRSOD; TAO; MOT20; YouTube-VIS; LaSOT; TrackingNet; GOT-10k; OTB100; ICDAR 2015; CTW1500; Total-Text; DocLayNet; PubLayNet;
Amazon Beauty; Amazon Sports; Amazon Toys; Amazon Games; Amazon Movies; ML-100K; ML-10M; ML-25M; MovieLens 10M; MovieLens-10M; MovieLens-20M; Yelp2020; RetailRocket; Retailrocket|RetailRocket; Foursquare; KKBox; Kuaishou; iPinYou; MicroLens; Amazon-CDs; AliExpress; Netflix Prize; Million Song Dataset; MSD|Million Song Dataset;
ogbl-citation2; ogbl-ddi; ogbn-papers100M; ogbg-ppa; ogbg-code2; PascalVOC-SP; COCO-SP; Peptides-func; Peptides-struct; REDDIT-BINARY; REDDIT-MULTI-5K; IMDB-MULTI; PTC; NCI109; AQSOL; roman-empire; amazon-ratings; Flickr; Amazon2M; CSL; ZINC-full; OGB-LSC; PCQM4Mv2; CoDEx; Wikidata5M; YAGO3-10; Countries; UMLS; Kinship; FB15K|FB15k; FB15K-237|FB15k-237;
HalfCheetah-v2; HCheetah|HalfCheetah; InvPendulum|InvertedPendulum; InvDoublePendulum|InvertedDoublePendulum; FetchReach; FetchPush; FetchPickAndPlace; HandManipulate; BipedalWalker; MountainCar; Acrobot; bsuite; Sokoban; MetaDrive; GRF; SMACv2; LBF; MPE; DMLab-30; DMLab; PyBullet; Brax; Isaac Gym; Gymnasium;
Atari 100k; Atari-57|Atari; DMControl; DM Control|DMControl; DeepMind Control|DMControl; Crafter; NetHack; Minecraft; MineRL; BabyAI; AndroidEnv; WebShop; ALFWorld; ScienceWorld; WebArena; OSWorld; RLBench; CALVIN; LIBERO; ManiSkill; Robosuite; Adroit; AntMaze; FrankaKitchen; SMAC; Hanabi; Overcooked; CARLA; Gibson; Matterport3D; R2R; REVERIE;
"""

_ORDINARY = {
    "race", "cr", "mr", "places", "math", "drop", "stories", "reacher", "ant", "hopper", "humanoid", "arc", "pile", "sick",
    "squad", "adult", "iris", "exchange", "electricity", "pinterest", "netflix", "alibaba", "taobao", "reuters", "reddit",
    "fisher", "drive", "m4", "clue", "nist", "sts", "sst", "ami", "ale", "swimmer", "pendulum", "titanic", "stanford 40", "spider", "wsc", "rte", "wic", "pong", "breakout", "freeway", "enduro", "seaquest", "coco", "glue", "uci",
    "ucr", "cbt", "quora", "wikipedia", "flan", "dart", "snips", "trec", "subj", "qqp", "e2e", "ppi", "ogb", "yelp", "p3",
    "vicuna", "alpaca", "raven", "freebase", "wordnet", "google news", "europarl", "dbpedia", "imdb", "nell", "jft", "an4",
    "weather", "traffic", "churn", "dolly", "steam", "mind", "seed", "panda", "synapse", "oasis", "refuge", "rsna", "hiv", "proteins",
    "dd", "collab", "wisconsin", "cornell", "chameleon", "squirrel", "apps", "ruler", "lima", "pope", "tulu", "shp", "oscar", "roots",
    "ava", "davis", "pacs", "lits", "acdc", "hoc", "ddi", "esd", "mls", "m5", "smd", "msl", "smap", "nab", "swat", "ciao", "jester",
    "hover", "fever", "aqua", "calvin", "libero", "gibson", "carla", "minecraft", "douban", "crafter", "atomic", "superb", "amr 2.0",
    "adroit", "semeval", "deap", "helena", "sider", "bace", "gopro", "conceptnet", "nethack", "hanabi", "overcooked", "year",
    "flickr", "ptc", "countries", "kinship",
    "umls", "camo", "tao", "dota", "vqa", "vcr", "vsr", "grf", "lbf", "mpe", "csl", "msd", "foursquare", "brax", "gymnasium",
    "physionet", "ili", "ett", "opus", "pubmed", "chid", "nyt",
}  # fmt: skip


def _table() -> dict[str, str]:
    table: dict[str, str] = {}
    for entry in re.split(r";\s*", " ".join(_NAMES.split())):
        written, _, name = entry.strip().partition("|")
        if written:
            table[written] = name or written
        if " English-" in written:
            table[written.replace(" English-", " English-to-")] = name or written
    return table


CANONICAL = _table()
NAMES = frozenset(CANONICAL.values())
CASELESS = {
    re.sub(r"[\s_-]+", "", written.lower()): name
    for written, name in CANONICAL.items()
    if written.lower() not in _ORDINARY
}
_VERSION = re.compile(r"-v\d\b")
"""What an environment's name may end with: Hopper-v3."""
LANGUAGES = {
    "en": "English", "de": "German", "fr": "French", "ro": "Romanian", "cs": "Czech", "zh": "Chinese", "ru": "Russian", "fi": "Finnish",
    "tr": "Turkish", "et": "Estonian", "ja": "Japanese", "vi": "Vietnamese", "es": "Spanish", "it": "Italian", "nl": "Dutch", "ar": "Arabic",
    "hi": "Hindi", "ko": "Korean", "pt": "Portuguese", "pl": "Polish", "lv": "Latvian", "kk": "Kazakh", "gu": "Gujarati", "uk": "Ukrainian",
}  # fmt: skip
_LANGUAGE = "|".join(
    [*LANGUAGES.values(), *(code.title() for code in LANGUAGES), *(code.upper() for code in LANGUAGES)]
)
_TRANSLATION = re.compile(
    rf"(?P<c>WMT|IWSLT)[ -]?['’]?(?:20)?(?P<y>\d\d)[ ,]*(?:\(|the )?(?P<a>{_LANGUAGE})(?: ?[-–→↔/⇔] ?| to |-to-)(?P<b>{_LANGUAGE})(?![A-Za-z])"
)
"""A translation task with its languages by name or code: "WMT14 En-De"."""
_AHEAD = r"(?![\w]|-[A-Za-z]*Net)"


@functools.cache
def _compiled(form: str, flags: int) -> re.Pattern[str]:
    """Most names never occur in a paper: a pattern is compiled when its first word does."""
    return re.compile(form + _AHEAD, flags)


def _by_first_word() -> dict[str, list[tuple[str, int]]]:
    """Patterns of all names by their first run of letters or digits, longest first. Ordinary words keep their case."""
    table: dict[str, list[tuple[str, int]]] = {}
    for written in sorted(CANONICAL, key=len, reverse=True):
        form = re.escape(written).replace(r"\ ", r"[\s-]?").replace(r"\-", r"[\s-]?")
        telling = " " not in written and re.search(r"[A-Z].*[A-Z]|\d", written)
        strict = written.lower() in _ORDINARY or len(re.sub(r"\W", "", written)) < 5 or not telling
        first = re.match(r"[A-Za-z]+|\d+|.", written)
        if first:
            table.setdefault(first.group().lower(), []).append((form, 0 if strict else re.I))
    return table


_TABLE = _by_first_word()
_START = re.compile(r"(?<![\w-])(?:[A-Za-z]+|\d+)")


def _match_at(text: str, at: int, word: str) -> re.Match[str] | None:
    for form, flags in _TABLE.get(word.lower(), ()):
        if match := _compiled(form, flags).match(text, at):
            return match
    return None


def find_names(text: str) -> list[tuple[str, int, int]]:
    """(canonical name, start, end) of every known data set in a text, longest names first at each place."""
    out: list[tuple[str, int, int]] = []
    done = 0
    for start in _START.finditer(text):
        if start.start() < done:
            continue
        if task := _TRANSLATION.match(text, start.start()):
            done = task.end()
            out.append((_task_name(task), task.start(), done))
            continue
        match = _match_at(text, start.start(), start.group())
        if match:
            version = _VERSION.match(text, match.end())
            done = version.end() if version else match.end()
            out.append((name_of(match.group()) + (version.group() if version else ""), match.start(), done))
    return out


def _task_name(task: re.Match[str]) -> str:
    first, second = (LANGUAGES.get(task.group(key).lower(), task.group(key)) for key in ("a", "b"))
    return f"{task.group('c')} 20{task.group('y')} {first}-{second}"


def name_of(written: str) -> str:
    """The reported name of a written form that `find_names` found."""
    if written in CANONICAL:
        return CANONICAL[written]
    squeezed = re.sub(r"[\s-]+", "", written.lower())
    return next(
        (name for known, name in CANONICAL.items() if re.sub(r"[\s-]+", "", known.lower()) == squeezed), written
    )


def is_known(text: str) -> str | None:
    """The canonical name when the whole text is a known data set, else None."""
    plain = text.strip()
    first = _START.match(plain)
    match = _match_at(plain, 0, first.group()) if first else None
    if match and match.end() == len(plain):
        return name_of(match.group())
    return CASELESS.get(re.sub(r"[\s_-]+", "", text.lower()))
