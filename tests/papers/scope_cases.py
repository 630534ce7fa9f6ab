# ruff: noqa: E501  one case a line
"""Made-up paragraphs of many kinds of papers: where they stand, what they say, and what each value holds for.

A case is (sections from the top, run-in heading, text, facts); a fact is (name, value, scope). A scope's words must all be in the scope that is read,
and the words of a rival (the same name with another value) must not all be in it; "main" stands for a value that holds
for the whole paper.
"""

from __future__ import annotations

Fact = tuple[str, float | int | str, str]
Case = tuple[tuple[str, ...], str, str, tuple[Fact, ...]]

IMPL = ("Experiments", "Implementation details")

TWO_OWNERS: list[Case] = [
    (IMPL, "", "CIFAR-10 models are trained for 200 epochs while the SVHN model is trained for 40 epochs.", (("epochs", 200, "CIFAR-10"), ("epochs", 40, "SVHN"))),
    (IMPL, "", "We train NovaNet-S for 30k iterations and NovaNet-L for 90k iterations.", (("steps", 30000, "NovaNet-S"), ("steps", 90000, "NovaNet-L"))),
    (IMPL, "", "For CIFAR-10 we use a batch size of 96, whereas for ImageNet we use a batch size of 768.", (("batch_size", 96, "CIFAR-10"), ("batch_size", 768, "ImageNet"))),
    (IMPL, "", "The learning rate for the discriminator is 0.0006 and the learning rate for the generator is 0.0003.", (("learning_rate", 0.0006, "discriminator"), ("learning_rate", 0.0003, "generator"))),
    (IMPL, "", "The learning rates of the actor and the critic are 3e-5 and 3e-4, respectively.", (("learning_rate", 3e-5, "actor"), ("learning_rate", 3e-4, "critic"))),
    (IMPL, "", "We use Adam with a learning rate of 2e-4 for the encoder and 8e-4 for the decoder.", (("learning_rate", 2e-4, "encoder"), ("learning_rate", 8e-4, "decoder"))),
    (IMPL, "", "The policy network has two hidden layers of 48 units, while the value network has two hidden layers of 160 units.", (("hidden_units", 48, "policy"), ("hidden_units", 160, "value"))),
    (IMPL, "", "Our small model has 6 layers and the large model has 18 layers.", (("layers", 6, "small"), ("layers", 18, "large"))),
    (IMPL, "", "The base model uses a dropout of 0.1; the large model uses a dropout of 0.3.", (("dropout", 0.1, "base"), ("dropout", 0.3, "large"))),
    (IMPL, "", "We use 5 epochs for SST-2, 10 epochs for RTE and 3 epochs for all other tasks.", (("epochs", 5, "SST-2"), ("epochs", 10, "RTE"), ("epochs", 3, "other"))),
    (IMPL, "", "We train for 45k steps on WikiText-2 and for 260k steps on enwik8.", (("steps", 45000, "WikiText-2"), ("steps", 260000, "enwik8"))),
    (IMPL, "", "The student is trained with a learning rate of 5e-4 and the teacher with a learning rate of 1e-4.", (("learning_rate", 5e-4, "student"), ("learning_rate", 1e-4, "teacher"))),
    (IMPL, "", "In stage 1 we train for 20 epochs and in stage 2 we train for 6 epochs.", (("epochs", 20, "stage 1"), ("epochs", 6, "stage 2"))),
    (IMPL, "", "In the first stage, we use a batch size of 512. In the second stage, we use a batch size of 64.", (("batch_size", 512, "stage 1"), ("batch_size", 64, "stage 2"))),
    (IMPL, "", "We pre-train for 300 epochs and fine-tune for 30 epochs.", (("epochs", 300, "pre-training"), ("epochs", 30, "fine-tuning"))),
    (IMPL, "", "The backbone is trained with a learning rate of 1e-5 and the detection head with a learning rate of 1e-3.", (("learning_rate", 1e-5, "backbone"), ("learning_rate", 1e-3, "head"))),
    (IMPL, "", "The batch size is 128 for the small model and 32 for the large one.", (("batch_size", 128, "small"), ("batch_size", 32, "large"))),
    (IMPL, "", "A batch size of 256 is used for Reddit, and 64 for PPI.", (("batch_size", 256, "Reddit"), ("batch_size", 64, "PPI"))),
    (IMPL, "", "For pre-training, the batch size is 2048 and the learning rate is 6e-4; for fine-tuning, the batch size is 32 and the learning rate is 2e-5.", (("batch_size", 2048, "pre-training"), ("batch_size", 32, "fine-tuning"), ("learning_rate", 6e-4, "pre-training"), ("learning_rate", 2e-5, "fine-tuning"))),
    (IMPL, "", "We train on COCO for 24 epochs, and on Cityscapes for 64 epochs.", (("epochs", 24, "COCO"), ("epochs", 64, "Cityscapes"))),
    (IMPL, "", "We use a weight decay of 0.05 for ViT models and 0.0001 for ResNet models.", (("weight_decay", 0.05, "ViT"), ("weight_decay", 0.0001, "ResNet"))),
    (IMPL, "", "We use ReLU in the generator and LeakyReLU in the discriminator.", (("activation", "leaky ReLU", "discriminator"),)),
    (IMPL, "", "The hidden size is 320 in the encoder and 640 in the decoder.", (("hidden_size", 320, "encoder"), ("hidden_size", 640, "decoder"))),
    (IMPL, "", "We optimize the generator with a learning rate of 1e-4 and the discriminator with a learning rate of 4e-4.", (("learning_rate", 1e-4, "generator"), ("learning_rate", 4e-4, "discriminator"))),
    (IMPL, "", "During search, the batch size is 64. During evaluation, the batch size is 96.", (("batch_size", 64, "search"), ("batch_size", 96, "evaluation"))),
]  # fmt: skip

