# ruff: noqa: E501  one case a line
"""Made-up paragraphs of several sentences, as papers of many fields write them; see `scope_cases` for what a case is."""

from __future__ import annotations

from tests.papers.scope_cases import IMPL, Case

SELF_SUPERVISED: list[Case] = [
    (("Method", "Implementation details"), "", "We use the LARS optimizer with a cosine decay schedule. The base learning rate is 0.2, and we use a batch size of 4096. For the linear evaluation, we train a linear classifier with a batch size of 256 and a learning rate of 0.4.", (("batch_size", 256, "linear"), ("learning_rate", 0.4, "linear"))),
    (("Experiments", "Transfer to detection"), "", "We fine-tune all layers on COCO for 24k iterations with a batch size of 16.", (("steps", 24000, "COCO"), ("batch_size", 16, "COCO"))),
    (IMPL, "Architecture", "The projection head is a 3-layer MLP with a hidden dimension of 2048. The prediction head is a 2-layer MLP with a hidden dimension of 512.", (("layers", 3, "projection"), ("layers", 2, "prediction"))),
    (IMPL, "", "The momentum encoder is updated with a momentum of 0.996. The temperature is 0.1 for the student and 0.04 for the teacher.", (("temperature", 0.1, "student"), ("temperature", 0.04, "teacher"))),
    (IMPL, "", "We pre-train ViT-S for 800 epochs and ViT-B for 400 epochs.", (("epochs", 800, "ViT-S"), ("epochs", 400, "ViT-B"))),
    (IMPL, "Fine-tuning on small data sets", "We fine-tune for 1000 steps with a batch size of 512 and no weight decay.", (("steps", 1000, "fine-tuning"), ("batch_size", 512, "fine-tuning"))),
]  # fmt: skip

LANGUAGE: list[Case] = [
    (("Experiments", "Machine translation"), "", "We train on WMT'14 En-De for 100k steps with a dropout of 0.1. On IWSLT we train for 50k steps with a dropout of 0.3.", (("steps", 50000, "IWSLT"), ("dropout", 0.3, "IWSLT"), ("dropout", 0.1, "WMT"))),
    (IMPL, "", "NovaBERT-base has 12 layers, a hidden size of 768 and 12 heads, while NovaBERT-large has 24 layers, a hidden size of 1024 and 16 heads.", (("layers", 12, "NovaBERT-base"), ("layers", 24, "NovaBERT-large"), ("hidden_size", 768, "NovaBERT-base"), ("hidden_size", 1024, "NovaBERT-large"), ("heads", 12, "NovaBERT-base"), ("heads", 16, "NovaBERT-large"))),
    (IMPL, "", "During pre-training, we use a maximum length of 128 for the first 90k steps. During fine-tuning, we use a batch size of 32 and train for 3 epochs.", (("batch_size", 32, "fine-tuning"), ("epochs", 3, "fine-tuning"))),
    (IMPL, "", "We fine-tune on SQuAD for 2 epochs with a learning rate of 3e-5 and on GLUE for 3 epochs with a learning rate of 2e-5.", (("epochs", 2, "SQuAD"), ("learning_rate", 3e-5, "SQuAD"), ("epochs", 3, "GLUE"), ("learning_rate", 2e-5, "GLUE"))),
    (("Experiments", "Summarization", "Setup"), "", "We use a beam size of 4 and a batch size of 64.", (("batch_size", 64, "summarization"),)),
    (("Supervised fine-tuning", "Training"), "", "We train for 2 epochs with a learning rate of 1e-5.", (("epochs", 2, "fine-tuning"),)),
    (IMPL, "", "The reward model is trained for one epoch with a learning rate of 9e-6. The policy is trained with PPO with a learning rate of 1.4e-5.", (("learning_rate", 9e-6, "reward model"), ("learning_rate", 1.4e-5, "policy"))),
    (IMPL, "", "All our models are trained with a batch size of 4M tokens. We use a learning rate of 3e-4 for the 7B model and 1.5e-4 for the 70B model.", (("learning_rate", 3e-4, "7B"), ("learning_rate", 1.5e-4, "70B"))),
    (IMPL, "", "The encoder and the decoder both have 6 layers. The embedding size is 512.", (("embedding_dim", 512, "main"),)),
    (IMPL, "", "We use a vocabulary of 32k for English and 16k for Welsh.", (("vocab_size", 32000, "English"), ("vocab_size", 16000, "Welsh"))),
]  # fmt: skip

