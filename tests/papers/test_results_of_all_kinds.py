"""Tables of results as papers of many fields print them: whose a row is, what a column measures, on which data. All
names of methods here are invented, and every table is the test's own."""

import pytest

from intern.papers import datasets, results
from intern.papers.dataset_names import is_suite_of, short_forms
from intern.papers.known_data import find_names
from intern.papers.measures import find_measure
from intern.papers.model import Box, Paragraph
from intern.papers.names import own_names
from intern.papers.quotes import PageTexts
from intern.papers.result_context import stated_measure
from intern.papers.result_costs import cost_of, target_of
from intern.papers.sentences import all_sentences
from tests.papers.test_not_made_up import document, rows, table


def own(found):
    return {(row.dataset, row.metric, row.value) for row in found if row.own}


def data_of(text, **more):
    paper = document(text=text, **more)
    found = datasets.find(paper, list(all_sentences(paper)), PageTexts(paper.page_texts), own_names(paper))
    return {item.name for item in found}


@pytest.mark.parametrize(
    "told",
    [
        "We introduce RowanNet, which is small.",
        "Our Ringed Oak Warped And Nested network (RowanNet) is small.",
        "We term this approach Rowan networks (or RowanNet).",
        'Our "RowanNet" method is small.',
        "We call our approach RowanNet.",
    ],
)
def test_a_name_that_a_sentence_gives_and_a_table_prints_is_own_and_the_rest_is_not(told):
    grid = table(
        "Table 1: Accuracy on CIFAR-10.", ["Method", "Accuracy"],
        [["ResNet", "91.0"], ["MapleNet", "92.0"], ["RowanNet-S", "93.0"], ["w/o gate", "92.5"]],
    )  # fmt: skip
    assert own(rows(grid, text=told)) == {("CIFAR-10", "accuracy", 93.0), ("CIFAR-10", "accuracy", 92.5)}


def test_other_variants_of_a_cited_method_are_not_own():
    grid = table(
        "Table 1: Image generation on FFHQ.", ["Model", "FID↓", "sFID↓", "IS↑", "Prec.↑"],
        [["FDM-4 [27]", "4.98", "7.10", "4.91", "0.73"], ["FDM-4-G", "4.61", "6.92", "5.00", "0.74"],
         ["Wide", "3.51", "5.80", "5.21", "0.75"]],
    )  # fmt: skip
    assert own(rows(grid)) == {
        ("FFHQ", "FID", 3.51), ("FFHQ", "sFID", 5.8), ("FFHQ", "IS", 5.21), ("FFHQ", "precision", 0.75)
    }  # fmt: skip
    assert [row.higher_is_better for row in rows(grid)][:4] == [False, False, True, True]


def test_rounds_to_a_target_are_no_accuracies():
    by_data = table(
        "Table 1: Number of communication rounds needed to reach 75% test accuracy.",
        ["Method", "MNIST", "CIFAR-10"], [["LazySum (ours)", "141 (2.2×)", "318 (2.0×)"]],
    )  # fmt: skip
    by_level = table(
        "Table 1: Number of rounds and speedup to reach a target test-set accuracy on CIFAR-10.",
        ["Acc.", "80%", "85%"], [["LazySum (ours)", "280 (64.3×)", "2000 (49.5×)"]],
    )  # fmt: skip
    assert own(rows(by_data)) == {
        ("MNIST", "rounds to 75% accuracy", 141), ("CIFAR-10", "rounds to 75% accuracy", 318)
    }  # fmt: skip
    assert own(rows(by_level)) == {
        ("CIFAR-10", "rounds to 80% accuracy", 280), ("CIFAR-10", "rounds to 85% accuracy", 2000)
    }  # fmt: skip
    assert not any(row.higher_is_better for row in rows(by_level))


def test_speed_beside_a_measure_is_a_result_and_a_size_is_none():
    grid = table(
        "Table 1: Generation of MNIST images.", ["Method", "Params (M)", "Bits/dim", "Images/sec", "Time/epoch (s)"],
        [["Hash (ours)", "12", "0.65", "101.3", "912"]],
    )  # fmt: skip
    assert own(rows(grid)) == {
        ("MNIST", "bits/dim", 0.65), ("MNIST", "images/sec", 101.3), ("MNIST", "time/epoch", 912)
    }  # fmt: skip
    assert cost_of("Latency (ms) ↓").name == "latency" and not cost_of("Latency (ms) ↓").higher_is_better
    assert cost_of("Timesteps") is None and target_of("Rounds of training with an accuracy of 75%") is None


