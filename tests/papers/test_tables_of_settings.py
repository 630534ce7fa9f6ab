"""Settings from tables of many shapes, and what was tried beside what the paper ran with. The tables are ours."""

from intern.papers.model import Box, Document, Grid, Paragraph, Section
from intern.papers.setup import extract

TEXT = "We describe what is done in the same way for all of the networks of this study."


def read(*rows, caption="Table 1: Hyperparameters.", groups=(), text=TEXT, section="Training Details"):
    """(name, value, scope) of every setting of a table with its headings in the first row."""
    found = setup_of(*rows, caption=caption, groups=groups, text=text, section=section)
    return {(fact.name, fact.value, fact.scope) for fact in found.hyperparameters}


def setup_of(*rows, caption="Table 1: Hyperparameters.", groups=(), text=TEXT, section="Training Details"):
    lines = [" ".join(cell for cell in row if cell) for row in rows]
    columns = [[head] if head else [] for head in rows[0]] if rows else []
    grid = Grid(1, caption, "Table 1", [list(row) for row in rows], lines, columns=columns)
    grid.groups = list(groups) or [""] * len(rows)
    return extract(
        Document(
            title="T",
            pages=1,
            sections=[Section(title=section)],
            paragraphs=[Paragraph(text=text, box=Box(1), section=section, place=0)],
            tables=[grid] if rows else [],
            page_texts=["\n".join([text, *lines])],
        )
    )


def test_name_and_value_printed_twice_next_to_each_other():
    found = read(
        ("Hyperparameter", "Value", "Hyperparameter", "Value"),
        ("Learning rate", "0.002", "Batch size", "16"),
        ("Dropout", "0.15", "Heads", "4"),
    )
    assert found == {
        ("learning_rate", 0.002, "main"),
        ("batch_size", 16, "main"),
        ("dropout", 0.15, "main"),
        ("heads", 4, "main"),
    }


def test_what_was_searched_is_not_what_was_selected():
    found = read(
        ("Hyperparameter", "Search space", "Selected"),
        ("Learning rate", "{1e-4, 3e-4}", "3e-4"),
        ("Batch size", "{32, 64}", "64"),
        ("Dropout", "{0, 0.5}", "0.25"),
    )
    assert found == {("learning_rate", 3e-4, "main"), ("batch_size", 64, "main"), ("dropout", 0.25, "main")}


def test_a_dash_says_that_the_value_is_the_other_columns():
    found = read(
        ("Config", "Pre-training", "Fine-tuning"),
        ("Learning rate", "1.5e-4", "1e-3"),
        ("Batch size", "4096", "1024"),
        ("Label smoothing", "-", "0.1"),
    )
    assert ("label_smoothing", 0.1, "Fine-tuning") in found
    assert ("learning_rate", 1.5e-4, "Pre-training") in found


def test_one_row_for_each_data_set():
    found = read(("Dataset", "LR", "Batch size"), ("MNIST", "1e-3", "128"), ("SVHN", "5e-2", "64"))
    assert found == {
        ("learning_rate", 1e-3, "MNIST"),
        ("batch_size", 128, "MNIST"),
        ("learning_rate", 5e-2, "SVHN"),
        ("batch_size", 64, "SVHN"),
    }


def test_a_cell_that_holds_an_optimizer_with_its_settings():
    found = read(
        ("Parameter", "Value"),
        ("Optimizer", "Adam (α = 1e-4, β1 = 0.5)"),
        ("Batch size", "100"),
        ("Epochs", "30"),
    )
    assert {("optimizer", "Adam", "main"), ("learning_rate", 1e-4, "main"), ("adam_beta1", 0.5, "main")} <= found


def test_values_that_were_only_tried_are_kept_apart():
    text = "All networks use a dropout of 0.5. We tried dropout rates of 0.2 and 0.7 on the smallest network."
    found = setup_of(text=text)
    assert [fact.value for fact in found.hyperparameters if fact.name == "dropout"] == [0.5]
    assert [fact.value for fact in found.variations] == ["0.2, 0.7"]


def test_a_sweep_is_the_setting_where_the_paper_gives_no_other_value():
    found = setup_of(text="We tried learning rates of 0.1 and 0.01 in all of the runs of this study.")
    assert [fact.value for fact in found.hyperparameters if fact.name == "learning_rate"] == ["0.1, 0.01"]