EXCEPTIONS: list[Case] = [
    (IMPL, "", "We use a learning rate of 0.02 for all data sets except for Cora, where we use a learning rate of 0.005.", (("learning_rate", 0.02, "main"), ("learning_rate", 0.005, "Cora"))),
    (IMPL, "", "The mini-batch size is 512 (on Yelp2018, we increase the mini-batch size to 4096 for speed).", (("batch_size", 512, "main"), ("batch_size", 4096, "Yelp2018"))),
    (IMPL, "", "All models are trained for 80 epochs, except on ImageNet, where we train for 120 epochs.", (("epochs", 80, "main"), ("epochs", 120, "ImageNet"))),
    (IMPL, "", "We train with a batch size of 64. For PTB, we use a batch size of 20 instead.", (("batch_size", 64, "main"), ("batch_size", 20, "Penn Treebank"))),
    (IMPL, "", "Unless otherwise stated we train for 12 epochs. On LVIS we train for 24 epochs.", (("epochs", 12, "main"), ("epochs", 24, "LVIS"))),
    (IMPL, "", "We set the dropout rate to 0.3 for Cora and to 0.1 for the remaining data sets.", (("dropout", 0.3, "Cora"), ("dropout", 0.1, "remaining"))),
    (IMPL, "", "On CIFAR-10 the dropout rate is 0.2. The dropout rate on the other data sets is 0.5.", (("dropout", 0.2, "CIFAR-10"), ("dropout", 0.5, "other"))),
    (IMPL, "", "We set the learning rate to 3e-4, and use a learning rate of 3e-5 for the larger images.", (("learning_rate", 3e-4, "main"), ("learning_rate", 3e-5, "larger images"))),
    (IMPL, "", "We use 8 attention heads by default and 12 attention heads for the large model.", (("heads", 8, "main"), ("heads", 12, "large"))),
    (IMPL, "", "We train for 100 epochs (300 epochs for SVHN).", (("epochs", 100, "main"), ("epochs", 300, "SVHN"))),
    (IMPL, "", "The same settings are used for CIFAR-100, but with a batch size of 32.", (("batch_size", 32, "CIFAR-100"),)),
]  # fmt: skip