def test_shots_are_a_part_of_the_data():
    grid = table("Table 1: 5-way accuracies.", ["Method", "", ""], [["Mix (ours)", "65.81 ± 0.63", "81.02 ± 0.44"]])
    grid.columns = [["Method"], ["miniImageNet", "1-shot"], ["miniImageNet", "5-shot"]]
    assert own(rows(grid)) == {
        ("miniImageNet (1-shot)", "accuracy", 65.81), ("miniImageNet (5-shot)", "accuracy", 81.02)
    }  # fmt: skip


def test_measures_that_the_caption_gives_to_data_and_to_all_others():
    grid = table(
        "Table 1: Test results. We report F1 for QQP and MRPC, Spearman correlation for STS-B, Matthews correlation for "
        "CoLA and accuracy for the other tasks.",
        ["System", "QQP", "CoLA", "STS-B", "QNLI"], [["Pebble (ours)", "72.0", "55.6", "86.9", "91.4"]],
    )  # fmt: skip
    assert own(rows(grid)) == {
        ("QQP", "F1", 72.0), ("CoLA", "MCC", 55.6), ("STS-B", "Spearman correlation", 86.9), ("QNLI", "accuracy", 91.4)
    }  # fmt: skip


def test_short_forms_stand_for_the_data_they_are_explained_as():
    texts = [
        "We use Natural Questions (NQ), TriviaQA [3] (TQA), WebQuestions (WQ; Berant et al., 2013) and ImageNet (see B)."
    ]
    names = ["Natural Questions", "TriviaQA", "WebQuestions", "ImageNet", "CuratedTREC (TREC)"]
    assert short_forms(texts, names) == {
        "NQ": "Natural Questions", "TQA": "TriviaQA", "WQ": "WebQuestions", "TREC": "CuratedTREC (TREC)"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("WMT14 En-De", "WMT 2014 English-German"),
        ("WMT'16 En→Ro", "WMT 2016 English-Romanian"),
        ("IWSLT 2014 German to English", "IWSLT 2014 German-English"),
    ],
)
def test_a_translation_task_by_codes_or_names_of_languages(text, name):
    assert find_names(text)[0][0] == name


def test_a_simulator_is_no_data_set_beside_its_environments():
    assert is_suite_of("MuJoCo", ["MuJoCo", "Hopper-v2"]) and not is_suite_of("MuJoCo", ["MuJoCo", "CIFAR-10"])
    assert data_of("We evaluate on the MuJoCo tasks Hopper-v2, Walker2d-v2 and HalfCheetah-v2.") == {
        "Hopper-v2", "Walker2d-v2", "HalfCheetah-v2"
    }  # fmt: skip


def test_loose_and_exact_names_of_one_data_set_count_together():
    assert data_of("Ablation: the gate helps on the SQuAD 1.1 development set. A look at SQuAD follows.") == {
        "SQuAD 1.1"
    }


def test_a_measure_that_only_the_text_reports_and_short_names_of_data():
    grid = table(
        "Table 1: Main results on the test sets.", ["Model", "NQ", "TQA", "TREC"],
        [["OldQA [18]", "33.3", "45.0", "30.1"], ["RecallQA (ours)", "49.1", "66.7", "55.0"]],
    )  # fmt: skip
    text = "We use Natural Questions (NQ), TriviaQA (TQA) and TREC. We report exact match (EM) on the test sets."
    paper = document(grid, text=text)
    names, sentences, pages = own_names(paper), list(all_sentences(paper)), PageTexts(paper.page_texts)
    found = results.find(paper, sentences, pages, names, datasets.find(paper, sentences, pages, names))[0]
    assert {(metric, value) for _, metric, value in own(found)} == {("EM", 49.1), ("EM", 66.7), ("EM", 55.0)}
    assert {name.split(" (")[0] for name, _, _ in own(found)} == {"Natural Questions", "TriviaQA", "TREC"}