def test_a_value_for_each_environment_below_the_label():
    found = read(
        ("Hyperparameter", "Value"),
        ("Batch size", "512 Pong"),
        ("", "128 Breakout, Qbert, Seaquest"),
        ("Nonlinearity", "ReLU, encoder"),
        ("", "GeLU, otherwise"),
        ("Decoder layers", "3"),
        ("Dropout", "0.1"),
    )
    assert found == {
        ("batch_size", 512, "Pong"),
        ("batch_size", 128, "Breakout, Qbert, Seaquest"),
        ("activation", "ReLU", "encoder"),
        ("activation", "GeLU", "otherwise"),
        ("layers", 3, "decoder"),
        ("dropout", 0.1, "main"),
    }


def test_machines_in_a_cell_are_no_scope():
    assert ("batch_size", 8, "GPUs") not in read(
        ("Hyperparameter", "Value"), ("Batch size", "8 GPUs"), ("Dropout", "0.1"), ("Epochs", "3")
    )


def test_the_caption_explains_abbreviated_headings():
    found = read(
        ("Task", "LR", "ACME DR", "Classifier DR", "TS"),
        ("Paraphrases", "1e-5", "0", "0.1", "800"),
        ("Questions", "3e-5", "0.1", "0.2", "5,336"),
        caption="Table 1: Settings. LR: Learning Rate. DR: Dropout Rate. TS: Training Steps.",
    )
    assert found == {
        ("learning_rate", 1e-5, "Paraphrases"),
        ("learning_rate", 3e-5, "Questions"),
        ("dropout", 0, "Paraphrases"),
        ("dropout", 0.1, "Questions"),
        ("dropout", 0.1, "Paraphrases classifier"),
        ("dropout", 0.2, "Questions classifier"),
        ("steps", 800, "Paraphrases"),
        ("steps", 5336, "Questions"),
    }


def test_a_bare_epsilon_beside_the_betas_is_adams():
    rows = (("Hyperparameter", "Value"), ("β1", "0.9"), ("β2", "0.98"), ("ε", "1e-6"))
    assert ("adam_eps", 1e-6, "main") in read(*rows)
    assert not any(
        name == "adam_eps" for name, *_ in read(("Hyperparameter", "Value"), ("ε", "0.1"), ("Dropout", "0.1"))
    )


def test_one_setting_for_each_model_counts_where_the_caption_is_about_it():
    rows = (("Model", "Max Learning Rate"), ("Tiny", "1.5e-3"), ("Large", "2e-4"))
    told = read(*rows, caption="Table 1: Learning rates of our models.")
    assert told == {("learning_rate", 1.5e-3, "Tiny"), ("learning_rate", 2e-4, "Large")}
    assert not read(*rows, caption="Table 1: Our models.")


def test_query_heads_are_heads_and_those_of_keys_are_not():
    found = read(
        ["", "Small", "Large"], ["# Layers", "12", "24"], ["# Query Heads", "14", "28"], ["# KV Heads", "2", "4"]
    )
    assert ("heads", 14, "Small") in found and ("heads", 28, "Large") in found
    assert not {("heads", 2, "Small"), ("heads", 4, "Large")} & set(found)


def test_columns_with_one_value_are_told_apart_where_their_labels_together_spell_another():
    found = read(
        ("", "Plain A small", "Plain A large", "Plain B small", "Plain B large"),
        ("Batch size", "64", "32", "32", "64"),
        ("Learning rate", "1e-4", "1e-4", "1e-4", "3e-4"),
    )
    assert {fact for fact in found if fact[0] == "batch_size"} == {
        ("batch_size", 64, "Plain A small"),
        ("batch_size", 64, "Plain B large"),
        ("batch_size", 32, "Plain A large"),
        ("batch_size", 32, "Plain B small"),
    }


def test_a_cell_gives_each_value_with_what_it_is_for():
    found = read(
        ("Hyperparameter", "Value"),
        ("Learning rate", "3e-4 for Small, 1e-4 for Base"),
        ("Epochs", "10 for the two smaller sets, 3 for others"),
        ("Dropout", "0.1"),
    )
    assert found >= {
        ("learning_rate", 3e-4, "Small"),
        ("learning_rate", 1e-4, "Base"),
        ("epochs", 10, "two smaller sets"),
        ("epochs", 3, "others"),
    }