CONTROL: list[Case] = [
    (("Experiments", "Atari"), "", "We use 8 actors and a discount of 0.99.", (("discount", 0.99, "Atari"),)),
    (IMPL, "", "The discount is 0.99 for Atari and 0.995 for MuJoCo.", (("discount", 0.99, "Atari"), ("discount", 0.995, "MuJoCo"))),
    (IMPL, "", "We train for 1M steps on Hopper and 3M steps on Humanoid.", (("steps", 1000000, "Hopper"), ("steps", 3000000, "Humanoid"))),
    (IMPL, "", "The actor network and the critic network are trained with learning rates of 1e-4 and 1e-3, respectively.", (("learning_rate", 1e-4, "actor"), ("learning_rate", 1e-3, "critic"))),
    (IMPL, "", "Both the actor and critic use a learning rate of 3e-4. We use a batch size of 256.", (("batch_size", 256, "main"),)),
    (IMPL, "", "Our world model is trained with a batch size of 50. The policy is trained with a batch size of 2500.", (("batch_size", 50, "world model"), ("batch_size", 2500, "policy"))),
    (("Experiments", "Continuous control"), "", "We use a replay buffer of one million and a batch size of 256.", (("batch_size", 256, "continuous control"),)),
    (IMPL, "", "For DQN we use a learning rate of 2.5e-4, and for A2C we use a learning rate of 7e-4.", (("learning_rate", 2.5e-4, "DQN"), ("learning_rate", 7e-4, "A2C"))),
]  # fmt: skip

GENERATIVE: list[Case] = [
    (IMPL, "", "We train the autoencoder for 100k steps with a batch size of 64. The vocoder is trained for 400k steps with a batch size of 256.", (("steps", 100000, "autoencoder"), ("steps", 400000, "vocoder"), ("batch_size", 256, "vocoder"))),
    (IMPL, "", "We train for 500k iterations on CelebA-HQ and for 800k iterations on CIFAR-10. The dropout rate is 0.1 on CIFAR-10 and we set the dropout rate on the other data sets to zero.", (("steps", 500000, "CelebA-HQ"), ("steps", 800000, "CIFAR-10"), ("dropout", 0.1, "CIFAR-10"))),
    (IMPL, "", "The generator uses batch normalization. It is optimized with Adam with a learning rate of 2e-4.", (("learning_rate", 2e-4, "generator"),)),
    (IMPL, "", "We use a batch size of 128 for 32×32 images and 32 for 256×256 images.", (("batch_size", 128, "32x32"), ("batch_size", 32, "256x256"))),
    (("Experiments", "Image super-resolution"), "", "We train for 300k iterations with a batch size of 16.", (("steps", 300000, "super-resolution"),)),
    (IMPL, "", "The VAE is trained with a learning rate of 1e-3, and the flow with a learning rate of 5e-4.", (("learning_rate", 1e-3, "VAE"),)),
]  # fmt: skip