def test_a_measure_that_one_section_reports_is_not_that_of_others():
    for heading, measure in (("Closed-book Questions", None), ("Reasoning", "EM"), ("Experimental Setup", "EM")):
        said = document(text="We report exact match (EM) on these sets.", section=heading)
        found = stated_measure(list(all_sentences(said)), "Reasoning")
        assert (found and found.name) == measure


def test_rounds_and_comparisons_in_a_sentence():
    text = (
        "On MNIST, our method reaches 99% test accuracy in 1,600 rounds. On CIFAR-10 our accuracy is 91.3%, compared with "
        "88.9% for averaging."
    )
    found = rows(text=text)
    assert ("MNIST", "rounds to 99% accuracy", 1600) in own(found) and ("CIFAR-10", "accuracy %", 91.3) in own(found)
    assert all(not row.own for row in found if row.value == 88.9)


def test_what_is_added_to_a_baseline_is_tried_where_nothing_else_is_own():
    grid = table(
        "Table 1: Phoneme error rates on TIMIT.", ["Model", "Test"],
        [["Baseline model", "18.7%"], ["Baseline + window", "17.6%"], ["Transducer [8]", "17.7%"]],
    )  # fmt: skip
    assert own(rows(grid)) == {("TIMIT test", "PER %", 17.6)}


def test_headings_that_only_look_like_settings_or_backbones():
    grid = table("Table 1: Accuracy.", ["Method", "tieredImageNet"], [["Mix (ours)", "69.7"]])
    assert own(rows(grid)) == {("tieredImageNet", "accuracy", 69.7)}
    grid = table("Table 1: Summaries.", ["System", ""], [["Guide (ours)", "45.02"]])
    grid.columns = [["System"], ["CNN/DailyMail", "R-1"]]
    assert own(rows(grid)) == {("CNN/DailyMail", "ROUGE-1", 45.02)}


def test_the_second_of_two_captions_is_the_second_tables():
    grid = table(
        "Table 1: Detection on PASCAL VOC 2007.", ["Method", "AP50", "Method", "mIoU"],
        [["Old [11]", "81.5", "Old [10]", "48.1"], ["Mirror (ours)", "83.0", "Mirror (ours)", "49.5"]],
    )  # fmt: skip
    paper = document(grid)
    captions = (grid.caption, "Table 2: Segmentation on ADE20K.")
    paper.captions = [Paragraph(text, Box(1, 0, 0, 9, 9), kind="caption") for text in captions]
    pages = PageTexts(paper.page_texts)
    found = results.find(paper, list(all_sentences(paper)), pages, own_names(paper), [])[0]
    assert own(found) == {("PASCAL VOC 2007", "AP50", 83.0), ("ADE20K", "mIoU", 49.5)}


def test_letters_for_precision_and_recall_under_headings_of_equal_blocks():
    cells = ["Wall (ours)", "89.5", "93.1", "91.3", "92.4", "96.5", "94.4"]
    grid = table("Table 1: Precision, recall and F1.", ["Method"] + [""] * 6, [cells])
    grid.columns = [["Method"], ["SMD", "P"], ["SMD", "R"], ["MSL", "F1"], ["MSL", "P"], ["MSL", "R"], ["MSL", "F1"]]
    assert own(rows(grid)) == {
        ("SMD", "precision", 89.5), ("SMD", "recall", 93.1), ("SMD", "F1", 91.3),
        ("MSL", "precision", 92.4), ("MSL", "recall", 96.5), ("MSL", "F1", 94.4),
    }  # fmt: skip


def test_the_k_of_a_measure_stands_in_the_heading():
    grid = table("Table 1: Pass@k (%) on HumanEval.", ["Model", "k = 1", "k = 10"], [["Ours", "38.7", "60.1"]])
    assert own(rows(grid)) == {("HumanEval", "Pass@1", 38.7), ("HumanEval", "Pass@10", 60.1)}


def test_a_column_without_cells_is_a_heading_over_blocks_of_columns():
    cells = ["Ours", "0.71", "0.72", "0.91", "", "0.93"]
    grid = table("Table 1: F1 on two graphs.", ["Name"] + [""] * 5, [cells])
    grid.columns = [
        ["Name"],
        ["Reddit", "Unsup. F1"],
        ["Reddit", "Sup. F1"],
        ["Reddit", "Unsup. F1"],
        ["PPI"],
        ["Sup. F1"],
    ]
    assert {row[::2] for row in own(rows(grid))} == {("Reddit", 0.71), ("Reddit", 0.72), ("PPI", 0.91), ("PPI", 0.93)}