def test_a_label_may_begin_with_the_part_that_its_setting_is_of():
    found = read(
        ("Name", "Value"),
        ("Map reader number of layers", "3"),
        ("MLP units", "200"),
        ("Reward head learning rate", "2e-4"),
        ("Imagination horizon", "12"),
        ("λ-target parameter", "0.9"),
        ("Char. embedding dimensions", "20"),
        ("Word embedding dimensions", "90"),
    )
    assert found >= {
        ("layers", 3, "map reader"),
        ("learning_rate", 2e-4, "reward head"),
        ("horizon", 12, "main"),
        ("gae_lambda", 0.9, "main"),
        ("embedding_dim", 20, "char"),
        ("embedding_dim", 90, "word"),
    }


def test_what_a_label_excludes_is_no_setting_of_the_runs():
    found = read(
        ("Name", "Value"),
        ("Batch size", "32"),
        ("Dropout", "0.2"),
        ("Epochs", "7"),
        ("Evaluation batch size", "500"),
        ("Final learning rate", "1e-6"),
    )
    assert {name for name, value, _ in found if value in (500, 1e-6)} <= {
        "evaluation_batch_size",
        "final_learning_rate",
    }


def test_rows_of_a_group_keep_its_name_where_settings_are_the_headings():
    found = read(
        ("Model", "Layers", "Hidden", "Embedding"),
        ("base", "4", "96", "96"),
        ("large", "8", "160", "160"),
        ("base", "4", "96", "24"),
        groups=("", "Nova", "Nova", "Nova-Tied"),
        caption="Table 1: The sizes of the models.",
    )
    assert {
        ("embedding_dim", 96, "Nova base"),
        ("layers", 8, "Nova large"),
        ("embedding_dim", 24, "Nova-Tied base"),
    } <= found


def test_a_name_in_a_caption_ends_with_its_sentence():
    found = read(
        ("Name", "Value"),
        ("Gradient clipping", "40"),
        ("Weight decay", "1e-5"),
        ("Batch size", "50"),
        caption="Table 1: Settings of Novaster. When you tune it, begin with the first.",
    )
    assert {scope for _, _, scope in found} == {"Novaster"}


def test_a_list_of_names_and_values_whose_caption_says_what_it_is():
    found = read(
        ["Name", "Value"], ["η (Equation 8)", "10"], ["learning rate", "1e-6"], ["total step", "250"], ["gadgets", "16"],
        caption="Table 4: The hyperparameters used in PPO training.",
    )  # fmt: skip
    assert {(name, value) for name, value, _ in found} == {("learning_rate", 1e-6), ("steps", 250)}


def test_a_group_in_small_letters_in_the_caption_is_the_scope():
    rows = (("Name", "Value"), ("Epochs", "300"), ("Batch size", "128"), ("Dropout", "0.2"))
    assert {scope for _, _, scope in read(*rows, caption="Table 1: Hyperparameters for recurrent models.")} == {
        "recurrent"
    }
    assert {scope for _, _, scope in read(*rows, caption="Table 1: Hyperparameters for all models.")} == {"main"}


def test_sizes_with_a_letter_for_dimensions():
    found = read(("Layer", "Value"), ("Character embedding", "96-D"), ("Batch size", "8"), ("Dropout", "0.1"))
    assert ("embedding_dim", 96, "character") in found


def test_two_settings_under_titles_of_groups():
    found = read(
        ("", "CIFAR-100", "ImageNet"),
        ("Teacher", "", ""),
        ("Batch size", "48", "96"),
        ("Learning rate", "1e-4", "2e-4"),
        ("Student", "", ""),
        ("Batch size", "24", "192"),
        ("Learning rate", "5e-4", "1e-3"),
        groups=("", "", "Teacher", "Teacher", "", "Student", "Student"),
    )
    assert {("batch_size", 48, "Teacher CIFAR-100"), ("batch_size", 192, "Student ImageNet")} <= found


