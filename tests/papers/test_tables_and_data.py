"""Tables of every build and data sets nobody has heard of: what a reader makes of measures in rows, models in columns,
upright labels, drawn lines, two tables in one, and of names that stand in no list. All names here are invented."""

import pymupdf
import pytest

from intern.papers.dataset_slots import unknown_names
from intern.papers.pdf import read_pdf
from intern.papers.read import read_paper_file
from tests.papers.making import FILLER, paragraph, save, write
from tests.papers.test_not_made_up import rows, table


def found(results, model=""):
    return {(row.dataset, row.metric, row.value) for row in results if row.own and model in row.model}


def test_rows_of_measures_in_blocks_of_data_sets():
    grid = table(
        "Table 2: Overall performance.",
        ["Dataset", "Metric", "BPR", "OakRec (ours)", "Improv."],
        [["", "Recall@20", "0.043", "0.075", "6.2%"], ["", "NDCG@20", "0.035", "0.062", "4.7%"],
         ["", "Recall@20", "0.129", "0.197", "3.9%"], ["", "NDCG@20", "0.110", "0.168", "4.2%"]],
        groups=["WineCellar", "WineCellar", "Bakery", "Bakery"],
    )  # fmt: skip
    assert found(rows(grid)) == {
        ("WineCellar", "Recall@20", 0.075), ("WineCellar", "NDCG@20", 0.062),
        ("Bakery", "Recall@20", 0.197), ("Bakery", "NDCG@20", 0.168),
    }  # fmt: skip


def test_games_in_rows_and_models_in_columns():
    grid = table(
        "Table 1: Mean scores obtained by our method.",
        ["Game", "Ours", "human"],
        [["MarbleRun", "405.2", "7128.0"], ["KiteFight", "9.1", "12.0"]],
    )
    assert found(rows(grid)) == {("MarbleRun", "score", 405.2), ("KiteFight", "score", 9.1)}


def test_two_measures_in_a_cell():
    grid = table(
        "Table 1: Image quality on Set5.", ["Method", "PSNR / SSIM"],
        [["Bicubic [2]", "28.42 / 0.8104"], ["OakNet (ours)", "32.66 / 0.9004"]],
    )  # fmt: skip
    assert found(rows(grid)) == {("Set5", "PSNR", 32.66), ("Set5", "SSIM", 0.9004)}


def test_headings_are_parts_of_the_data_the_caption_names():
    grid = table(
        "Table 1: F1 on CIFAR-10 by kind of noise.", ["Model", "Blur", "Rain"], [["Ours", "66.3", "56.1"]]
    )  # fmt: skip
    assert found(rows(grid)) == {("CIFAR-10 (Blur)", "F1", 66.3), ("CIFAR-10 (Rain)", "F1", 56.1)}


def test_two_tables_under_one_caption():
    grid = table(
        "Table 1: Accuracy on CIFAR-10 (left) and BLEU on Multi30k (right).",
        ["Method", "Score", "Method", "Score"],
        [["Plain", "82.6", "Plain", "10.3"], ["Ours", "83.6", "Ours", "11.8"]],
    )
    own = found(rows(grid))
    assert ("CIFAR-10", "accuracy", 83.6) in own
    assert any(name.startswith("Multi30k") and metric == "BLEU" for name, metric, value in own if value == 11.8)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("We evaluate on Cityscapes and BarleySeg.", "BarleySeg"),
        ("BarleySeg contains 2,400 training and 600 validation images.", "BarleySeg"),
        ("We use the NewsTrivia data set (Moon et al., 2018), which has 97,000 questions.", "NewsTrivia"),
        ("On NewsTrivia it improves exact match from 61.0 to 64.3.", "NewsTrivia"),
        ("We present ShellBench, a benchmark of 412 shell tasks.", "ShellBench"),
        ("All models are trained on text prompts from OakArt-6.25+ [3].", "OakArt-6.25+"),
        ("It is trained on OakFlare-train and nothing else.", "OakFlare"),
        ("On two roads: Oak-Hill [3] (853 road segments and 95 agents), and others.", "Oak-Hill"),
        ("• OakLeaves: a set of 30,000 leaf photos that we collected.", "OakLeaves"),
        ("Then we turn to the Oakwood Housing regression task.", "Oakwood Housing"),
        ("It also helps on an in-house corpus of call-center speech, CallMix.", "CallMix"),
    ],
)
def test_a_name_is_a_data_set_by_its_place(text, name):
    assert name in {found for found, *_ in unknown_names(text, frozenset())}