WHOLE_PAPER: list[Case] = [
    (IMPL, "", "We train on 8 GPUs for 160k iterations with a batch size of 16.", (("steps", 160000, "main"), ("batch_size", 16, "main"))),
    (IMPL, "", "Following GPT-2, we train with a batch size of 24.", (("batch_size", 24, "main"),)),
    (IMPL, "", "As in Mask R-CNN, we use a weight decay of 0.0001.", (("weight_decay", 0.0001, "main"),)),
    (IMPL, "", "We initialize the backbone from ImageNet pre-trained weights. We train for 12 epochs.", (("epochs", 12, "main"),)),
    (IMPL, "", "We use the same schedule as DeepLab and train for 40k iterations.", (("steps", 40000, "main"),)),
    (IMPL, "", "All models are trained with SGD with a learning rate of 0.05, similar to ResNet-50 [4].", (("learning_rate", 0.05, "main"),)),
    (IMPL, "", "We use a batch size of 48, which is smaller than that of BERT.", (("batch_size", 48, "main"),)),
    (IMPL, "", "Images are normalized with the ImageNet mean and we use a batch size of 48.", (("batch_size", 48, "main"),)),
    (IMPL, "", "We use the AdamW optimizer with a learning rate of 4e-4 on V100 GPUs.", (("learning_rate", 4e-4, "main"),)),
    (IMPL, "", "All experiments are run with 5 random seeds using PyTorch.", (("seeds", 5, "main"),)),
    (IMPL, "", "Our implementation is based on HuggingFace Transformers and uses a learning rate of 5e-5.", (("learning_rate", 5e-5, "main"),)),
    (IMPL, "", "To be comparable with ResNet-101, we use a batch size of 80.", (("batch_size", 80, "main"),)),
    (IMPL, "", "With ImageNet-pretrained weights, we train for 36 epochs with a batch size of 16.", (("epochs", 36, "main"), ("batch_size", 16, "main"))),
    (IMPL, "", "A learning rate of 0.03 (with similar accuracy as in SimCLR) is used throughout.", (("learning_rate", 0.03, "main"),)),
    (IMPL, "Training", "We adopt image-centric training [12]. We train on 8 GPUs with a learning rate of 0.02.", (("learning_rate", 0.02, "main"),)),
    (IMPL, "Optimization", "We use Adam with a learning rate of 0.002.", (("learning_rate", 0.002, "main"),)),
    (IMPL, "", "The number of RoIs is 64 for the C4 backbone (as in [12, 36]) and 512 for FPN. We train on 8 GPUs for 160k iterations.", (("steps", 160000, "main"),)),
    (IMPL, "", "This makes a fair comparison with Transformer-XL. We train for 50 epochs with a dropout of 0.2.", (("epochs", 50, "main"), ("dropout", 0.2, "main"))),
]  # fmt: skip

CARRIED_OVER: list[Case] = [
    (IMPL, "", "The discriminator has 4 convolutional layers. It is trained with a learning rate of 0.0004.", (("learning_rate", 0.0004, "discriminator"),)),
    (IMPL, "", "Our teacher is a ResNet-152. It is trained for 120 epochs. The student is a ResNet-18. It is trained for 40 epochs.", (("epochs", 120, "teacher"), ("epochs", 40, "student"))),
    (IMPL, "", "For CIFAR-10, we use a WideResNet. The network is trained for 200 epochs with a batch size of 96.", (("epochs", 200, "CIFAR-10"), ("batch_size", 96, "CIFAR-10"))),
    (IMPL, "", "We first pre-train the model on unlabeled speech. We use a batch size of 640 and train for 400k steps. We then fine-tune on labeled data. We use a batch size of 80 and train for 20k steps.", (("batch_size", 640, "pre-training"), ("steps", 400000, "pre-training"), ("batch_size", 80, "fine-tuning"), ("steps", 20000, "fine-tuning"))),
    (IMPL, "", "The second task is MNLI. On MNLI, we fine-tune for 3 epochs. The batch size is 32.", (("epochs", 3, "MNLI"), ("batch_size", 32, "MNLI"))),
    (IMPL, "", "Linear probing. We freeze the encoder and train a linear classifier. We use a batch size of 1024 and train for 90 epochs.", (("batch_size", 1024, "linear"), ("epochs", 90, "linear"))),
    (IMPL, "", "For image classification, we follow common practice. We train for 300 epochs. For object detection, we use a standard detector. We train for 12 epochs.", (("epochs", 300, "image classification"), ("epochs", 12, "object detection"))),
    (IMPL, "", "The actor is an MLP. Its learning rate is 3e-4. The critic is larger. Its learning rate is 1e-3.", (("learning_rate", 3e-4, "actor"), ("learning_rate", 1e-3, "critic"))),
]  # fmt: skip

