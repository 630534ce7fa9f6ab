# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "torch>=2.8,<3",
#   "transformers>=5.23,<6",
#   "tokenizers>=0.21,<1",
#   "sacrebleu>=2.5,<3",
# ]
# ///
"""Train an encoder-decoder Transformer on sentence pairs and translate the test split.

The model is that of "Attention Is All You Need" as far as the budget allows: post-norm layers, ReLU, sinusoidal
positions, one embedding for source, target and output, label smoothing, Adam with warm-up and inverse square root
decay, averaged checkpoints, beam search. Run it in a folder with spec.json, data/ and runtime.py, which says what it
writes there.
`python program.py --predict model "a sentence"` translates with a finished model.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from runtime import (  # before torch: its clock is that of the time limit
    PROBE_ROWS,
    SAVING_SECONDS,
    Job,
    Stateful,
    Timer,
    device,
    half_precision,
    parameter_count,
    precision,
    read_rows,
    require,
    run_program,
    say,
    settings_from,
)

# isort: split
import torch
from sacrebleu import corpus_bleu
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from torch.nn import functional
from transformers import (
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    GenerationConfig,
    MarianConfig,
    MarianMTModel,
    PreTrainedTokenizerFast,
)
from transformers.utils.logging import disable_progress_bar

disable_progress_bar()  # a log is no terminal

PAD, END, UNKNOWN = 0, 1, 2
SPECIAL = ["<pad>", "</s>", "<unk>"]
BYTES = 256
"""The vocabulary starts with all bytes, so that no text is out of vocabulary."""
ROWS_AT_ONCE = 64
"""Sentences that are translated together."""

Pair = tuple[list[int], list[int]]


@dataclass
class Hyperparameters:
    """What can be set; translation.yaml says why these are the defaults."""

    layers: int = 6
    hidden_size: int = 512
    ffn_size: int = 2048
    heads: int = 8
    dropout: float = 0.1
    label_smoothing: float = 0.1
    initialization: str = "xavier"
    vocab_size: int = 8000
    max_seq_len: int = 128
    optimizer: str = "adam"
    adam_beta1: float = 0.9
    adam_beta2: float = 0.98
    adam_eps: float = 1e-9
    warmup_steps: int = 4000
    lr_factor: float = 1.0
    steps: int = 100000
    batch_size: int = 4096
    average_checkpoints: int = 5
    beam_size: int = 4
    length_penalty: float = 0.6
    checkpoint_every: int = 1000
    evaluate_every: int = 1000
    evaluate_rows: int = 64
    precision: str = "auto"

    def check(self) -> None:
        """Raises InputError for values that cannot work."""
        for name in ("layers", "hidden_size", "ffn_size", "heads", "warmup_steps", "steps", "batch_size"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        for name in ("average_checkpoints", "beam_size", "checkpoint_every", "evaluate_every"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1")
        require(self.hidden_size % self.heads == 0, "hidden_size must be a multiple of heads")
        require(self.hidden_size % 2 == 0, "hidden_size must be even (sine and cosine positions)")
        require(0 <= self.dropout < 1 and 0 <= self.label_smoothing < 1, "dropout and label_smoothing lie in [0, 1)")
        require(0 < self.adam_beta1 < 1 and 0 < self.adam_beta2 < 1, "adam_beta1 and adam_beta2 lie in (0, 1)")
        require(self.adam_eps > 0 and self.lr_factor > 0, "adam_eps and lr_factor must be above 0")
        require(self.max_seq_len >= 4, "max_seq_len must be at least 4")
        require(self.vocab_size >= BYTES + len(SPECIAL), f"vocab_size must be at least {BYTES + len(SPECIAL)}")
        require(self.optimizer.lower() in ("adam", "adamw"), f"optimizer {self.optimizer!r} is not offered; adam is")
        require(self.precision in ("auto", "float32", "bfloat16"), "precision is auto, float32 or bfloat16")
        require(self.initialization in ("xavier", "normal"), "initialization is xavier or normal")


# --- vocabulary and data -----------------------------------------------------------------------------------------


def train_tokenizer(rows: Sequence[dict[str, str]], settings: Hyperparameters) -> PreTrainedTokenizerFast:
    """One byte-level BPE vocabulary for both languages, from the training split only."""
    tokenizer = Tokenizer(models.BPE(unk_token=SPECIAL[UNKNOWN]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[(SPECIAL[END], END)])
    trainer = trainers.BpeTrainer(
        vocab_size=settings.vocab_size,
        special_tokens=SPECIAL,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    texts = [row[side] for row in rows for side in ("source", "target")]
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=SPECIAL[PAD],
        eos_token=SPECIAL[END],
        unk_token=SPECIAL[UNKNOWN],
        model_max_length=settings.max_seq_len,
        clean_up_tokenization_spaces=False,
    )


def encode(tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], longest: int) -> list[list[int]]:
    """Token ids, each list ending with </s> and at most `longest` long."""
    encoded = tokenizer(list(texts), padding=False, truncation=False)["input_ids"] if texts else []
    return [ids if len(ids) <= longest else [*ids[: longest - 1], END] for ids in encoded]


def encode_pairs(tokenizer: PreTrainedTokenizerFast, rows: Sequence[dict[str, str]], longest: int) -> list[Pair]:
    sources = encode(tokenizer, [row["source"] for row in rows], longest)
    targets = encode(tokenizer, [row["target"] for row in rows], longest)
    return list(zip(sources, targets, strict=True))


def batches_of(pairs: Sequence[Pair], batch_size: int, order: random.Random | None) -> list[list[int]]:
    """Row numbers in batches of similar length, with at most `batch_size` source and as many target tokens, padding
    counted. `order` shuffles rows of equal length and then the batches; None keeps them sorted."""
    rows = list(range(len(pairs)))
    if order:
        order.shuffle(rows)
    rows.sort(key=lambda row: (len(pairs[row][1]), len(pairs[row][0])))
    batches: list[list[int]] = [[]]
    width = 0
    for row in rows:
        width = max(width, len(pairs[row][0]), len(pairs[row][1]))
        if batches[-1] and width * (len(batches[-1]) + 1) > batch_size:
            batches.append([])
            width = max(len(pairs[row][0]), len(pairs[row][1]))
        batches[-1].append(row)
    if order:
        order.shuffle(batches)
    return batches


def padded(sequences: Sequence[list[int]]) -> torch.Tensor:
    """int64[rows, longest], padded with PAD at the right."""
    longest = max(map(len, sequences))
    return torch.tensor([ids + [PAD] * (longest - len(ids)) for ids in sequences], device=device())


# --- model -------------------------------------------------------------------------------------------------------


def make_model(settings: Hyperparameters, vocabulary: int, longest_output: int) -> MarianMTModel:
    """An untrained model; `longest_output` bounds what it may generate."""
    config = MarianConfig(
        vocab_size=vocabulary,
        d_model=settings.hidden_size,
        encoder_layers=settings.layers,
        decoder_layers=settings.layers,
        encoder_attention_heads=settings.heads,
        decoder_attention_heads=settings.heads,
        encoder_ffn_dim=settings.ffn_size,
        decoder_ffn_dim=settings.ffn_size,
        dropout=settings.dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        activation_function="relu",
        scale_embedding=True,
        share_encoder_decoder_embeddings=True,
        tie_word_embeddings=True,
        max_position_embeddings=settings.max_seq_len + 1,
        pad_token_id=PAD,
        eos_token_id=END,
        decoder_start_token_id=PAD,
        forced_eos_token_id=None,
    )
    model = MarianMTModel(config)
    if settings.initialization == "xavier":
        initialize(model, settings.hidden_size)
    model.generation_config = GenerationConfig(
        num_beams=settings.beam_size,
        length_penalty=settings.length_penalty if settings.beam_size > 1 else 1.0,
        max_new_tokens=longest_output,
        suppress_tokens=[PAD, UNKNOWN],
        do_sample=False,
        pad_token_id=PAD,
        eos_token_id=END,
        decoder_start_token_id=PAD,
    )
    return model.to(device())


def initialize(model: MarianMTModel, hidden_size: int) -> None:
    """Xavier for matrices, unit variance (after the scaling by sqrt(hidden_size)) for embeddings. The library's own
    standard deviation of 0.02 lets the positions drown the words in a narrow model: it then does not learn."""
    for module in model.modules():
        if isinstance(module, torch.nn.Linear) and module is not model.lm_head:
            torch.nn.init.xavier_uniform_(module.weight)
            if module.bias is not None:
                torch.nn.init.zeros_(module.bias)
    embeddings: torch.nn.Parameter = model.model.shared.weight
    torch.nn.init.normal_(embeddings, std=hidden_size**-0.5)
    with torch.no_grad():
        embeddings[PAD].zero_()


def losses(model: MarianMTModel, sources: torch.Tensor, targets: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Mean cross entropy a target token, in nats."""
    inputs = torch.cat([torch.full_like(targets[:, :1], PAD), targets[:, :-1]], dim=1)
    output = model(
        input_ids=sources,
        attention_mask=(sources != PAD).long(),
        decoder_input_ids=inputs,
        use_cache=False,
    )
    return functional.cross_entropy(
        output.logits.flatten(0, 1).float(), targets.flatten(), ignore_index=PAD, label_smoothing=smoothing
    )