@pytest.mark.parametrize(
    "text",
    [
        "We train all models on NVIDIA V100 GPUs with PyTorch.",
        "We report results on Table 3 and compare with RoBERTa-large.",
        "We evaluate our method on L2-regularized regression.",
        "Among the evaluated benchmarks, it is the best.",
        "The OakNet network is evaluated next.",
        "We use CNN/DailyMail, XSum and SAMSum.",
    ],
)
def test_tools_models_and_words_are_no_data_sets(text):
    assert not list(unknown_names(text, frozenset({"OakNet"})))


def drawn(path):
    """A table with drawn lines whose two blocks are named by upright text, and a heading line of numbers."""
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Study of Captions for Gardens", 17, "times-bold")
    y = paragraph(page, 72, 130, FILLER)
    y = write(page, 72, y + 20, "Table 1: BLEU and CIDEr of all models.", 10)
    top = y + 4
    heads, xs = ["Model", "BLEU", "CIDEr"], (110, 300, 400)
    lines = [
        heads,
        ["Oak [3]", "0.89", "13.1"],
        ["ours", "6.05", "53.8"],
        ["Oak [3]", "1.77", "12.1"],
        ["ours", "6.30", "54.4"],
    ]
    places = []
    y = top + 12
    for cells in lines:
        for x, cell in zip(xs, cells, strict=True):
            page.insert_text((x, y), cell, fontsize=10, fontname="times-roman")
        places.append(y)
        y += 14
    for at in (top, places[0] + 4, places[2] + 4, places[4] + 4):
        page.draw_line((80, at), (440, at), width=0.6)
    for label, at in (("Roses", places[2] + 3), ("Tulips", places[4] + 3)):
        page.insert_text((95, at), label, fontsize=9, fontname="times-roman", rotate=90)
    paragraph(page, 72, y + 30, FILLER)
    return save(document, path)


def test_upright_labels_name_the_rows_between_drawn_lines(tmp_path):
    grid = read_pdf(drawn(tmp_path / "upright.pdf")).tables[0]
    assert grid.head == 1
    assert grid.groups[1:] == ["Roses", "Roses", "Tulips", "Tulips"]
    reading = read_paper_file(tmp_path / "upright.pdf")
    assert all(row.quote and row.page == 1 for row in reading.setup.results)


@pytest.mark.parametrize("angle", [90, 270])
@pytest.mark.parametrize("corner", ["Model", ""])
def test_headings_set_upwards_are_those_of_their_columns(tmp_path, angle, corner):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Study of Listening in Gardens", 17, "times-bold")
    y = paragraph(page, 72, 130, FILLER)
    y = write(page, 72, y + 20, "Table 1: WER (%) of our models.", 10) + 58
    for x, head in zip((240, 280, 320), ("WSJ", "TED-LIUM", "Switchboard"), strict=True):
        page.insert_text((x, y if angle == 90 else y - 45), head, fontsize=8, fontname="times-roman", rotate=angle)
    if corner:
        page.insert_text((110, y), corner, fontsize=10, fontname="times-roman")
    for number, cells in enumerate((("ours, small", "8.1", "6.2", "20.4"), ("ours, large", "5.3", "4.9", "15.0")), 1):
        for x, cell in zip((110, 232, 272, 312), cells, strict=True):
            page.insert_text((x, y + 14 * number), cell, fontsize=10, fontname="times-roman")
    paragraph(page, 72, y + 60, FILLER)
    reading = read_paper_file(save(document, tmp_path / "turned.pdf"))
    assert found(reading.setup.results, "large") == {
        ("WSJ", "WER", 5.3), ("TED-LIUM", "WER", 4.9), ("Switchboard", "WER", 15.0)
    }  # fmt: skip