def test_data_in_brackets_of_a_label_is_not_what_the_caption_tests_on():
    grid = table("Table 1: TIMIT phoneme error rate (PER).", ["Model", "dev PER", "test PER"],
                 [["Ours Large (LibriSpeech)", "7.1", "8.2"]])  # fmt: skip
    assert own(rows(grid)) == {("TIMIT dev", "PER", 7.1), ("TIMIT test", "PER", 8.2)}


def test_contracted_names_of_environments_and_measures_of_alignments():
    grid = table("Table 1: Average return.", ["Method", "HCheetah", "Hopper"], [["Ours", "9501.5", "3301.2"]])
    assert {row[0] for row in own(rows(grid))} == {"HalfCheetah (HCheetah)", "Hopper"}
    grid = table("Table 1: Alignments on Europarl.", ["Method", "AER"], [["Ours", "0.31"]])
    assert own(rows(grid)) == {("Europarl", "AER", 0.31)}


def test_somebody_elses_method_with_the_papers_own_backbone_is_own():
    grid = table("Table 1: Segmentation on ADE20K val.", ["Method", "Backbone", "mIoU"],
                 [["FieldNet [3]", "ResNet-101", "44.9"], ["FieldNet", "DeiT-S", "44.0"],
                  ["FieldNet", "RowanNet-S", "49.1"]])  # fmt: skip
    found = own(rows(grid, text="We introduce RowanNet, which is small. FieldNet [3] is a decoder."))
    assert {row[2] for row in found} == {49.1}


def test_a_reduction_of_errors_is_no_measure_and_the_rate_is_what_the_caption_says():
    grid = table(
        "Table 2: Our model makes 55.2% less errors on average. Results are word error rates (WER).",
        ["Dataset", "plain [4]", "ours", "RER (%)"],
        [["WSJ", "7.7", "3.9", "49.4"], ["Switchboard", "28.3", "13.8", "51.2"]],
    )
    assert own(rows(grid)) == {("WSJ", "WER", 3.9), ("Switchboard", "WER", 13.8)}


def test_models_with_their_sizes_and_measures_are_no_data_sets():
    text = (
        "We evaluate Ginkgo-7B-Chat on the LongNeedle dataset. Systems are compared by the word error rate (WER) metric. "
        "Results stand in a queryable NoSQL database."
    )
    assert data_of(text) == {"LongNeedle"}


@pytest.mark.parametrize(
    "text",
    [
        "If no matching record is found on the page, we train on nothing.",
        "We train models such as Codex and evaluate them with care.",
        "Paper Management We developed a database to keep all papers.",
    ],
)
def test_words_that_look_like_data_sets_are_none(text):
    assert not data_of(text)


def test_a_format_is_no_data_set_in_use():
    assert data_of("We evaluate on the MarbleFloor dataset, whose labels are in COCO format.") == {"MarbleFloor"}


def test_the_circumstances_of_a_table_are_no_data():
    grid = table(
        "Table 2: Results on low resource setups.", ["Model", "test-clean", "test-other"],
        [["Oak [3]", "9.1", "15.6"], ["RowanNet", "8.7", "15.3"]], groups=["10 min labeled", "10 min labeled"],
    )  # fmt: skip
    told = "We introduce RowanNet. We report word error rate (WER) on LibriSpeech. Table 1 shows the results on LibriSpeech."
    paper = document(grid, text=told)
    sentences, pages, names = list(all_sentences(paper)), PageTexts(paper.page_texts), own_names(paper)
    data = datasets.find(paper, sentences, pages, names)
    assert own(results.find(paper, sentences, pages, names, data)[0]) == {
        ("LibriSpeech test-clean", "WER", 8.7), ("LibriSpeech test-other", "WER", 15.3)
    }  # fmt: skip