def test_the_part_may_stand_behind_the_setting():
    found = read(
        ("Name", "Value"), ("Hidden units of the reader", "72"), ("Discount", "0.9"), ("Entropy coe cient", "0.2")
    )
    assert {("hidden_size", 72, "reader"), ("entropy_coef", 0.2, "main")} <= found


def test_a_number_may_end_in_a_point_before_its_power():
    assert ("learning_rate", 5e-5, "main") in read(
        ("Name", "Value"), ("Learning rate", "5.e-5"), ("Batch size", "8"), ("Epochs", "3")
    )


def test_a_grid_in_the_text_gives_way_to_the_table_of_what_was_taken():
    found = read(
        ("", "Nova-S", "Nova-L"),
        ("Batch size", "64", "256"),
        ("Learning rate", "3e-5", "1e-5"),
        text="We carry out a grid search of batch sizes {64, 128, 256} and take the settings of the table.",
    )
    assert {value for name, value, _ in found if name == "batch_size"} == {64, 256}


def test_a_blank_cell_leaves_its_column_out():
    found = read(
        ("", "Lantern", "Harbour", "Meadow"),
        ("Heads", "4", "", "4"),
        ("Batch size", "128", "2048", "256"),
        ("Dropout", "0.3", "0.1", "0.1"),
        ("Optimizer", "Adam (Someone & Other, 2015)", "", ""),
    )
    assert ("heads", 4, "Lantern, Meadow") in found and ("optimizer", "Adam", "main") in found


def test_a_caption_that_names_what_the_columns_tell_apart_is_no_scope_of_its_own():
    found = read(
        ("Config", "Nova-S Lantern", "Nova-S Harbour"),
        ("Batch size", "4096", "4096"),
        ("Epochs", "300", "90"),
        ("Weight decay", "0.05", "0.05"),
        caption="Table 1: Training settings on Lantern and Harbour.",
    )
    assert ("batch_size", 4096, "main") in found and ("epochs", 90, "Nova-S Harbour") in found


def test_a_task_or_benchmark_in_small_letters_in_the_caption_is_the_scope():
    rows = (("Setting", "Configs"), ("optimizer", "Adam"), ("learning rate", "0.003"), ("n. layers", "1, 5, 10"))
    found = read(*rows, caption="Table 1: The grid employed for the node property prediction task.")
    assert ("learning_rate", 0.003, "node property prediction") in found
    assert ("layers", "1, 5, 10", "node property prediction") in found
    found = read(*rows, caption="Table 1: The grid employed in the molecule benchmark.")
    assert ("learning_rate", 0.003, "molecule benchmark") in found


def test_labels_as_programs_spell_them():
    found = read(("# num_layers", "3"), ("# hidden_dim", "64"), ("lr", "0.01"), ("dropout", "0.5"))
    assert {("layers", 3, "main"), ("hidden_size", 64, "main"), ("learning_rate", 0.01, "main")} <= found


def test_letters_mean_what_papers_of_that_kind_have_by_them():
    rows = (("Parameter", "Value"), ("learning rate", "0.003"), ("batch size", "32"), ("γ", "0.9"), ("α", "16"))
    assert {name for name, _, _ in read(*rows)} == {"learning_rate", "batch_size"}
    acting = read(*rows, text="We train agents by reinforcement learning in the same way for all of the tasks.")
    assert ("discount", 0.9, "main") in acting
    adapted = read(*rows, text="We adapt the model with LoRA in the same way for all of the tasks of this study.")
    assert ("lora_alpha", 16, "main") in adapted


def test_nodes_of_graphs_are_no_units_of_a_network():
    rows = (
        ("Dataset", "# Nodes", "# Edges", "# Layers"),
        ("Lantern", "2,277", "36,101", "3"),
        ("Harbour", "183", "295", "3"),
    )
    assert read(*rows, caption="Table 2: Statistics of the datasets.") == set()
    assert read(text="We make random graphs with the number of nodes set to 100 and edges between them.") == set()


def test_a_set_belongs_to_the_name_before_it():
    found = read(
        text="We use a grid of number of layers ∈ {1, 2, 3, 4} learning rate ∈ {0.05, 0.01} and dropout ∈ {0, 0.5}."
    )
    assert ("learning_rate", "1, 2, 3, 4", "main") not in found and ("layers", "1, 2, 3, 4", "main") in found