RUN_IN: list[Case] = [
    (IMPL, "Pre-training", "We train for 800 epochs with a batch size of 4096.", (("epochs", 800, "pre-training"), ("batch_size", 4096, "pre-training"))),
    (IMPL, "Fine-tuning", "We train for 50 epochs with a batch size of 1024.", (("epochs", 50, "fine-tuning"),)),
    (IMPL, "Linear evaluation", "We train for 90 epochs with a batch size of 1024.", (("epochs", 90, "linear"),)),
    (IMPL, "Object detection", "We train for 24 epochs with a batch size of 16.", (("epochs", 24, "object detection"),)),
    (IMPL, "CIFAR-10", "We train for 180 epochs with a batch size of 48.", (("epochs", 180, "CIFAR-10"),)),
    (IMPL, "Discriminator", "We train with a learning rate of 0.0004.", (("learning_rate", 0.0004, "discriminator"),)),
    (IMPL, "Semantic segmentation on ADE20K", "We train for 160k iterations with a batch size of 16.", (("steps", 160000, "ADE20K"),)),
    (IMPL, "Machine translation", "The batch size is 128 and the dropout is 0.3.", (("batch_size", 128, "machine translation"),)),
    (IMPL, "Transfer learning", "We train with a batch size of 256.", (("batch_size", 256, "transfer"),)),
]  # fmt: skip

HEADINGS: list[Case] = [
    (("Experiments", "Image classification", "Training details"), "", "We train for 300 epochs with a batch size of 1024.", (("epochs", 300, "image classification"),)),
    (("Experiments", "Object detection on COCO"), "", "We train for 12 epochs with a batch size of 16.", (("epochs", 12, "COCO"),)),
    (("NovaNet for human pose estimation", "Implementation details"), "", "We train for 90k iterations.", (("steps", 90000, "human pose estimation"),)),
    (("Pre-training", "Setup"), "", "We train for 1M steps with a batch size of 256.", (("steps", 1000000, "pre-training"),)),
    (("Appendix", "Fine-tuning details"), "", "We train for 3 epochs with a batch size of 16.", (("epochs", 3, "fine-tuning"),)),
    (("Appendix", "Hyperparameters for language modeling"), "", "We train for 30 epochs with a batch size of 16.", (("epochs", 30, "language modeling"),)),
    (("Experiments", "Speech recognition"), "", "We use Adam with a learning rate of 3e-4.", (("learning_rate", 3e-4, "speech recognition"),)),
    (("Experiments", "Semi-supervised learning"), "", "We train with a batch size of 96.", (("batch_size", 96, "semi-supervised"),)),
    (("Transfer learning", "Details"), "", "We train with a batch size of 96.", (("batch_size", 96, "transfer"),)),
    (("Long context extension",), "", "We train for 1000 steps with a batch size of 480.", (("steps", 1000, "long context extension"),)),
    (("Reward model",), "", "The reward model is trained with a learning rate of 9e-6.", (("learning_rate", 9e-6, "reward"),)),
    (("Experiments", "Linear probing"), "", "We train for 100 epochs with a learning rate of 0.1.", (("epochs", 100, "linear prob"),)),
    (("Image encoder", "Training"), "", "We train for 100 epochs with a learning rate of 0.1.", (("epochs", 100, "image encoder"),)),
    (("Variational autoencoders", "Architecture"), "", "The encoder has 4 layers of width 64.", (("layers", 4, "variational autoencoders encoder"),)),
    (("Experiments", "Ablation studies"), "", "We train for 100 epochs with a batch size of 48.", (("epochs", 100, "ablation"),)),
    (("Training details",), "", "We train for 100 epochs with a batch size of 48.", (("epochs", 100, "main"),)),
    (("Experiments", "Main results"), "", "We train for 100 epochs with a batch size of 48.", (("epochs", 100, "main"),)),
    (("Experimental setup", "Optimization"), "", "We train for 100 epochs with a batch size of 48.", (("epochs", 100, "main"),)),
]  # fmt: skip

CASES = [*TWO_OWNERS, *EXCEPTIONS, *WHOLE_PAPER, *CARRIED_OVER, *RUN_IN, *HEADINGS]