def test_rows_of_targets_have_models_for_columns():
    grid = table(
        "Table 2: Error on QM9 by target.", ["Target", "Oak", "Elm", "RowanNet"],
        [["mu", "4.34", "4.23", "0.30"], ["alpha", "3.01", "2.98", "0.92"], ["Average", "3.68", "3.61", "0.61"]],
    )  # fmt: skip
    found = rows(grid, text="We propose RowanNet, a network for molecules.")
    assert own(found) == {("QM9 (mu)", "error", 0.3), ("QM9 (alpha)", "error", 0.92), ("QM9 average", "error", 0.61)}


def test_means_and_medians_over_games_are_scores():
    grid = table(
        "Table 1: Aggregates of 55 Atari games.", ["Agent", "Gamer Median", "Record Mean"],
        [["RowanAgent (ours)", "2.15", "0.44"], ["Oak", "1.92", "0.35"]],
    )  # fmt: skip
    assert own(rows(grid, text="We train on the Atari benchmark.")) == {
        ("Atari", "gamer median score", 2.15), ("Atari", "record mean score", 0.44)
    }  # fmt: skip


def test_methods_of_others_that_were_run_anew_and_years_are_not_own_results():
    grid = table(
        "Table 1: VOC 2007 test detection, mAP (%).", ["Method", "train set", "mAP"],
        [["Oak (repro)", "07", "66.0"], ["Elm (our impl.)", "07", "66.4"], ["Rowan (ours)", "07+12", "70.0"]],
    )  # fmt: skip
    assert own(rows(grid)) == {("PASCAL VOC 2007", "mAP", 70.0)}
    assert {row.value for row in rows(grid)} == {66.0, 66.4, 70.0}


def test_an_average_has_the_measure_of_what_it_is_over():
    grid = table(
        "Table 7: Each of our steps helps.", ["Step", "TED-LIUM", "WSJ", "Average"],
        [["Greedy", "3.95", "5.16", "4.56"], ["+ Beam search", "3.16", "4.71", "3.94"]],
    )  # fmt: skip
    assert {(row.dataset, row.metric) for row in rows(grid, text="We report word error rates.")} == {
        ("TED-LIUM", "WER"), ("WSJ", "WER"), ("average", "WER")
    }  # fmt: skip


def test_a_column_of_data_sets_beside_the_models():
    grid = table(
        "Table 1: Test accuracy of all models.", ["Model", "Dataset", "Accuracy"],
        [["LSTM", "IMDB", "86.1"], ["", "Yelp", "91.0"], ["RowanNet", "IMDB", "93.2"], ["RowanNet", "Yelp", "96.1"]],
        groups=["LSTM", "LSTM", "", ""],
    )  # fmt: skip
    found = rows(grid, text="We propose RowanNet.")
    assert own(found) == {("IMDB", "accuracy", 93.2), ("Yelp", "accuracy", 96.1)}
    assert {(row.dataset, row.value) for row in found if not row.own} == {("IMDB", 86.1), ("Yelp", 91.0)}


def test_usual_methods_beside_one_that_is_marked_are_not_own_even_where_others_are_cited():
    grid = table(
        "Table 2: Classification accuracies.", ["Method", "Cora", "Citeseer"],
        [["MLP", "55.1", "46.5"], ["Oak (Writer, 2017)", "81.5", "70.3"], ["Rowan (ours)", "83.0", "72.5"]],
    )  # fmt: skip
    assert own(rows(grid)) == {("Cora", "accuracy", 83.0), ("CiteSeer", "accuracy", 72.5)}


def test_a_mark_before_a_name_does_not_hide_it():
    grid = table(
        "Table 5: Accuracy on CIFAR-10.", ["Model", "Acc."], [["Oak-base", "74.9"], ["* RowanNet-base", "76.2"]]
    )
    assert own(rows(grid, text="We present RowanNet.")) == {("CIFAR-10", "accuracy", 76.2)}


def test_parts_of_the_data_that_the_caption_names_have_its_usual_measure():
    grid = table(
        "Table 4: Speech translation performance on CoVoST2.", ["Model", "High", "Low", "All"],
        [["Oak [4]", "34.2", "5.9", "14.7"], ["ours", "36.2", "25.2", "29.1"]],
    )  # fmt: skip
    assert own(rows(grid)) == {
        ("CoVoST 2 (High)", "BLEU", 36.2), ("CoVoST 2 (Low)", "BLEU", 25.2), ("CoVoST 2 (All)", "BLEU", 29.1)
    }  # fmt: skip