GRAPHS_TABLES_SPEECH: list[Case] = [
    (("Experiments", "Node classification"), "", "For Cora and CiteSeer, we use 64 hidden units; for PubMed, we use 32 hidden units.", (("hidden_units", 64, "Cora CiteSeer"), ("hidden_units", 32, "PubMed"))),
    (IMPL, "", "We use 2 layers for Cora, Citeseer and Pubmed and 3 layers for PPI.", (("layers", 3, "PPI"), ("layers", 2, "Cora Citeseer Pubmed"))),
    (IMPL, "", "On the small data sets (Cora, Citeseer) we use a dropout of 0.5. On the large ones we use a dropout of 0.1.", (("dropout", 0.5, "small"), ("dropout", 0.1, "large"))),
    (IMPL, "", "We train the acoustic model for 30 epochs. The language model has 3 layers and is trained for 10 epochs.", (("epochs", 30, "acoustic model"), ("epochs", 10, "language model"))),
    (("Experiments", "Speech synthesis", "Training setup"), "", "We train for 250k steps with a batch size of 48.", (("steps", 250000, "speech synthesis"),)),
    (IMPL, "", "All data sets use a batch size of 256, except for Higgs, which uses a batch size of 8192.", (("batch_size", 256, "main"), ("batch_size", 8192, "Higgs"))),
    (IMPL, "", "We use a look-back window of 336 and train for 100 epochs. For ILI, we train for 40 epochs.", (("epochs", 40, "ILI"), ("epochs", 100, "main"))),
    (IMPL, "", "User and item embeddings are of size 64. We use a batch size of 2048 on Gowalla and 8192 on Amazon-Book.", (("batch_size", 2048, "Gowalla"), ("batch_size", 8192, "Amazon-Book"))),
    (IMPL, "", "The retriever is trained for 40 epochs. For the reader, we use a batch size of 16 and train for 10 epochs.", (("epochs", 40, "retriever"), ("epochs", 10, "reader"), ("batch_size", 16, "reader"))),
    (IMPL, "", "The text encoder has 12 layers and 8 heads. The image encoder has 24 layers and 16 heads.", (("layers", 12, "text encoder"), ("layers", 24, "image encoder"), ("heads", 8, "text encoder"), ("heads", 16, "image encoder"))),
]  # fmt: skip

SEARCH_AND_COMPRESSION: list[Case] = [
    (("Experiments", "Architecture search"), "", "We train the supernet for 50 epochs with a batch size of 64.", (("epochs", 50, "search"),)),
    (("Experiments", "Architecture evaluation"), "", "We train the network for 600 epochs with a batch size of 96.", (("epochs", 600, "evaluation"),)),
    (IMPL, "", "The controller is trained with a learning rate of 3.5e-4. The child models are trained with a learning rate of 0.05.", (("learning_rate", 3.5e-4, "controller"), ("learning_rate", 0.05, "child"))),
    (IMPL, "", "Distillation runs for 90 epochs with a temperature of 4. Without distillation, we train for 60 epochs.", (("epochs", 90, "distillation"),)),
    (IMPL, "Stage 1", "We train for 30 epochs with a batch size of 256.", (("epochs", 30, "stage 1"),)),
    (IMPL, "Stage 2", "We train for 8 epochs with a batch size of 64.", (("epochs", 8, "stage 2"),)),
    (IMPL, "", "Training has two stages. First, the adapter is trained for 1 epoch. Second, the whole model is trained for 3 epochs.", (("epochs", 1, "adapter"),)),
    (IMPL, "", "We warm up for 5 epochs. After pruning, we retrain for 40 epochs with a learning rate of 0.001.", (("epochs", 40, "main"),)),
]  # fmt: skip