def learning_rate(step: int, settings: Hyperparameters) -> float:
    """Section 5.3: linear warm-up, then the inverse square root of the step (counted from 1)."""
    return settings.lr_factor * settings.hidden_size**-0.5 * min(step**-0.5, step * settings.warmup_steps**-1.5)


class RecentWeights:
    """The weights at the last `count` checkpoints; the finished model is their mean (section 6.1)."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.snapshots: list[dict[str, torch.Tensor]] = []

    def add(self, model: MarianMTModel) -> None:
        if self.count > 1:
            weights = {name: tensor.detach().cpu().clone() for name, tensor in model.state_dict().items()}
            self.snapshots = [*self.snapshots, weights][-self.count :]

    def average_into(self, model: MarianMTModel) -> None:
        if not self.snapshots:
            return
        names = self.snapshots[0]
        model.load_state_dict({name: torch.stack([w[name] for w in self.snapshots]).mean(0) for name in names})

    def state_dict(self) -> dict[str, Any]:
        return {"snapshots": self.snapshots}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.snapshots = state["snapshots"]


# --- translating -------------------------------------------------------------------------------------------------


@torch.inference_mode()
def translate(
    model: MarianMTModel, tokenizer: PreTrainedTokenizerFast, texts: Sequence[str], **options: Any
) -> list[str]:
    """Beam search with the model's generation_config; `options` override it. Keeps the order of `texts`."""
    model.eval()
    sources = encode(tokenizer, texts, tokenizer.model_max_length)
    by_length = sorted(range(len(sources)), key=lambda row: len(sources[row]))
    results = [""] * len(sources)
    for start in range(0, len(by_length), ROWS_AT_ONCE):
        rows = by_length[start : start + ROWS_AT_ONCE]
        ids = padded([sources[row] for row in rows])
        outputs: Any = cast(Any, model).generate(input_ids=ids, attention_mask=(ids != PAD).long(), **options)
        for row, text in zip(rows, tokenizer.batch_decode(outputs, skip_special_tokens=True), strict=True):
            results[row] = text.strip()
    return results