def test_a_dot_may_stand_between_a_data_set_and_its_part():
    grid = table("Table 8: WER (%)", ["Model", "LibriSpeech.test-clean", "WSJ"], [["ours, tiny", "5.6", "6.0"]])
    assert own(rows(grid)) == {("LibriSpeech test-clean", "WER", 5.6), ("WSJ", "WER", 6.0)}


def test_mean_ranks_beside_reciprocal_ones_are_no_film_reviews():
    grid = table(
        "Table 3: Link prediction on WN18RR.", ["Model", "MRR", "MR", "H@10"],
        [["Oak [4]", ".294", "3384", ".465"], ["ours", ".338", "3340", ".533"]],
    )  # fmt: skip
    assert {(row.metric, row.value, row.higher_is_better) for row in rows(grid) if row.own} == {
        ("MRR", 0.338, True), ("mean rank", 3340.0, False), ("Hits@10", 0.533, True)
    }  # fmt: skip


def test_negative_log_likelihoods_by_symbol():
    grid = table("Table 1: Results on MNIST.", ["Model", "−log p(x)"], [["Oak [8]", "≈ 84.13"], ["ours", "≤ 82.90"]])
    assert own(rows(grid)) == {("MNIST", "NLL", 82.9)}
    assert not rows(grid)[0].higher_is_better


def test_sizes_without_a_heading_tell_rows_apart():
    grid = table(
        "Table 3: Zero-shot accuracy.", ["", "", "BoolQ", "PIQA"],
        [["Rowan", "7B", "76.5", "79.8"], ["", "13B", "78.1", "80.1"]], groups=["Rowan", "Rowan"],
    )  # fmt: skip
    assert {row.model for row in rows(grid, text="We introduce Rowan, a collection of models.")} == {
        "Rowan 7B",
        "Rowan 13B",
    }


def test_short_forms_with_arrows_have_the_measures_of_these():
    grid = table(
        "Table 4: RMSE (↓) and accuracy (↑) of tables.", ["", "CA ↓", "AD ↑"],
        [["MLP", "0.499", "0.852"], ["Rowan-T", "0.459", "0.859"]],
    )  # fmt: skip
    paper = document(grid, text="We introduce Rowan-T. We use the datasets California Housing (CA) and Adult (AD).")
    sentences, pages, names = list(all_sentences(paper)), PageTexts(paper.page_texts), own_names(paper)
    data = datasets.find(paper, sentences, pages, names)
    found = results.find(paper, sentences, pages, names, data)[0]
    assert {(row.metric, row.value) for row in found if row.own} == {("RMSE", 0.459), ("accuracy", 0.859)}
    assert all(row.dataset.startswith(("California Housing", "Adult")) for row in found)


def test_an_unknown_name_in_a_row_of_data_sets_is_one_too():
    grid = table(
        "Table 1: Results on directed graphs.", ["", "Cora", "Citeseer", "Lantern-year", "Rowan-patents"],
        [["GCN", "81.5", "70.3", "46.0", "51.0"], ["RowanNet (ours)", "83.1", "71.2", "64.1", "73.9"]],
    )  # fmt: skip
    found = {(row.dataset, row.value) for row in rows(grid) if row.own}
    assert found == {("Cora", 83.1), ("CiteSeer", 71.2), ("Lantern-year", 64.1), ("Rowan-patents", 73.9)}


def test_a_logarithm_of_a_measure_and_a_measure_of_two_quantities_keep_what_tells_them_apart():
    grid = table("Table 1: Mean test log10(MSE) on Lantern.", ["", "Lantern"], [["GCN", "0.74"], ["Ours", "-0.55"]])
    assert {(row.metric, row.value) for row in rows(grid) if row.own} == {("log10(MSE)", -0.55)}
    grid = table(
        "Table 2: Mean absolute errors (MAE) of energy and force on MD17.",
        ["Molecule", "", "SchNet", "RowanNet (ours)"],
        [["", "energy", "0.37", "0.116"], ["", "forces", "1.35", "0.155"]],
        groups=["Aspirin", "Aspirin"],
    )
    found = {(row.dataset, row.metric, row.value) for row in rows(grid) if row.own}
    assert found == {("MD17 (Aspirin)", "MAE (energy)", 0.116), ("MD17 (Aspirin)", "MAE (forces)", 0.155)}