WHOLE: list[Case] = [
    (IMPL, "", "We evaluate on CIFAR-10, CIFAR-100 and SVHN. We use SGD with a batch size of 128 and train for 200 epochs.", (("batch_size", 128, "main"), ("epochs", 200, "main"))),
    (IMPL, "", "Our baselines are GPT-2 and Transformer-XL. All models are trained for 100k steps.", (("steps", 100000, "main"),)),
    (IMPL, "", "The backbone is a ResNet-50 pre-trained on ImageNet. The batch size is 16 and we train for 90k iterations.", (("batch_size", 16, "main"), ("steps", 90000, "main"))),
    (IMPL, "", "Code is based on Detectron2. We follow the 3x schedule of Mask R-CNN. The learning rate is 0.02.", (("learning_rate", 0.02, "main"),)),
    (IMPL, "", "We use the tokenizer of GPT-2 with a vocabulary size of 50257.", (("vocab_size", 50257, "main"),)),
    (IMPL, "", "To compare with DeepWalk, we use an embedding size of 128.", (("embedding_dim", 128, "main"),)),
    (IMPL, "", "Each experiment is repeated 5 times on a V100. A batch size of 64 is used everywhere.", (("batch_size", 64, "main"),)),
    (IMPL, "", "We adopt the architecture of Graph-U-Net and set the dropout to 0.3 and the number of layers to 4.", (("dropout", 0.3, "main"), ("layers", 4, "main"))),
    (IMPL, "", "Unlike SimCLR, we use a batch size of 256, because MoCo needs no large batches.", (("batch_size", 256, "main"),)),
    (IMPL, "", "Hyper-parameters were tuned on the validation set of QNLI. We use a learning rate of 2e-5 in all runs.", (("learning_rate", 2e-5, "main"),)),
]  # fmt: skip