def predict(folder: Path, texts: list[str]) -> list[str]:
    """Translate with a finished `model/`."""
    tokenizer: Any = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).to(device())
    return translate(model, tokenizer, texts)


# --- training ----------------------------------------------------------------------------------------------------


class Training:
    """One training job: the data, the model and everything that changes with a step."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.settings = settings = settings_from(Hyperparameters, job.spec.hyperparameters)
        settings.check()
        rows = read_rows(job.data / "train.jsonl", ("id", "source", "target"))
        self.validation_rows = read_rows(job.data / "validation.jsonl", ("id", "source", "target"), may_be_empty=True)
        self.test_rows = read_rows(job.data / "test.jsonl", ("id", "source"))
        self.tokenizer = train_tokenizer(rows, settings)
        self.pairs = encode_pairs(self.tokenizer, rows, settings.max_seq_len)
        self.validation = encode_pairs(self.tokenizer, self.validation_rows, settings.max_seq_len)
        longest = max(len(target) for _, target in self.pairs)
        self.longest_output = min(longest + 10, settings.max_seq_len)
        self.model = make_model(settings, len(self.tokenizer), self.longest_output)
        kind = torch.optim.AdamW if settings.optimizer.lower() == "adamw" else torch.optim.Adam
        self.optimizer = kind(
            self.model.parameters(),
            lr=learning_rate(1, settings),
            betas=(settings.adam_beta1, settings.adam_beta2),
            eps=settings.adam_eps,
            fused=True,
        )
        self.recent = RecentWeights(settings.average_checkpoints)
        self.parts: dict[str, Stateful] = {"model": self.model, "optimizer": self.optimizer, "recent": self.recent}
        job.restore(self.parts)
        self.half = half_precision(settings.precision)
        products = "bfloat16" if self.half else "float32"
        say(
            f"{len(rows)} pairs, vocabulary {len(self.tokenizer)}, {parameter_count(self.model)} parameters, "
            f"products of matrices in {products}"
        )

    @property
    def last_step(self) -> int:
        return self.job.spec.probe_steps or self.settings.steps

    def epoch_batches(self) -> list[list[int]]:
        order = random.Random(f"{self.job.spec.seed}/{self.job.progress.epoch}")
        return batches_of(self.pairs, self.settings.batch_size, order)

    def step(self, rows: list[int]) -> float:
        """One update; returns the loss."""
        rate = learning_rate(self.job.progress.step + 1, self.settings)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        sources, targets = (padded([self.pairs[row][side] for row in rows]) for side in (0, 1))
        with precision(self.half):
            loss = losses(self.model, sources, targets, self.settings.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def run(self) -> None:
        """Train until the last step or until the time is up, going through the data as often as needed."""
        progress, settings = self.job.progress, self.settings
        self.job.training_starts()
        batches = self.epoch_batches()
        while not progress.finished:
            if progress.batch >= len(batches):
                progress.epoch, progress.batch = progress.epoch + 1, 0
                batches = self.epoch_batches()
            loss = self.step(batches[progress.batch])
            progress.batch += 1
            self.job.step_done(loss)
            if self.job.first_step_here and not self.job.probing:
                self.measure_reserve()
            if progress.step % 20 == 0 or progress.step in (1, self.last_step):
                self.job.log_loss(learning_rate=learning_rate(progress.step, settings))
            early = not self.job.probing and progress.step < self.last_step and self.job.out_of_time()
            progress.finished = early or progress.step >= self.last_step
            if early:
                say(f"the time is up after {progress.step} of {self.last_step} steps")
                self.job.log.log(progress.step, stopped_early=progress.step)
            if not self.job.probing:
                self.look_up()

    def look_up(self) -> None:
        """Between two steps: evaluate and checkpoint when it is time."""
        progress = self.job.progress
        if progress.step % self.settings.evaluate_every == 0 and not progress.finished:
            self.evaluate()
        if progress.step % self.settings.checkpoint_every == 0 or progress.finished:
            self.recent.add(self.model)
            self.job.save(self.parts)

    @torch.inference_mode()
    def evaluate(self) -> None:
        """Log the loss on the validation split (no smoothing) and the exact matches of a few of its rows."""
        if not self.validation:
            return
        self.model.eval()
        total = tokens = 0.0
        for rows in batches_of(self.validation, max(self.settings.batch_size, 1024), None):
            targets = padded([self.validation[row][1] for row in rows])
            count = int((targets != PAD).sum())
            sources = padded([self.validation[row][0] for row in rows])
            total += losses(self.model, sources, targets, 0.0).item() * count
            tokens += count
        self.job.log.log(self.job.progress.step, validation_loss=total / tokens)
        if sample := self.validation_rows[: self.settings.evaluate_rows]:
            wanted = [row["target"].strip() for row in sample]
            outputs = translate(self.model, self.tokenizer, [row["source"] for row in sample], num_beams=1)
            right = sum(out == text for out, text in zip(outputs, wanted, strict=True))
            bleu = corpus_bleu(outputs, [wanted]).score
            self.job.log.log(self.job.progress.step, validation_exact_match=right / len(sample), validation_bleu=bleu)

    def time_prediction(self, rows: int, tokens: int) -> float:
        """Seconds to translate the `rows` longest test sentences when each takes `tokens` steps of the beam search."""
        texts = sorted((row["source"] for row in self.test_rows), key=len)[-rows:]
        with Timer() as timer:
            translate(self.model, self.tokenizer, texts, min_new_tokens=tokens, max_new_tokens=tokens)
        return timer.seconds

    def measure_reserve(self) -> None:
        """Keep back the time of prediction, as if no translation ended before the longest allowed."""
        tokens = min(8, self.longest_output)
        at_once = min(ROWS_AT_ONCE, len(self.test_rows))
        batches = -(-len(self.test_rows) // ROWS_AT_ONCE)
        seconds = self.time_prediction(at_once, tokens) * batches * self.longest_output / tokens
        self.job.reserve = SAVING_SECONDS + 1.2 * seconds


def train(job: Job) -> None:
    """The whole job. Writes model/, then predictions.jsonl."""
    training = Training(job)
    training.run()
    if job.probing:
        usual = sum(len(target) for _, target in training.pairs) // len(training.pairs)
        count = min(ROWS_AT_ONCE, len(training.test_rows))
        seconds = training.time_prediction(count, max(1, usual)) / count
        job.log_probe(parameter_count(training.model), seconds)
        rows = training.test_rows[:PROBE_ROWS]
        texts = [row["source"] for row in rows]
        job.write_predictions(rows, translate(training.model, training.tokenizer, texts))
        return
    training.recent.average_into(training.model)
    training.evaluate()

    def write(folder: Path) -> None:
        training.model.save_pretrained(folder)
        training.tokenizer.save_pretrained(folder)

    job.write_model(write)
    predictions = translate(training.model, training.tokenizer, [row["source"] for row in training.test_rows])
    job.write_predictions(training.test_rows, predictions)
    say(f"{len(predictions)} predictions after {job.progress.step} steps and {job.seconds_used():.0f} s")


if __name__ == "__main__":
    run_program(train, predict, "Train an encoder-decoder Transformer, or translate with one.")