def test_a_name_broken_at_the_end_of_a_line_is_one_author(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Study of Names in Gardens", 17, "times-bold")
    write(page, 120, 110, "Ada Writer1 , Bo Reader2 , Cy Della Long", 11)
    write(page, 150, 124, "Name3 , and Di Last1", 11)
    write(page, 280, 160, "Abstract", 12, "times-bold")
    paragraph(page, 72, 180, FILLER)
    reading = read_paper_file(save(document, tmp_path / "names.pdf"))
    assert reading.authors == ["Ada Writer", "Bo Reader", "Cy Della Long Name", "Di Last"]


def front(path, *names, figure=""):
    """A first page with a title, lines below it, a figure with large words beside the abstract."""
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Study of Walks in Gardens", 14, "times-bold")
    for number, line in enumerate(names):
        write(page, 120, 110 + 15 * number, line, 11)
    if figure:
        write(page, 330, 210, figure, 20, "times-bold")
    write(page, 280, 240, "Abstract", 12, "times-bold")
    paragraph(page, 72, 260, FILLER)
    return read_paper_file(save(document, path))


def test_large_words_of_a_figure_are_no_title(tmp_path):
    reading = front(tmp_path / "figure.pdf", "Ada Writer, Bo Reader", "{ada,bo}@garden.org", figure="Garden Walk")
    assert reading.title == "A Study of Walks in Gardens"
    assert reading.authors == ["Ada Writer", "Bo Reader"]


def test_marks_may_be_letters_and_a_preprint_is_nobody(tmp_path):
    reading = front(
        tmp_path / "marks.pdf", "A Preprint", "Ada Writer1,2,a , Bo Reader1,b , and Cy", "D. Long2,* , Di Last1"
    )
    assert reading.authors == ["Ada Writer", "Bo Reader", "Cy D. Long", "Di Last"]


def test_a_journals_name_in_small_letters_is_no_title(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 400, 60, "garden walks", 28, "times-bold")
    write(page, 72, 120, "An Analysis of Ways", 18, "times-bold")
    write(page, 72, 150, "Ada Writer and Bo Reader", 12)
    write(page, 72, 190, "Abstract", 12, "times-bold")
    paragraph(page, 72, 210, FILLER)
    assert read_paper_file(save(document, tmp_path / "logo.pdf")).title == "An Analysis of Ways"


def test_a_long_line_of_names_is_no_abstract(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 100, 80, "A Study of Many Walks in Gardens", 17, "times-bold")
    names = ["Ada Writer", "Bo Reader", "Cy Longname", "Di Lastname", "Ed Evenlonger", "Flo Another", "Gus Furthermore"]
    write(page, 60, 110, ", ".join(f"{name}1,a" for name in names), 9)
    paragraph(page, 72, 160, FILLER * 2)
    assert read_paper_file(save(document, tmp_path / "many.pdf")).authors == names


def test_a_team_signs_where_nobody_is_named(tmp_path):
    reading = front(tmp_path / "team.pdf", "Garden Team, Oak Labs1", "1See Contributions section for all authors.")
    assert reading.authors == ["Garden Team, Oak Labs"]


def test_words_in_brackets_beside_the_labels_are_a_part_of_them_and_text_above_is_none_of_the_table(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Study of Settings in Gardens", 17, "times-bold")
    y = paragraph(page, 72, 130, FILLER)
    y = write(page, 200, y, "which makes for a good judge of the walks", 10)
    y = write(page, 200, y, "and for a short time of training with it.", 10) + 4
    for cells in (("Name", "", "Value"), ("weight decay", "(Equation 3)", "0.1"), ("learning rate", "", "1e-6"),
                  ("batch size", "(Equation 5)", "16"), ("epochs", "", "20")):  # fmt: skip
        for x, cell in zip((200, 290, 380), cells, strict=True):
            if cell:
                page.insert_text((x, y + 8), cell, fontsize=10, fontname="times-roman")
        y += 13
    y = write(page, 200, y + 16, "Table 1: The hyperparameters of our walks.", 10)
    paragraph(page, 72, y + 30, FILLER)
    grid = read_pdf(save(document, tmp_path / "asides.pdf")).tables[0]
    assert grid.rows[:3] == [["Name", "Value"], ["weight decay (Equation 3)", "0.1"], ["learning rate", "1e-6"]]


def test_text_in_two_columns_behind_a_table_is_no_part_of_it(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 150, 80, "A Study of Columns in Gardens", 17, "times-bold")
    y = write(
        page,
        72,
        130,
        "Table 1: Accuracy (%) on CIFAR-10 and on CIFAR-100 of all of the models that we have trained so far.",
        10,
    )
    for cells in (("Model", "CIFAR-10", "CIFAR-100"), ("Oak [3]", "91.0", "70.1"), ("ours", "93.0", "72.2")):
        y += 13
        for x, cell in zip((110, 300, 420), cells, strict=True):
            page.insert_text((x, y), cell, fontsize=10, fontname="times-roman")
    y += 18
    for _ in range(8):
        write(page, 72, y, "order of the cells of a table when it is compared", 10)
        write(page, 310, y, "and we see that this is what the other one does", 10)
        y += 12
    grid = read_pdf(save(document, tmp_path / "columns.pdf")).tables[0]
    assert [row[0] for row in grid.rows] == ["Model", "Oak [3]", "ours"]


def test_a_bold_label_begins_a_caption_without_a_colon_and_a_label_between_its_rows_holds_for_both(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 140, 60, "Numbers in Bold", 17, "times-bold")
    paragraph(page, 72, 90, FILLER)
    write(page, 72, 300, "Table 1", 9, "times-bold")
    write(page, 106, 300, "Mean absolute errors (MAE) of energy and force for small molecules on MD17.", 9)
    for x, text in zip((72, 150, 250, 330, 410), ("Molecule", "", "SchNet", "PaiNN", "RowanNet"), strict=True):
        write(page, x, 320, text, 8)
    molecules = (
        ("Aspirin", "0.37 0.16 0.11", "1.35 0.33 0.15"),
        ("Ethanol", "0.08 0.06 0.05", "0.39 0.22 0.06"),
        ("Toluene", "0.12 0.09 0.07", "0.57 0.21 0.03"),
    )
    for n, (name, one, two) in enumerate(molecules):
        y = 336 + 22 * n
        write(page, 72, y + 4, name, 8)
        for dy, label, cells in ((0, "energy", one), (8, "forces", two)):
            write(page, 150, y + dy, label, 8)
            for x, cell in zip((250, 330, 410), cells.split(), strict=True):
                write(page, x, y + dy, cell, 8)
    paragraph(page, 72, 430, FILLER)
    grid = read_pdf(save(document, tmp_path / "a.pdf")).tables[0]
    labelled = [(group, row[1], row[-1]) for group, row in zip(grid.groups, grid.rows, strict=True)][1:]
    assert labelled[:4] == [
        ("Aspirin", "energy", "0.11"), ("Aspirin", "forces", "0.15"),
        ("Ethanol", "energy", "0.05"), ("Ethanol", "forces", "0.06"),
    ]  # fmt: skip


def test_numbers_about_the_data_below_its_names_are_no_part_of_the_heading(tmp_path):
    document = pymupdf.open()
    page = document.new_page()
    write(page, 140, 60, "Numbers in Heads", 17, "times-bold")
    paragraph(page, 72, 90, FILLER)
    write(page, 72, 300, "Table 1: Accuracy by how alike neighbours are.", 9)
    lines = ["- Cora Citeseer PubMed", "alike 0.81 0.74 0.80", "GCN 81.5 70.3 79.0", "Ours 83.1 71.2 79.9"]
    for n, line in enumerate(lines):
        for x, cell in zip((72, 150, 250, 330), line.split(), strict=True):
            if cell != "-":
                write(page, x, 320 + 12 * n, cell, 9)
    for y in (309, 336, 362):
        page.draw_line((70, y), (380, y), width=0.6)
    paragraph(page, 72, 430, FILLER)
    grid = read_pdf(save(document, tmp_path / "a.pdf")).tables[0]
    assert [parts[-1:] for parts in grid.columns[1:]] == [["Cora"], ["Citeseer"], ["PubMed"]]