WIDER: list[Case] = [
    (IMPL, "", "We train for six epochs on HAREM and ten epochs on CoNLL-2002.", (("epochs", 6, "HAREM"), ("epochs", 10, "CoNLL-2002"))),
    (IMPL, "", "The maximum number of epochs is six for Lantern and sixteen for Harbour.", (("epochs", 6, "Lantern"), ("epochs", 16, "Harbour"))),
    (IMPL, "", "We train for 3 epochs and test the model on the development set of STS-B after each of them.", (("epochs", 3, "main"),)),
    (IMPL, "", "We start from VGG16, which is pre-trained on ImageNet, and train it with a batch size of 24.", (("batch_size", 24, "VGG16"),)),
    (IMPL, "", "On VGGSound, the batch size is 16. For Lantern and Harbour datasets, the batch size is 32.", (("batch_size", 16, "VGGSound"), ("batch_size", 32, "Lantern and Harbour"))),
    (IMPL, "", "We use a learning rate of 0.001 for 50k iterations, then continue for 10k iterations with 0.0001.", (("learning_rate", 0.001, "main"), ("steps", 50000, "main"))),
    (IMPL, "", "However, for the Lantern dataset, we use a batch size of 48, and for ImageNet, it is increased to 96.", (("batch_size", 48, "Lantern"), ("batch_size", 96, "ImageNet"))),
    (IMPL, "", "The optimizers of LR and FM are FTRL and Adam respectively.", (("optimizer", "FTRL", "LR"), ("optimizer", "Adam", "FM"))),
    (IMPL, "", "We use FTRL with L1 regularization for the wide part and AdaGrad for the deep part of the network.", (("optimizer", "FTRL", "wide part"), ("optimizer", "Adagrad", "deep part"))),
    (IMPL, "", "For supervised NovaNet, we train for 3 epochs. We do the same for unsupervised NovaNet, except that we train for one epoch.", (("epochs", 3, "supervised NovaNet"), ("epochs", 1, "unsupervised NovaNet"))),
    (IMPL, "", "Regarding learning rates, the tuner uses 4e-6 for Nova3.1-8B and 2e-7 for Lantern-13B.", (("learning_rate", 4e-6, "Nova3.1-8B"), ("learning_rate", 2e-7, "Lantern-13B"))),
    (IMPL, "", "VOC 07+12: 60k iterations; COCO: 240k iterations.", (("steps", 60000, "07+12"), ("steps", 240000, "COCO"))),
    (IMPL, "", "We apply dropout of 0.2 to the embeddings, 0.3 to the RNN outputs and 0.5 between the layers.", (("dropout", 0.2, "embeddings"), ("dropout", 0.3, "RNN outputs"), ("dropout", 0.5, "layers"))),
    (IMPL, "", "We use dropout on the embedding layer (0.4), the LSTM layer (0.3) and the output (0.5).", (("dropout", 0.4, "embedding"), ("dropout", 0.3, "LSTM"), ("dropout", 0.5, "output"))),
    (IMPL, "", "The embedding dropout is 0.1, the RNN dropout is 0.25 and the layer dropout is 0.4.", (("dropout", 0.1, "embedding"), ("dropout", 0.25, "RNN"), ("dropout", 0.4, "layer"))),
    (IMPL, "", "We set the learning rate to 6e-4 for both the pre-training and fine-tuning stages.", (("learning_rate", 6e-4, "main"),)),
    (("Experiments", "Image captioning"), "", "Our model has 20 layers in the encoder and 10 layers in the decoder.", (("layers", 20, "Image captioning encoder"), ("layers", 10, "Image captioning decoder"))),
    (IMPL, "", "In the corridor problems, we used a batch size of 24; in the maze, we used a batch size of 48.", (("batch_size", 24, "corridor"), ("batch_size", 48, "maze"))),
    (IMPL, "", "We use a batch size of 4 and 2 for 1-shot and 5-shot training respectively.", (("batch_size", 4, "1-shot"), ("batch_size", 2, "5-shot"))),
    (IMPL, "", "We apply a weight decay of 0.07, which we found to be useful for image classification.", (("weight_decay", 0.07, "main"),)),
    (IMPL, "", "The network is a Transformer with 3 layers, a model dimension of 96 and 6 heads.", (("hidden_size", 96, "main"), ("heads", 6, "main"))),
    (IMPL, "", "Training runs for 10 epochs on ImageNet and 60 epochs on CIFAR-100 (extended to rule out doubts).", (("epochs", 10, "ImageNet"), ("epochs", 60, "CIFAR-100"))),
    (IMPL, "", "We use the initial learning rates of 1e-4 for the backbone and 1e-3 for the head, with a minimum learning rate of 1e-6 for both.", (("learning_rate", 1e-4, "backbone"), ("learning_rate", 1e-3, "head"))),
    (IMPL, "", "The batch size is 24 for SQuADv1.1 and 32 for Harbour 5.0 data.", (("batch_size", 24, "SQuADv1.1"), ("batch_size", 32, "Harbour 5.0"))),
    (IMPL, "", "For PPO training, the learning rates for the actor and critic are set to 5e-7 and 9e-6, respectively.", (("learning_rate", 5e-7, "actor"), ("learning_rate", 9e-6, "critic"))),
    (IMPL, "", "For MovieLens, the embedding dimension is set to 96. For Lantern, the embedding dimension is 480.", (("embedding_dim", 96, "MovieLens"), ("embedding_dim", 480, "Lantern"))),
    (IMPL, "", "The encoder has 6 layers and 12 attention heads, the decoder has 3 layers and 4 attention heads.", (("heads", 12, "encoder"), ("heads", 4, "decoder"))),
    (IMPL, "", "Both the actor and the critic have two hidden layers of 72 units; the actor's learning rate is 1e-4 and the critic's is 3e-4.", (("hidden_units", 72, "main"), ("learning_rate", 1e-4, "actor"), ("learning_rate", 3e-4, "critic"))),
    (IMPL, "", "We optimize with a learning rate of 5e-5 (Nova-base) or 1e-5 (Nova-large) and a batch size of 24.", (("learning_rate", 5e-5, "Nova-base"), ("learning_rate", 1e-5, "Nova-large"), ("batch_size", 24, "main"))),
    (IMPL, "", "Each task uses a maximum sequence length of 96, except SQuAD (384) and RACE (192).", (("max_seq_len", 384, "SQuAD"), ("max_seq_len", 192, "RACE"))),
    (IMPL, "", "All experiments use a batch size of 48 except for Reddit, where we use 480.", (("batch_size", 480, "Reddit"),)),
    (IMPL, "", "The learning rate is 1e-3 unless otherwise stated; for the Walker task we use 3e-4.", (("learning_rate", 3e-4, "Walker"),)),
    (IMPL, "", "The batch size is set to 1024 for ImageNet pre-training and 24 for COCO fine-tuning.", (("batch_size", 1024, "ImageNet pre-training"), ("batch_size", 24, "COCO fine-tuning"))),
    (IMPL, "", "We use learning rates of 1e-4 and 4e-4 for the generator and the discriminator.", (("learning_rate", 1e-4, "generator"), ("learning_rate", 4e-4, "discriminator"))),
    (IMPL, "", "The world model is trained with a learning rate of 1e-4, the actor with 3e-5.", (("learning_rate", 1e-4, "world model"), ("learning_rate", 3e-5, "actor"))),
    (IMPL, "", "We train for 3 epochs on MNLI, QQP and QNLI, and 10 epochs on RTE, MRPC and STS-B.", (("epochs", 3, "MNLI, QQP and QNLI"), ("epochs", 10, "RTE, MRPC and STS-B"))),
]  # fmt: skip

