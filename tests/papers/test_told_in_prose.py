# ruff: noqa: E501  one case a line
"""Settings that running text tells in many ways: how long a run takes, how data is split, a letter a data set. All sentences are ours."""

import pytest

from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.setup import extract

CASES = [
    # how long training runs
    ("In total, the rate was lowered twice, and the learning was stopped after 210K iterations (42 epochs).", {"steps": [210000], "epochs": [42]}),
    ("Training was stopped after 80,000 iterations.", {"steps": [80000]}),
    ("We terminate the optimization after 45k updates.", {"steps": [45000]}),
    ("Learning ends after 1.2M parameter updates.", {"steps": [1200000]}),
    ("All runs are halted after 30,000 steps.", {"steps": [30000]}),
    ("The iteration number is set to 60K.", {"steps": [60000]}),
    ("We use an iteration count of 75,000.", {"steps": [75000]}),
    ("The maximum iteration number is 120K.", {"steps": [120000]}),
    ("The maximal number of iterations is 20,000.", {"steps": [20000]}),
    ("We fix the step count to 25K in all runs.", {"steps": [25000]}),
    ("Results improve with the iteration number, which is set to 140K for COCO, 20K for Pascal VOC and 70K for Cityscapes.", {"steps": [140000, 20000, 70000]}),
    ("The epoch number is set to 160.", {"epochs": [160]}),
    ("The learning rate is cut after 50K iterations and again after 70K iterations.", {"steps": []}),
    ("After 10K iterations the loss hardly changes.", {"steps": []}),
    # names in quotes, with a stray word or spelled as one
    ('Because memory is short, we set the "batchsize" to 12 during training.', {"batch_size": [12]}),
    ("We set “batch size” to 24 and “momentum” to 0.85.", {"batch_size": [24], "momentum": [0.85]}),
    ("The 'learning rate' is set to 0.02.", {"learning_rate": [0.02]}),
    ("We set base learning rate iter to 0.02 and power to 0.9.", {"learning_rate": [0.02]}),
    ("We set the initial learning rate λ0 to 0.04.", {"learning_rate": [0.04]}),
    # an optimizer with brackets within
    ("The network is trained by mini-batch gradient descent (based on back-propagation (Smith et al., 1990)) with momentum.", {"optimizer": ["SGD with momentum"]}),
    ("We train with stochastic gradient descent (SGD; Robbins & Monro (1951)) and a momentum of 0.8.", {"optimizer": ["SGD with momentum"]}),
    ("The loss is minimised by batched gradient descent with momentum.", {"optimizer": ["SGD with momentum"]}),
    ("We optimise using momentum SGD.", {"optimizer": ["SGD with momentum"]}),
    ("Training uses SGD+momentum with a mini-batch of 32.", {"optimizer": ["SGD with momentum"]}),
    ("Weights are updated with Nesterov momentum (Nesterov, 1983) SGD.", {"optimizer": ["SGD with momentum"]}),
    ("All updates use a Lamb optimizer with learning rate 0.002.", {"optimizer": ["LAMB"], "learning_rate": [0.002]}),
    # penalties told as what multiplies them
    ("Training was regularised by weight decay (the L2 penalty multiplier set to 4 · 10^-4) and dropout for two layers (dropout ratio set to 0.4).", {"weight_decay": [4e-4], "dropout": [0.4]}),
    ("We regularise by weight decay, with the L2 multiplier set to 0.0003.", {"weight_decay": [3e-4]}),
    ("The multiplier of the L2 penalty is 2e-4.", {"weight_decay": [2e-4]}),
    ("An L2 penalty with a multiplier of 1e-5 is added.", {"weight_decay": [1e-5]}),
    ("L2 regularisation (multiplier 0.0002) is applied to all weights.", {"weight_decay": [2e-4]}),
    # widths and filters
    ("They are followed by three Fully-Connected (FC) layers: the first two have 2048 channels each, the third 100.", {"hidden_units": [2048]}),
    ("The two fully-connected layers have 1024 channels each.", {"hidden_units": [1024]}),
    ("Both fully connected layers are 512-dimensional.", {"hidden_units": [512]}),
    ("Two FC layers of 256 neurons each follow.", {"hidden_units": [256]}),
    ("The last FC layer has 10 activations (one per class).", {"hidden_units": []}),
    ("The FC layers with 4096 outputs are regularised.", {"hidden_units": [4096]}),
    ("We use filters with a very small receptive field: 5 × 5.", {"filter_sizes": ["5x5"]}),
    ("All convolutions have a kernel size of 3 × 3.", {"filter_sizes": ["3x3"]}),
    ("Every convolutional layer uses 7×7 kernels.", {"filter_sizes": ["7x7"]}),
    ("The filters are of size 5 x 5 in all layers.", {"filter_sizes": ["5x5"]}),
    ("We use convolutional layers with small 3 × 3 filters throughout.", {"filter_sizes": ["3x3"]}),
    ("The receptive field of the filters is 3 × 3 everywhere.", {"filter_sizes": ["3x3"]}),
    ("Max-pooling is performed over a 2 × 2 window.", {"filter_sizes": []}),
    ("In one variant we also use 1 × 1 filters.", {"filter_sizes": []}),
    # how many layers, and what is but a part of them
    ("The depth goes from 9 weight layers in the network A (6 conv. and 3 FC layers) to 17 weight layers in the network D (14 conv. and 3 FC layers).", {"layers": [9, 17]}),
    ("We fine-tune only the first two fully-connected layers.", {"layers": []}),
    ("A small stem consisting of two convolution layers comes before the Transformer.", {"layers": []}),
    ("The front-end has 3 convolutional layers; the encoder has 12 layers.", {"layers": [12]}),
    # splits
    ("The challenge data is divided into 18K/2K/4K images for training, validation and testing.", {"train_examples": [18000]}),
    ("We obtain 9,582, 1,449 and 1,456 images for training, validation and testing.", {"train_examples": [9582]}),
    ("The images are divided into sets with numbers 2,775, 400, and 1,325 for training, validation and testing.", {"train_examples": [2775]}),
    ("It is split into 7,000 / 1,000 / 2,000 examples for train, validation and test.", {"train_examples": [7000]}),
    ("The train/validation/test split has 45,000/5,000/10,000 images.", {"train_examples": [45000]}),
    ("We use 8,400 images for training, 1,200 for validation and 2,400 for testing.", {"train_examples": [8400]}),
    ("The corpus contains 12,000 training, 1,500 validation and 1,500 test sentences.", {"train_examples": [12000]}),
    ("The data is split into three sets: training (1.1M images), validation (40K images), and testing (90K images).", {"train_examples": [1100000]}),
    ("The data were divided into training, validation and test sets of 6,000, 700 and 800 graphs.", {"train_examples": [6000]}),
    # a letter a data set
    ("We use the same maximum sequence length as in [18], N = 150 for Books and Games, N = 40 for Toys and Steam.", {"max_seq_len": [150, 40]}),
    ("The hidden size d is small: d = 32 for Cora and d = 96 for Pubmed.", {"hidden_size": [32, 96]}),
    ("The batch size B differs: B = 64 on CIFAR-10; B = 256 on ImageNet.", {"batch_size": [64, 256]}),
    ("We use dropout with p = 0.2 for MNLI, p = 0.4 for RTE.", {"dropout": [0.2, 0.4]}),
    ("We study how the hidden dimensionality d affects the results. The following analysis uses d = 48.", {"hidden_size": [48]}),
]  # fmt: skip


def facts(text: str, section: str = "Training details") -> dict[str, list[object]]:
    document = Document(title="A study", pages=1, sections=[Section(title=section)], page_texts=[text])
    document.paragraphs.append(Paragraph(text, Box(1), section, place=0))
    found: dict[str, list[object]] = {}
    for fact in extract(document).hyperparameters:
        found.setdefault(fact.name, []).append(fact.value)
    return found


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[f"{n}-{text[:36]}" for n, (text, _) in enumerate(CASES)])
def test_prose_tells_a_setting(text, expected):
    found = facts(text)
    for name, values in expected.items():
        got = found.get(name, [])
        if values and isinstance(values[0], str):
            assert got == values, found
        else:
            assert sorted(v for v in got if not isinstance(v, str)) == pytest.approx(sorted(values)), found
