"""Small pretrained weights for tests and benchmarks, made here from texts: no download, saved as save_pretrained does.

`python -m tests.weights encoder|decoder OUT TEXT [--steps N] [--width N] [--layers N] [--seconds S]` writes a folder: a BERT
that was taught to fill in masked words, or a GPT-2 that was taught to go on, over a vocabulary learnt from the same text.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
LENGTH = 64
ROWS = 16
MASKED = 0.15


def make_encoder(folder: Path, lines: list[str], *, steps: int, width: int = 32, layers: int = 2, vocabulary: int = 400,
                 rate: float = 1e-3, seed: int = 1, seconds: float = 1e9) -> Path:  # fmt: skip
    """A BERT for masked words over word pieces."""
    import torch
    from tokenizers import BertWordPieceTokenizer
    from transformers import BertConfig, BertForMaskedLM, BertTokenizerFast

    torch.manual_seed(seed)
    pieces = BertWordPieceTokenizer(lowercase=True)
    pieces.train_from_iterator(lines, vocab_size=vocabulary, min_frequency=2, special_tokens=MARKS, show_progress=False)
    folder.mkdir(parents=True, exist_ok=True)
    pieces.save_model(str(folder))
    tokenizer = BertTokenizerFast(vocab=str(folder / "vocab.txt"), do_lower_case=True, model_max_length=LENGTH * 2)
    network = BertForMaskedLM(
        BertConfig(
            vocab_size=len(tokenizer), hidden_size=width, num_hidden_layers=layers, num_attention_heads=max(1, width // 32),
            intermediate_size=width * 2, max_position_embeddings=LENGTH * 2, pad_token_id=tokenizer.pad_token_id,
        )
    )  # fmt: skip
    rows = tokenizer(lines, truncation=True, max_length=LENGTH, add_special_tokens=True)["input_ids"]

    def loss(step: int) -> Any:
        chosen = torch.randint(0, len(rows), (ROWS,)).tolist()
        batch = tokenizer.pad({"input_ids": [rows[n] for n in chosen]}, return_tensors="pt")
        ids, labels = batch["input_ids"], batch["input_ids"].clone()
        hidden = (torch.rand(ids.shape) < MASKED) & (ids >= len(MARKS))
        labels[~hidden] = -100
        masked = torch.where(hidden, tokenizer.mask_token_id, ids)
        return network(input_ids=masked, attention_mask=batch["attention_mask"], labels=labels).loss

    _train(network, loss, steps, rate, seconds)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_decoder(folder: Path, text: str, *, steps: int, width: int = 32, layers: int = 2, vocabulary: int = 400,
                 rate: float = 1e-3, seed: int = 1, seconds: float = 1e9) -> Path:  # fmt: skip
    """A GPT-2 over byte pairs."""
    import torch
    from tokenizers import ByteLevelBPETokenizer
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

    torch.manual_seed(seed)
    pairs = ByteLevelBPETokenizer()
    pairs.train_from_iterator(
        [text], vocab_size=vocabulary, min_frequency=2, special_tokens=["<|endoftext|>"], show_progress=False
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=pairs._tokenizer, bos_token="<|endoftext|>", eos_token="<|endoftext|>"
    )
    network = GPT2LMHeadModel(
        GPT2Config(
            vocab_size=len(tokenizer), n_embd=width, n_layer=layers, n_head=max(1, width // 32), n_positions=LENGTH * 4,
            bos_token_id=0, eos_token_id=0, resid_pdrop=0.0, embd_pdrop=0.0, attn_pdrop=0.0,
        )
    )  # fmt: skip
    numbers = torch.tensor(tokenizer(text, verbose=False)["input_ids"])

    def loss(step: int) -> Any:
        starts = torch.randint(0, len(numbers) - LENGTH - 1, (ROWS,)).tolist()
        batch = torch.stack([numbers[at : at + LENGTH] for at in starts])
        return network(input_ids=batch, labels=batch).loss

    _train(network, loss, steps, rate, seconds)
    network.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _train(network: Any, loss: Callable[[int], Any], steps: int, rate: float, seconds: float) -> None:
    """`steps` updates, or as many as fit into `seconds`: the rate falls with whichever is nearer to its end."""
    import torch

    optimizer = torch.optim.AdamW(network.parameters(), lr=rate)
    started, total = time.monotonic(), 0.0
    network.train()
    for step in range(steps):
        done = max(step / steps, (time.monotonic() - started) / seconds)
        if done >= 1:
            print(f"the time is up after {step} steps", flush=True)
            break
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 50, max(0.05, 1.2 * (1 - done)))
        value = loss(step)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        total += value.item()
        if (step + 1) % 100 == 0:
            print(f"step {step + 1}: loss {total / 100:.3f}, {time.monotonic() - started:.0f} s", flush=True)
            total = 0.0
    network.eval()


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("kind", choices=("encoder", "decoder"))
    asked.add_argument("out", type=Path)
    asked.add_argument("text", type=Path)
    for name, usual in (("steps", 1500), ("width", 128), ("layers", 4), ("vocabulary", 4000)):
        asked.add_argument(f"--{name}", type=int, default=usual)
    asked.add_argument("--seconds", type=float, default=1e9)
    given = asked.parse_args()
    text = given.text.read_text(encoding="utf-8")
    sizes: dict[str, Any] = {
        "steps": given.steps,
        "width": given.width,
        "layers": given.layers,
        "vocabulary": given.vocabulary,
    }
    sizes |= {"seconds": given.seconds}
    if given.kind == "encoder":
        make_encoder(given.out, [line for line in text.split("\n") if line.strip()], **sizes)
    else:
        make_decoder(given.out, text, **sizes)


if __name__ == "__main__":
    main()