LISTED: list[Case] = [
    (IMPL, "", "The forecaster has 3 encoder layers, d_model=128, 16 heads, d_ff=256, and a dropout of 0.2.", (("layers", 3, "main"), ("hidden_size", 128, "main"), ("heads", 16, "main"), ("ffn_size", 256, "main"))),
    (IMPL, "", "PPO is run with 8 parallel environments, a rollout length of 128, 4 epochs per update, and a clip range of 0.1.", (("num_actors", 8, "main"), ("horizon", 128, "main"), ("clip", 0.1, "main"))),
    (IMPL, "", "For CIFAR-10 we trained 800k steps; for LSUN and CelebA-HQ, 0.5M and 1.2M steps.", (("steps", 800000, "CIFAR-10"), ("steps", 500000, "LSUN"), ("steps", 1200000, "CelebA-HQ"))),
    (IMPL, "", "The reader is trained for 40 epochs on SQuAD, and 100 epochs on TREC and NovaQA, with Adam at a learning rate of 1e-5.", (("epochs", 40, "SQuAD"), ("epochs", 100, "TREC NovaQA"), ("learning_rate", 1e-5, "main"))),
    (IMPL, "", "We train for 1M steps on Hopper and 3M steps on Humanoid, averaging over 5 seeds.", (("steps", 1000000, "Hopper"), ("steps", 3000000, "Humanoid"), ("seeds", 5, "main"))),
    (IMPL, "", "We denote the number of layers as L, the hidden size as H, and the number of heads as A, and report NOVABASE (L=12, H=768, A=12) and NOVALARGE (L=24, H=1024, A=16). The feed-forward size is 4H, i.e., 3072 for the H = 768 and 4096 for the H = 1024.", (("hidden_size", 768, "NOVABASE"), ("hidden_size", 1024, "NOVALARGE"), ("ffn_size", 3072, "768"), ("ffn_size", 4096, "1024"))),
    (IMPL, "", "The rate is decayed by 0.96 every 10 epochs, for a total of 100 epochs.", (("epochs", 100, "main"),)),
    (IMPL, "", "Learning rate warms up for 24,000 steps (30,000 for LARGE). We train for 90 epochs on ImageNet (200 for CIFAR-10).", (("warmup_steps", 24000, "main"), ("warmup_steps", 30000, "LARGE"), ("epochs", 90, "ImageNet"), ("epochs", 200, "CIFAR-10"))),
    (IMPL, "", "We train for 800 epochs on ImageNet (200 for ablations) with an initial learning rate of 0.03. For linear classification, we train 100 epochs with lr 30.", (("epochs", 800, "ImageNet"), ("learning_rate", 0.03, "ImageNet"))),
    (IMPL, "", "The initial learning rate is 2e-4 and halved at 250k, 400k, 450k, 475k iterations.", (("lr_schedule", "step decay: halved at 250k, 400k, 450k, 475k iterations", "main"),)),
    (IMPL, "", "We search the embedding dimension k ∈ {500, 1000} and the batch size b ∈ {512, 1024}. The best are k = 1000, b = 1024 and γ = 9 on FB15k-237, and k = 500, b = 512 and γ = 6 on WN18RR.", (("embedding_dim", 1000, "FB15k-237"), ("embedding_dim", 500, "WN18RR"), ("batch_size", 1024, "FB15k-237"), ("batch_size", 512, "WN18RR"))),
    (IMPL, "", "We train for 1 million gradient steps with a batch size of 256. Temperatures of 3.0 are used for walking; 10.0 for AntMaze. All networks have 256 hidden units.", (("batch_size", 256, "main"), ("hidden_units", 256, "main"), ("steps", 1000000, "main"))),
    (IMPL, "", "For SASRec we use a dropout of 0.2 for MovieLens-1M and 0.5 for NovaShop. All models are optimized by Adam with a learning rate of 0.001.", (("dropout", 0.2, "MovieLens-1M"), ("dropout", 0.5, "NovaShop"), ("learning_rate", 0.001, "main"))),
    (IMPL, "", "For IWSLT14 De-En we use 6 layers. The vocabulary has 10K types for IWSLT14 De-En and 32K for WMT14 En-De. Label smoothing is 0.1.", (("layers", 6, "IWSLT14"), ("label_smoothing", 0.1, "main"))),
    (IMPL, "", "SGD uses lr 0.1 and Adam uses lr 0.001.", (("learning_rate", 0.1, "SGD"), ("learning_rate", 0.001, "Adam"))),
    (IMPL, "", "We use 300-dimensional GloVe vectors and a mini-batch size of 50.", (("embedding_dim", 300, "main"), ("batch_size", 50, "main"))),
    (IMPL, "", "The inner learning rate is 0.01, with an outer learning rate 0.001, 5 inner steps and 64 filters.", (("learning_rate", 0.001, "outer"),)),
    (IMPL, "", "We use early stopping with a patience of 200 for all datasets apart from Chameleon and Squirrel, for which we use a patience of 400.", (("early_stopping", "patience of 200", "main"), ("early_stopping", "patience of 400", "Chameleon, Squirrel"))),
    (IMPL, "", "Networks are trained on crops of 512 for Cityscapes and 640 for ADE20K with batch sizes of 8 and 16, for 90k and 160k iterations, respectively.", (("batch_size", 8, "Cityscapes"), ("batch_size", 16, "ADE20K"), ("steps", 90000, "Cityscapes"), ("steps", 160000, "ADE20K"))),
    (IMPL, "", "We train for 200 epochs with a batch size of 512. Dropout of 0.1 and weight decay of 1e-5 are used for ZINC; for the others there is none.", (("epochs", 200, "main"), ("batch_size", 512, "main"), ("weight_decay", 1e-5, "ZINC"))),
    (IMPL, "", "All models train for 1,000 epochs with early stopping of 50 epochs.", (("epochs", 1000, "main"), ("early_stopping", "patience of 50", "main"))),
    (IMPL, "", "We use AdamW with betas (0.9, 0.95), epsilon 1e-8, and gradient clipping at 1.0.", (("adam_eps", 1e-8, "main"), ("grad_clip", 1, "main"))),
    (IMPL, "", "The MLP has a width of 64 to 1024 and dropout from 0 to 0.5.", (("hidden_size", "64 to 1024", "MLP"), ("dropout", "0 to 0.5", "MLP"))),
]  # fmt: skip

LONGER = [
    *SELF_SUPERVISED,
    *LANGUAGE,
    *CONTROL,
    *GENERATIVE,
    *GRAPHS_TABLES_SPEECH,
    *SEARCH_AND_COMPRESSION,
    *WHOLE,
    *WIDER,
    *LISTED,
]