def test_a_short_form_for_a_kind_of_network_is_nobodys_name_and_a_subscript_behind_our_is_ours():
    grid = table(
        "Table 1: Accuracy on Cora.", ["Method", "Accuracy"],
        [["GPR-GNN", "80.1"], ["Ourws", "83.1"], ["Ourws(GCN)", "82.0"]],
    )  # fmt: skip
    paper = document(grid, text="Graph neural networks (GNNs) are usual. " * 14)
    paper.abstract = "Graph neural networks (GNNs) are usual."
    found = results.find(paper, list(all_sentences(paper)), PageTexts(paper.page_texts), own_names(paper), [])[0]
    assert {(row.model, row.own) for row in found} == {("GPR-GNN", False), ("Ourws", True), ("Ourws(GCN)", True)}


def test_a_word_that_a_paper_mostly_writes_small_is_no_data_set():
    text = "We evaluate on Cora and on homophilic graphs. The homophilic ones are homophilic. "
    assert "Homophilic" not in data_of(text + "Homophilic datasets are used for training and evaluation.")


def test_short_forms_beside_measures_are_measures_and_an_average_makes_none():
    grid = table(
        "Table 1: FID and IS on CIFAR-10.", ["Method", "FID ↓", "IS ↑", "NFE ↓", "GriTS"],
        [["Oak [2]", "3.17", "9.46", "1000", "0.81"], ["Ours", "2.10", "9.90", "35", "0.92"]],
    )  # fmt: skip
    assert {(row.metric, row.value) for row in rows(grid) if row.own} == {
        ("FID", 2.10), ("IS", 9.90), ("NFE", 35), ("GriTS", 0.92),
    }  # fmt: skip
    grid = table(
        "Table 2: Zero-shot results.", ["Model", "BoolQ", "PIQA", "LANQA", "Avg."],
        [["Oak [2]", "76.5", "79.8", "48.2", "68.2"], ["Ours", "77.0", "80.2", "49.0", "68.7"]],
    )  # fmt: skip
    assert own(rows(grid)) == {
        ("BoolQ", "accuracy", 77.0), ("PIQA", "accuracy", 80.2), ("LANQA", "accuracy", 49.0), ("average", "accuracy", 68.7),
    }  # fmt: skip


def test_a_heading_between_data_and_measure_tells_two_columns_apart():
    grid = table(
        "Table 1: Retrieval.", ["", "R@1", "R@1"], [["CLIP [3]", "88.0", "68.7"], ["Ours", "90.1", "77.2"]],
    )  # fmt: skip
    grid.columns = [[], ["Flickr30K", "Text Retrieval", "R@1"], ["Flickr30K", "Image Retrieval", "R@1"]]
    assert own(rows(grid)) == {
        ("Flickr30k (Text Retrieval)", "R@1", 90.1), ("Flickr30k (Image Retrieval)", "R@1", 77.2),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("heading", "name", "up"),
    [("HD ↓", "HD95", False), ("DSC (%)", "Dice", True), ("ECE", "ECE", False), ("minADE_5", "ADE", False),
     ("SI-SDRi", "SI-SDR", True), ("sMAPE", "sMAPE", False), ("Abs Rel", "AbsRel", False), ("AR_100", "average recall", True),
     ("Avg. Precision", "mAP", True), ("BWT", "BWT", True), ("UAS", "UAS", True)],
)  # fmt: skip
def test_measures_of_single_fields(heading, name, up):
    found = find_measure(heading)
    assert found is not None and (found.name, found.higher_is_better) == (name, up)


def test_names_in_small_letters_in_a_row_of_data_sets_and_one_with_a_measure_of_its_own():
    grid = table(
        "Table 3: Test accuracy is displayed for most datasets, while lantern displays test ROC AUC.",
        ["", "Cora", "PubMed", "rowan-gamers †", "lantern"],
        [["GCN", "81.5", "79.0", "60.9", "86.7"], ["Ours", "83.1", "79.9", "66.1", "90.8"]],
    )
    assert own(rows(grid)) == {
        ("Cora", "accuracy", 83.1), ("PubMed", "accuracy", 79.9), ("rowan-gamers", "accuracy", 66.1), ("lantern", "AUC", 90.8),
    }  # fmt: skip
