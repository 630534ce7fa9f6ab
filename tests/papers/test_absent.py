"""What a replication needs and a text does not say: by optimizer and kind of model, and never where a number hints at it."""

from tests.papers.test_tables_of_settings import read, setup_of

TRAINED = (
    "The Transformer is a Transformer with self-attention. Each Transformer layer is a Transformer block of its own. "
)
KNOWN = "We train the model with Adam and a learning rate of 3e-4, and each run is trained for 40 epochs. "


def missing(text: str) -> set[str]:
    return set(setup_of(text=text).not_stated)


def test_adam_and_a_transformer_ask_for_what_they_need():
    found = missing(TRAINED + KNOWN)
    assert {"batch_size", "adam_beta1", "adam_beta2", "adam_eps", "heads", "warmup_steps", "grad_clip"} <= found
    assert not found & {"optimizer", "learning_rate", "epochs", "steps", "momentum", "lora_rank", "clip"}


def test_sgd_asks_for_its_momentum_alone():
    found = missing(
        "We train the network with SGD for 40 epochs. All networks are trained with a learning rate of 0.05."
    )
    assert "momentum" in found and not found & {"adam_beta1", "adam_eps", "heads"}


def test_a_number_beside_the_words_forbids_the_claim():
    said = "The gradients' norms are clipped in a way that keeps 5 of them. The warm-up takes the first 7 parts of training."
    assert {"grad_clip", "warmup_steps"} <= missing(TRAINED + KNOWN)
    assert not missing(TRAINED + KNOWN + said) & {"grad_clip", "warmup_steps"}


def test_rows_of_a_settings_table_keep_their_own_names_and_factors():
    found = read(
        ("Setting", "First", "Second"),
        ("Learning rate", "{2, 5} × 10^-4", "{1, 3} × 10^-4"),
        ("Optimizer momentum", "β1=0.9, β2=0.97", "β1=0.9, β2=0.97"),
        ("Batch size", "64", "128"),
        ("Target quantile q", "0.4", "0.6"),
        ("Training time", "12", "14"),
    )
    assert {("learning_rate", "0.0002, 0.0005", "First"), ("target_quantile", 0.6, "Second")} <= found
    assert {("adam_beta1", 0.9, "main"), ("adam_beta2", 0.97, "main")} <= found
    assert not any("time" in name for name, _, _ in found)
