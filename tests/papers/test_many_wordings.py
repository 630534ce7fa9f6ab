# ruff: noqa: E501  one case a line
"""Settings as papers of many fields word them: told by what is done, in lists, and as labels of tables. All sentences are ours."""

import pytest

from intern.papers.cells import read_cell
from intern.papers.labels import canonical
from intern.papers.model import Box, Document, Paragraph, Section
from intern.papers.numbers import parse_number
from intern.papers.setup import extract

CASES = [
    ('All parameters are updated with the Adam optimiser, using a learning rate of 2 × 10^-4.', {'optimizer': 'Adam', 'learning_rate': 0.0002}),
    ('Optimization is done with Adam (lr 1e-3).', {'optimizer': 'Adam', 'learning_rate': 0.001}),
    ('Learning rates for the generator and the discriminator are 1e-4 and 4e-4, respectively.', {'learning_rate': (0.0001, 0.0004)}),
    ('We start with a learning rate of 0.1, which is divided by ten after 30 and 60 epochs; training ends after 90 epochs.', {'learning_rate': 0.1, 'epochs': 90, 'lr_schedule': 'div'}),
    ('For fine-tuning, we sweep over learning rates {1e-5, 2e-5, 3e-5} and batch sizes {16, 32}.', {'learning_rate': '1e-5, 2e-5, 3e-5', 'batch_size': '16, 32'}),
    ('AdamW is run with a peak learning rate of 6e-4, linearly warmed up over 2000 steps and then decayed to 6e-5 following a cosine.', {'optimizer': 'AdamW', 'learning_rate': 0.0006, 'warmup_steps': 2000, 'lr_schedule': 'cosine'}),
    ('The learning rate was linearly annealed from 2.5e-4 to zero over the course of training.', {'learning_rate': 0.00025, 'lr_schedule': 'linear'}),
    ('We use Adafactor with a constant learning rate of 0.001.', {'optimizer': 'Adafactor', 'learning_rate': 0.001, 'lr_schedule': 'constant'}),
    ('The step size is initialised at 0.05 and decayed exponentially with rate 0.96 every 1,000 updates.', {'learning_rate': 0.05, 'lr_decay_factor': 0.96}),
    ('The policy and value networks are optimised with learning rates of 3e-4 and 1e-3.', {'learning_rate': (0.0003, 0.001)}),
    ('Optimizer: RMSProp, decay 0.99, learning rate 7e-4, epsilon 1e-5.', {'optimizer': 'RMSProp', 'rmsprop_decay': 0.99, 'learning_rate': 0.0007}),
    ('RMSProp was run with momentum of 0.0, ε of 0.01 and decay of 0.99.', {'optimizer': 'RMSProp', 'momentum': 0.0, 'rmsprop_decay': 0.99}),
    ('We train with LAMB, a base learning rate of 0.005 and a global batch of 4096.', {'optimizer': 'LAMB', 'learning_rate': 0.005, 'batch_size': 4096}),
    ('The model was trained by plain SGD, with lr = 0.5 and no momentum.', {'optimizer': 'SGD', 'learning_rate': 0.5, 'momentum': 0}),
    ('The learning rate is 10^-3 for the first 20 epochs and 10^-4 for the remaining 10.', {'learning_rate': 0.001}),
    ('Initial learning rate: 0.01.', {'learning_rate': 0.01}),
    ('We found 5e-5 to be the best learning rate.', {'learning_rate': 5e-05}),
    ('We set the learning rate to 5e-4 for the backbone and 5e-3 for the head.', {'learning_rate': (0.0005, 0.005)}),
    ('An lr of 0.002 worked well for every data set.', {'learning_rate': 0.002}),
    ('We use the Adam optimizer with a learning rate that we linearly increase to 1e-3 over the first 10k steps and decay with the inverse square root of the step number.', {'optimizer': 'Adam', 'learning_rate': 0.001, 'warmup_steps': 10000, 'lr_schedule': 'inverse'}),
    ('The learning rate follows a triangular schedule with a maximum of 0.4.', {'learning_rate': 0.4}),
    ('The learning rate is reduced by a factor of 0.1 when the validation AUC plateaus.', {'lr_decay_factor': 0.1, 'lr_schedule': ''}),
    ('A step-wise decay with γ = 0.1 at epochs 60 and 80 is used for the learning rate.', {'lr_decay_factor': 0.1, 'lr_schedule': ''}),
    ('The learning rate is decayed by 0.5 every 50 epochs.', {'lr_decay_factor': 0.5, 'lr_schedule': ''}),
    ('We use exponential learning rate decay with a factor of 0.999 per epoch.', {'lr_decay_factor': 0.999}),
    ('We adopt the OneCycle learning rate policy.', {'lr_schedule': 'cycle'}),
    ('A polynomial learning rate decay with power 0.9 is applied.', {'lr_schedule': 'poly'}),
    ('The learning rate is kept constant throughout training.', {'lr_schedule': 'constant'}),
    ('Cosine learning rate decay is employed without restarts.', {'lr_schedule': 'cosine'}),
    ('After warm-up, the learning rate decays linearly to 0.', {'lr_schedule': 'linear'}),
    ('We use a warmup-stable-decay schedule for the learning rate.', {'lr_schedule': 'stable'}),
    ('Warm-up lasts 4,000 updates.', {'warmup_steps': 4000}),
    ('The learning rate is linearly warmed up during the first 5% of training.', {'warmup_ratio': 0.05}),
    ('We warm up over the first 10% of steps.', {'warmup_ratio': 0.1}),
    ('We linearly increase the learning rate for 500 iterations.', {'warmup_steps': 500}),
    ('The number of warm-up iterations is set to 1500.', {'warmup_steps': 1500}),
    ('There is a linear warmup of the learning rate for 2 thousand steps.', {'warmup_steps': 2000}),
    ('The learning rate reaches its peak of 5e-4 after 8,000 steps of warm-up.', {'learning_rate': 0.0005, 'warmup_steps': 8000}),
    ('The warm-up proportion is 0.1.', {'warmup_ratio': 0.1}),
    ('Stochastic gradient descent with a momentum parameter of 0.9 and Nesterov acceleration is used.', {'optimizer': 'SGD', 'momentum': 0.9}),
    ('SGD with 0.95 momentum minimises the loss.', {'momentum': 0.95, 'optimizer': 'SGD'}),
    ('SGD (momentum 0.9, weight decay 5e-4) is used.', {'momentum': 0.9, 'weight_decay': 0.0005}),
    ('We use Adam with β1 = 0, β2 = 0.99.', {'adam_beta2': 0.99}),
    ("Adam's β's are set to 0.9 and 0.98, and its ε to 1e-9.", {'adam_beta1': 0.9, 'adam_beta2': 0.98, 'adam_eps': 1e-09}),
    ('AdamW with betas (0.9, 0.999) and epsilon 1e-8 is our optimizer.', {'adam_beta1': 0.9, 'adam_beta2': 0.999, 'adam_eps': 1e-08}),
    ('We use Adam (β1 = 0.9, β2 = 0.999, ε = 1e-6).', {'adam_beta1': 0.9, 'adam_beta2': 0.999, 'adam_eps': 1e-06}),
    ('Adam hyperparameters β1, β2 and ε are 0.9, 0.95 and 10^-5.', {'adam_beta1': 0.9, 'adam_beta2': 0.95, 'adam_eps': 1e-05}),
    ('We lower β2 of Adam to 0.95.', {'adam_beta2': 0.95}),
    ('The first and second moment coefficients of Adam are 0.5 and 0.999.', {'adam_beta1': 0.5, 'adam_beta2': 0.999}),
    ('We use the Adam optimizer with a momentum term β1 of 0.5.', {'adam_beta1': 0.5}),
    ('The optimizer is Adam with beta1 = 0.9, beta2 = 0.99 and eps = 1e-7.', {'adam_beta1': 0.9, 'adam_beta2': 0.99, 'adam_eps': 1e-07}),
    ('Adadelta is used with ρ = 0.9 and ε = 1e-8.', {'adadelta_rho': 0.9, 'adadelta_eps': 1e-08}),
    ('Training was done with Adadelta, decay rate 0.95.', {'optimizer': 'Adadelta', 'adadelta_rho': 0.95}),
    ('Parameters were updated by Adadelta (rho of 0.95, epsilon of 1e-6).', {'optimizer': 'Adadelta', 'adadelta_rho': 0.95, 'adadelta_eps': 1e-06}),
    ('RMSProp with a smoothing constant of 0.9 is our optimiser.', {'rmsprop_decay': 0.9}),
    ('The squared-gradient average of RMSProp decays at 0.95.', {'rmsprop_decay': 0.95}),
    ('SGDR is used with T_0 = 10 and T_mult = 2.', {'T_0': 10, 'T_mult': 2}),
    ('Gradients are clipped to a maximum norm of 1.', {'grad_clip': 1}),
    ('The global gradient norm is capped at 40.', {'grad_clip': 40}),
    ('We clip gradients at 5.0.', {'grad_clip': 5}),
    ('Gradients were clipped to lie in [-1, 1].', {'grad_clip': 1}),
    ('We use max grad norm 0.5.', {'grad_clip': 0.5}),
    ('We apply gradient norm clipping with threshold 0.25.', {'grad_clip': 0.25}),
    ('Gradients whose norm exceeds 10 are rescaled.', {'grad_clip': 10}),
    ('We clip the gradients by value at 0.01.', {'grad_clip': 0.01}),
    ('Gradient clipping (max norm 1.0) is used throughout.', {'grad_clip': 1}),
    ('The gradient is clipped when its L2 norm is above 3.', {'grad_clip': 3}),
    ('Each batch has 256 images.', {'batch_size': 256}),
    ('We train on batches of 64 graphs.', {'batch_size': 64}),
    ('Batches comprise roughly 25,000 source and target tokens.', {'batch_size': 25000}),
    ('Batch size is 8 per GPU on 8 GPUs, i.e. an effective batch size of 64.', {'batch_size': 64}),
    ('We use 8 GPUs with 2 images each, for a total batch of 16 images.', {'batch_size': 16}),
    ('Training uses a total batch size of 1 million tokens.', {'batch_size': 1000000.0}),
    ('We process 2^14 tokens per batch.', {'batch_size': 16384}),
    ('32 sequences per batch are used.', {'batch_size': 32}),
    ('Every update uses 1024 contrastive pairs.', {'batch_size': 1024}),
    ('The batch size was doubled to 512 for the large model.', {'batch_size': 512}),
    ('We use a batch size of sixteen.', {'batch_size': 16}),
    ('The per-device batch size is 4 with 8 gradient accumulation steps, which makes an effective batch of 32.', {'batch_size': 32}),
    ('We use a local batch size of 10 and 5 local epochs.', {'batch_size': 10, 'epochs': 5}),
    ('Stochastic updates were computed from 100 examples at a time.', {'batch_size': 100}),
    ('Each optimization step sees 4,096 images.', {'batch_size': 4096}),
    ('Training runs for half a million steps.', {'steps': 500000}),
    ('We train for 1M gradient steps.', {'steps': 1000000}),
    ('We pre-train for 125K steps.', {'steps': 125000}),
    ('The networks were trained for 60,000 iterations.', {'steps': 60000}),
    ('Training stops after 20000 steps.', {'steps': 20000}),
    ('All models see 200k optimizer updates.', {'steps': 200000}),
    ('We train for a single epoch.', {'epochs': 1}),
    ('Models are trained for three epochs over the instruction data.', {'epochs': 3}),
    ('Fine-tuning takes 3 epochs.', {'epochs': 3}),
    ('All models were trained up to 100 epochs.', {'epochs': 100}),
    ('Training proceeds for at most 50 epochs.', {'epochs': 50}),
    ('We trained 25 epochs in all.', {'epochs': 25}),
    ('The max number of epochs is 200.', {'epochs': 200}),
    ('We run 10 epochs of training.', {'epochs': 10}),
    ('We pre-train for 800 epochs and fine-tune for 100 epochs.', {'epochs': (800, 100)}),
    ('Training for 36 epochs took two days.', {'epochs': 36}),
    ('Each client performs 5 local epochs per round.', {'epochs': 5}),
    ('The number of epochs for pre-training and fine-tuning are 20 and 5.', {'epochs': (20, 5)}),
    ('The model converged after 12 epochs of training.', {'epochs': 12}),
    ('We stop training if the development F1 does not improve for 10 consecutive epochs.', {'early_stopping': ''}),
    ('Early stopping with a patience of 20 epochs on the validation loss is used.', {'early_stopping': '20'}),
    ('The best model on the dev set is kept.', {'early_stopping': ''}),
    ('We report numbers of the checkpoint with the lowest validation loss.', {'early_stopping': ''}),
    ('All figures are averages of five runs.', {'seeds': 5}),
    ('We report the mean of 3 runs with different seeds.', {'seeds': 3}),
    ('Shaded regions are standard deviations over 5 random seeds.', {'seeds': 5}),
    ('We ran every experiment ten times and report the average.', {'seeds': 10}),
    ('Results are the mean ± std of 10 independent trials.', {'seeds': 10}),
    ('The results of 4 random restarts are averaged.', {'seeds': 4}),
    ('We average test accuracy over 100 runs with random weight initializations.', {'seeds': 100}),
    ('Dropout is set to 0.3 in all layers.', {'dropout': 0.3}),
    ('A dropout rate of 50% is used in the classifier.', {'dropout': 0.5}),
    ('Dropout is applied after each hidden layer (p = 0.2).', {'dropout': 0.2}),
    ('We drop hidden units with probability 0.5.', {'dropout': 0.5}),
    ('The attention and residual dropouts are both 0.1.', {'dropout': 0.1}),
    ('No dropout was used.', {'dropout': 0}),
    ('Input features are dropped out at a rate of 0.6.', {'dropout': 0.6}),
    ('We use dropout of 0.2 on the embeddings and of 0.5 on the LSTM outputs.', {'dropout': (0.2, 0.5)}),
    ('The dropout probability is chosen from {0.1, 0.2, 0.3}.', {'dropout': '0.1, 0.2, 0.3'}),
    ('DropConnect of 0.5 is applied to the hidden-to-hidden matrices.', {'weight_dropout': 0.5}),
    ('A recurrent dropout of 0.25 is applied to the LSTM.', {'weight_dropout': 0.25}),
    ('Stochastic depth with rate 0.1 regularises the deeper models.', {'drop_connect': 0.1}),
    ('We use a drop path rate of 0.2.', {'drop_connect': 0.2}),
    ('Residual branches are dropped with a probability of 0.3.', {'drop_connect': 0.3}),
    ('LayerDrop is set to 0.05.', {'drop_connect': 0.05}),
    ('Weight decay is 0.05.', {'weight_decay': 0.05}),
    ('We use an L2 penalty of 1e-6.', {'weight_decay': 1e-06}),
    ('L2 regularisation with λ = 0.0005 is applied to the weights.', {'weight_decay': 0.0005}),
    ('We set wd to 0.01.', {'weight_decay': 0.01}),
    ("The weights' norms are constrained to be at most 3.", {'l2_constraint': 3}),
    ('A max-norm constraint with c = 2 is imposed on every weight vector.', {'l2_constraint': 2}),
    ('We use a label smoothing of 0.1.', {'label_smoothing': 0.1}),
    ('Targets are smoothed by 0.1.', {'label_smoothing': 0.1}),
    ('We do not use label smoothing.', {'label_smoothing': 0}),
    ('The running averages of batch normalization use a momentum of 0.99.', {'bn_momentum': 0.99}),
    ('BN layers have a decay of 0.9.', {'bn_momentum': 0.9}),
    ('We set the momentum of batch normalization to 0.03.', {'bn_momentum': 0.03}),
    ('We start from BERT-base.', {'base_model': 'BERT'}),
    ('The encoder is a RoBERTa-large model.', {'base_model': 'RoBERTa'}),
    ('We fine-tune Llama 2 7B.', {'base_model': 'Llama'}),
    ('A ResNet-50 pretrained on ImageNet serves as the backbone.', {'base_model': 'ResNet-50'}),
    ('We initialise the encoder from wav2vec 2.0 LARGE.', {'base_model': 'wav2vec'}),
    ('Our backbone is Swin-T.', {'base_model': 'Swin'}),
    ('The language model is Vicuna-7B.', {'base_model': 'Vicuna'}),
    ('Features come from a VGG16 network.', {'base_model': 'VGG'}),
    ('T5-base is used as the base model.', {'base_model': 'T5'}),
    ('We build on Mistral 7B Instruct.', {'base_model': 'Mistral'}),
    ('We use two independent BERT networks (base, uncased) as the encoders.', {'base_model': 'BERT'}),
    ('All experiments use the pretrained GPT-2 medium.', {'base_model': 'GPT-2'}),
    ('Weights are initialized from ImageNet-pretrained EfficientNet-B4.', {'base_model': 'EfficientNet'}),
    ('The network has 4 hidden layers with 512 units each.', {'layers': 4, 'hidden_units': 512}),
    ('Our transformer has L = 24 layers.', {'layers': 24}),
    ('The encoder and decoder each have 6 layers.', {'layers': 6}),
    ('The depth of the network is 110.', {'layers': 110}),
    ('Two stacked LSTM layers of 1500 units are used.', {'layers': 2, 'hidden_units': 1500}),
    ('A three-layer MLP with 256 hidden units and ReLU activations is used for the policy.', {'layers': 3, 'hidden_units': 256, 'activation': 'ReLU'}),
    ('The hidden dimension is 128.', {'hidden_size': 128}),
    ('The LSTM state has 1024 dimensions.', {'hidden_size': 1024}),
    ('A GRU with 300 cells encodes the question.', {'hidden_units': 300}),
    ('All hidden representations have 64 dimensions.', {'hidden_size': 64}),
    ('The feed-forward layers have 4096 units.', {'ffn_size': 4096}),
    ('The FFN has an inner width of 4 × 512 = 2048.', {'ffn_size': 2048}),
    ('The number of heads is 4.', {'heads': 4}),
    ('Words are embedded in 300 dimensions.', {'embedding_dim': 300}),
    ('300-dimensional GloVe vectors initialise the word embeddings.', {'embedding_dim': 300}),
    ('The embedding size for users and items is 64.', {'embedding_dim': 64}),
    ('Each character is mapped to an 8-dimensional embedding.', {'embedding_dim': 8}),
    ('Entities and relations are embedded in d = 200 dimensions.', {'embedding_dim': 200}),
    ('We set the dimensionality of word vectors to 100.', {'embedding_dim': 100}),
    ('The vocabulary has 50,257 tokens.', {'vocab_size': 50257}),
    ('We use SentencePiece with a 32k vocabulary.', {'vocab_size': 32000}),
    ('The output alphabet has 29 characters.', {'vocab_size': 29}),
    ('Documents are truncated to 512 tokens.', {'max_seq_len': 512}),
    ('The context window is 4K.', {'max_seq_len': 4000}),
    ('We cut articles after 400 tokens.', {'max_seq_len': 400}),
    ('Only the last 200 items of a session are kept as input.', {'max_seq_len': 200}),
    ('We limit the input to 384 subword tokens.', {'max_seq_len': 384}),
    ('The first convolution has 32 filters and the second 64.', {'filters': '32, 64'}),
    ('Filter widths are 3, 4 and 5 with 100 feature maps each.', {'filter_sizes': '3, 4, 5', 'feature_maps': 100}),
    ('A maxout hidden layer with 500 units follows.', {'maxout_units': 500}),
    ('The hidden layers use GELU activations.', {'activation': 'GELU'}),
    ('ReLU is used as the activation function.', {'activation': 'ReLU'}),
    ('We use SwiGLU in the feed-forward layers.', {'activation': 'SwiGLU'}),
    ('Images are resized to 224 × 224.', {'input_shape': '224'}),
    ('Inputs are 32x32 RGB images.', {'input_shape': '32x32'}),
    ('The input is an 84 × 84 × 4 stack of frames.', {'input_shape': '84x84'}),
    ('A bag-of-words of 50,000 words is the input.', {'bow_features': 50000}),
    ('The rank of the adapters is 64.', {'lora_rank': 64}),
    ('We set the LoRA rank to 128 and its scaling factor to 256.', {'lora_rank': 128, 'lora_alpha': 256}),
    ('The softmax temperature is 0.07.', {'temperature': 0.07}),
    ('We sample with temperature 0.8 and top-p 0.95.', {'temperature': 0.8}),
    ('Soft targets are computed at T = 2, where T is the temperature.', {'temperature': 2}),
    ('The cross-entropy with the true labels has weight 0.5 against the distillation loss.', {'hard_target_weight': 0.5}),
    ('We weight the ground-truth loss by 0.2 in distillation.', {'hard_target_weight': 0.2}),
    ("The auxiliary classifier's loss is weighted by 0.3.", {'aux_loss_weight': 0.3}),
    ('We multiply the auxiliary loss by 0.01.', {'aux_loss_weight': 0.01}),
    ('The training set has 50,000 images.', {'train_examples': 50000}),
    ('Our corpus has 4.5M sentence pairs for training.', {'train_examples': 4500000}),
    ('Truncated backpropagation through time over 35 steps is used.', {'bptt': 35}),
    ('The network is unrolled for 20 steps.', {'bptt': 20}),
    ('We use beam search with 4 hypotheses.', {'beam_size': 4}),
    ('A beam of size 12 is used at test time.', {'beam_size': 12}),
    ('The discount factor γ is 0.995.', {'discount': 0.995}),
    ('We use a discounting of 0.97.', {'discount': 0.97}),
    ('The GAE parameter is 0.97.', {'gae_lambda': 0.97}),
    ("PPO's clip parameter is 0.1.", {'clip': 0.1}),
    ('The entropy regularization weight is 0.005.', {'entropy_coef': 0.005}),
    ('We add an entropy term weighted by β = 0.02.', {'entropy_coef': 0.02}),
    ('Trajectories of 100 steps are sent to the learner.', {'horizon': 100}),
    ('We run 16 environments in parallel.', {'num_actors': 16}),
    ('Sixteen actor-learner threads are used.', {'num_actors': 16}),
    ('We train for 50M environment frames.', {'frames': 50000000.0}),
    ('Each action is repeated four times.', {'frame_skip': 4}),
    ('We use an action repeat of 2.', {'frame_skip': 2}),
    ('The replay memory holds one million transitions.', {'replay_memory': 1000000.0}),
    ('ε-greedy exploration starts at 1.0 and ends at 0.01 after 250k steps.', {'epsilon_start': 1, 'epsilon_end': 0.01, 'epsilon_decay_frames': 250000}),
    ('The exploration rate decays from 0.9 to 0.1 within the first 50,000 steps.', {'epsilon_start': 0.9, 'epsilon_end': 0.1, 'epsilon_decay_frames': 50000}),
    ('We train our detector with SGD on 8 GPUs (2 images per GPU) for 12 epochs. The initial learning rate is 0.02 and is decreased by a factor of 10 after epochs 8 and 11. Weight decay and momentum are set as 0.0001 and 0.9.', {'optimizer': 'SGD', 'epochs': 12, 'learning_rate': 0.02, 'weight_decay': 0.0001, 'momentum': 0.9, 'lr_schedule': ''}),
    ('For all segmentation experiments we crop 769 × 769 patches, use the poly schedule with an initial learning rate of 0.007 and train for 90k iterations with a batch size of 8.', {'input_shape': '769', 'learning_rate': 0.007, 'steps': 90000, 'batch_size': 8, 'lr_schedule': 'poly'}),
    ('Our generator has 8 residual blocks and is trained with the Adam optimizer, α = 0.0002, β1 = 0.5, β2 = 0.999, for 200 epochs; the learning rate stays at its initial value for 100 epochs and then decays linearly to zero.', {'adam_beta1': 0.5, 'adam_beta2': 0.999, 'learning_rate': 0.0002, 'epochs': 200, 'lr_schedule': 'linear', 'optimizer': 'Adam'}),
    ('The two time-scale update rule is used, with learning rates 0.0004 for the discriminator and 0.0001 for the generator.', {'learning_rate': (0.0004, 0.0001)}),
    ('The speech model is a 5-layer bidirectional LSTM with 320 cells in each layer and direction, trained with Adadelta and dropout 0.2; the beam width at decoding is 20.', {'layers': 5, 'hidden_units': 320, 'optimizer': 'Adadelta', 'dropout': 0.2, 'beam_size': 20}),
    ('We extract 80-dimensional log-mel features. The model is trained with a peak learning rate of 0.0015, 25k warm-up steps and Noam schedule. Label smoothing 0.1 is applied and the batch contains 64 utterances.', {'learning_rate': 0.0015, 'warmup_steps': 25000, 'label_smoothing': 0.1, 'batch_size': 64}),
    ('The Conformer encoder has 17 blocks, a model dimension of 512, 8 heads and a convolution kernel of size 32.', {'layers': 17, 'hidden_size': 512, 'heads': 8, 'filter_sizes': 32}),
    ('We fix the embedding size to 64 for all models and the batch size to 1024, and initialise with Xavier.', {'embedding_dim': 64, 'batch_size': 1024}),
    ('For time series forecasting the model looks at the past 96 steps, uses a hidden size of 128, 4 heads and a dropout of 0.2, and is trained for at most 100 epochs with patience 10.', {'hidden_size': 128, 'heads': 4, 'dropout': 0.2, 'epochs': 100, 'early_stopping': '10'}),
    ('N-BEATS is trained with a batch size of 1024 and a learning rate of 0.001, halved every 25k of 100k iterations.', {'batch_size': 1024, 'learning_rate': 0.001, 'steps': 100000}),
    ('We fine-tune LLaMA-7B with LoRA (rank 8, alpha 16, dropout of 0.05) for 3 epochs, using a learning rate of 3e-4, a global batch size of 128, and a cutoff length of 256.', {'base_model': 'LLaMA', 'lora_rank': 8, 'lora_alpha': 16, 'dropout': 0.05, 'epochs': 3, 'learning_rate': 0.0003, 'batch_size': 128, 'max_seq_len': 256}),
    ('DPO is run with β = 0.1, a batch size of 64 and the RMSprop optimizer with a learning rate of 1e-6, linearly warmed up from 0 over 150 steps.', {'batch_size': 64, 'optimizer': 'RMSProp', 'learning_rate': 1e-06, 'warmup_steps': 150}),
    ('The reward model was trained for one epoch with lr 9e-6 on a cosine schedule and batches of 64.', {'epochs': 1, 'learning_rate': 9e-06, 'batch_size': 64, 'lr_schedule': 'cosine'}),
    ('In each communication round, 10 of 100 clients train for 5 local epochs with SGD, a local learning rate of 0.01 and a mini-batch of 20.', {'epochs': 5, 'learning_rate': 0.01, 'batch_size': 20, 'optimizer': 'SGD'}),
    ('We use SimCLR with a projection head of 128 dimensions, temperature 0.5, batch size 4096, LARS with learning rate 4.8 and weight decay 10^-6, and 100 epochs of pre-training.', {'temperature': 0.5, 'batch_size': 4096, 'optimizer': 'LARS', 'learning_rate': 4.8, 'weight_decay': 1e-06, 'epochs': 100}),
    ('Our GNN has four message-passing layers with 300 hidden dimensions; dropout of 0.5 and batch size 32 were used in all experiments.', {'layers': 4, 'hidden_size': 300, 'dropout': 0.5, 'batch_size': 32}),
    ('GraphSAGE samples 25 and 10 neighbours. We use hidden dimension 256, learning rate 0.003 and early stopping with a window of 10 epochs.', {'hidden_size': 256, 'learning_rate': 0.003, 'early_stopping': ''}),
    ('For word vectors we use dimensionality 300, context window 5, 5 negative samples, and an initial learning rate of 0.025.', {'embedding_dim': 300, 'learning_rate': 0.025}),
    ('We average the last 5 checkpoints and decode with a beam of 4 and a length penalty of 0.6.', {'beam_size': 4}),
    ('Sentences are encoded with byte-pair encoding, with a shared source-target vocabulary of about 37000 tokens.', {'vocab_size': 37000}),
    ('The VAE has a latent space of 32 dimensions and was trained for 50 epochs with Adam (learning rate 1e-3, batch size 144).', {'epochs': 50, 'optimizer': 'Adam', 'learning_rate': 0.001, 'batch_size': 144}),
    ('For MAML we use a meta batch-size of 4 tasks, an inner learning rate of 0.01 with 5 gradient steps, and an outer learning rate of 0.001, for 60,000 iterations.', {'batch_size': 4, 'learning_rate': (0.01, 0.001), 'steps': 60000}),
    ('Prototypical networks were trained by Adam with an initial learning rate of 10^-3, cut in half every 2000 episodes.', {'optimizer': 'Adam', 'learning_rate': 0.001}),
    ('The denoising network is trained for 800k steps with batch size 128, EMA decay 0.9999, dropout 0.1 and a learning rate of 2 × 10^-4; T is set to 1000.', {'steps': 800000, 'batch_size': 128, 'dropout': 0.1, 'learning_rate': 0.0002}),
    ('DQN: minibatch size 32, replay memory size 1,000,000, agent history length 4, target network update frequency 10,000, discount factor 0.99, action repeat 4, learning rate 0.00025, initial exploration 1, final exploration 0.1, final exploration frame 1,000,000.', {'batch_size': 32, 'replay_memory': 1000000.0, 'discount': 0.99, 'frame_skip': 4, 'learning_rate': 0.00025, 'epsilon_start': 1, 'epsilon_end': 0.1, 'epsilon_decay_frames': 1000000.0}),
    ('A2C is trained with 16 parallel environments, 5-step rollouts, a discount factor of 0.99, value loss coefficient 0.5, entropy coefficient 0.01 and gradient norm clipping at 0.5.', {'num_actors': 16, 'horizon': 5, 'discount': 0.99, 'entropy_coef': 0.01, 'grad_clip': 0.5}),
    ('PPO uses 10 epochs per update, 32 minibatches, a clip range of 0.2, λ = 0.95 for GAE, and 2048 steps per rollout.', {'clip': 0.2, 'gae_lambda': 0.95, 'horizon': 2048}),
    ('DDPG: both networks have two hidden layers of 400 and 300 units, the learning rates are 10^-4 for the actor and 10^-3 for the critic, and the critic has an L2 weight decay of 10^-2.', {'layers': 2, 'hidden_units': '400, 300', 'learning_rate': (0.0001, 0.001), 'weight_decay': 0.01}),
    ('The soft target update coefficient is 0.005; the buffer stores one million transitions; each run lasts 1 million environment steps and is repeated with 10 seeds.', {'replay_memory': 1000000.0, 'seeds': 10}),
    ('We run each method with five seeds (0-4) and report the mean.', {'seeds': ''}),
    ('The tabular MLP has 3 layers of width 256, dropout of 0.1, and is trained with AdamW (lr = 1e-3, weight decay = 1e-5), a batch size of 256 and early stopping with patience of 16.', {'layers': 3, 'hidden_size': 256, 'dropout': 0.1, 'optimizer': 'AdamW', 'learning_rate': 0.001, 'weight_decay': 1e-05, 'batch_size': 256, 'early_stopping': '16'}),
    ('XGBoost used 500 trees of depth 6 at a learning rate of 0.05.', {'learning_rate': 0.05}),
    ('The retriever was trained for up to 40 epochs for large datasets (NQ, TriviaQA, SQuAD) and 100 epochs for small datasets, with a learning rate of 10^-5 using Adam, linear scheduling with warm-up and dropout rate 0.1.', {'epochs': (40, 100), 'learning_rate': 1e-05, 'optimizer': 'Adam', 'lr_schedule': 'linear', 'dropout': 0.1}),
    ('ColBERT is trained with batch size 32, AdamW and lr 3e-6, with at most 32 query tokens and 180 document tokens.', {'batch_size': 32, 'optimizer': 'AdamW', 'learning_rate': 3e-06}),
    ('The student is a 6-layer network distilled with temperature 8, a soft-loss weight of 0.9 and a hard-label weight of 0.1.', {'layers': 6, 'temperature': 8, 'hard_target_weight': 0.1}),
    ('ViT-B/16 is fine-tuned at resolution 384 with SGD, momentum 0.9, no weight decay, and a batch size of 512.', {'momentum': 0.9, 'weight_decay': 0, 'batch_size': 512, 'input_shape': '384'}),
    ('Models are pre-trained on ImageNet for 300 epochs at 224 × 224 with a batch of 1024, an initial learning rate of 0.001, a weight decay of 0.05, 20 epochs of linear warm-up, and a stochastic depth rate of 0.2.', {'epochs': 300, 'input_shape': '224', 'batch_size': 1024, 'learning_rate': 0.001, 'weight_decay': 0.05, 'drop_connect': 0.2}),
    ('The character-level language model has three layers of 1,000 LSTM units, BPTT of 100 and a dropout of 0.25.', {'layers': 3, 'hidden_units': 1000, 'bptt': 100, 'dropout': 0.25}),
    ('We unroll the LSTM over 35 time steps, clip the gradient norm at 5 and set the initial learning rate to 1, which we divide by 1.2 after each epoch once 6 epochs have passed; 39 epochs in total.', {'bptt': 35, 'grad_clip': 5, 'learning_rate': 1, 'epochs': 39}),
    ('The model has 340M parameters, 24 layers, a hidden size of 1024, 16 self-attention heads and a maximum length of 512 tokens.', {'layers': 24, 'hidden_size': 1024, 'heads': 16, 'max_seq_len': 512}),
    ('We use a context length of 8192 tokens, AdamW (β1 = 0.9, β2 = 0.95), gradient clipping of 1.0 and weight decay of 0.1; the batch contains 4M tokens.', {'max_seq_len': 8192, 'optimizer': 'AdamW', 'adam_beta1': 0.9, 'adam_beta2': 0.95, 'grad_clip': 1.0, 'weight_decay': 0.1, 'batch_size': 4000000.0}),
    ('Each expert layer has 64 experts with top-2 routing and an auxiliary balance loss with a weight of 0.01.', {'aux_loss_weight': 0.01}),
    ('The total loss is the sum of the task loss and 0.4 times the auxiliary loss.', {'aux_loss_weight': 0.4}),
    ('The clip-level model takes 16 frames of 112 × 112 pixels as input.', {'input_shape': '112'}),
    ('Mini-batches consist of 30 clips, the learning rate is 0.003 and is divided by 2 every 150K iterations; optimization stops at 1.9M iterations.', {'batch_size': 30, 'learning_rate': 0.003, 'steps': 1900000.0, 'lr_schedule': ''}),
    ('The text CNN uses rectified linear units, filter windows of 3, 4, 5 with 100 feature maps each, dropout rate of 0.5, l2 constraint of 3 and mini-batch size of 50.', {'activation': 'ReLU', 'filter_sizes': '3, 4, 5', 'feature_maps': 100, 'dropout': 0.5, 'l2_constraint': 3, 'batch_size': 50}),
    ('Hyperparameters: lr=1e-4, bsz=64, wd=0.01, epochs=20, warmup=10%.', {'learning_rate': 0.0001, 'batch_size': 64, 'weight_decay': 0.01, 'epochs': 20, 'warmup_ratio': 0.1}),
    ('Training is performed with a mini-batch of one million tokens for 250 thousand updates.', {'batch_size': 1000000.0, 'steps': 250000}),
    ('The training corpus comprises 1.3M documents, of which 10k are held out.', {'train_examples': 1300000.0}),
    ('The data set is split into 8,000 training, 1,000 validation and 1,000 test examples.', {'train_examples': 8000}),
    ('We train on 400 million image-text pairs for 32 epochs with a very large minibatch size of 32,768.', {'train_examples': 400000000.0, 'epochs': 32, 'batch_size': 32768}),
    ('The temperature τ of the softmax was initialised to 0.07.', {'temperature': 0.07}),
    ('The final model was trained with the learning rate fixed at 0.0003 and a dropout probability of .2.', {'learning_rate': 0.0003, 'dropout': 0.2}),
    ('The policy is a two-layer perceptron with 64 tanh units in each layer.', {'layers': 2, 'hidden_units': 64, 'activation': 'tanh'}),
    ('Each of the 4 encoder layers has 8 attention heads and a feed-forward dimension of 1,024.', {'layers': 4, 'heads': 8, 'ffn_size': 1024}),
    ('We use the Adam optimizer with default parameters and batches of 32.', {'optimizer': 'Adam', 'batch_size': 32}),
    ('GloVe embeddings with 100 dimensions are kept fixed.', {'embedding_dim': 100}),
    ('The BiLSTM has 2 layers and 256-dimensional hidden states.', {'layers': 2, 'hidden_size': 256}),
    ('The input resolution is 512 × 512 and the total batch is 32.', {'input_shape': '512', 'batch_size': 32}),
    ('Gradients with norm greater than 1 are clipped, and the learning rate is 0.1, 0.01 and 0.001 in the three stages.', {'grad_clip': 1}),
    ('Agents were trained for 200M frames, with a frame skip of 4 and a discount of 0.99; the learning rate was annealed from 0.0006 to 0.', {'frames': 200000000.0, 'frame_skip': 4, 'discount': 0.99, 'learning_rate': 0.0006}),
    ('The unroll length was 20 steps, the batch size 32, and the entropy regulariser was weighted by 0.01.', {'horizon': 20, 'batch_size': 32, 'entropy_coef': 0.01}),
    ('A replay buffer with a capacity of 10,000 trajectories was used for half of each batch.', {'replay_memory': 10000}),
    ('Adam with a learning rate of 5e-4, warmed up during 10 epochs and decayed by a cosine.', {'learning_rate': 0.0005, 'lr_schedule': 'cosine'}),
    ('During the first 10% of training steps the learning rate rises linearly to 2e-5.', {'warmup_ratio': 0.1, 'learning_rate': 2e-05}),
    ('We set N = 6, h = 4 and d_model = 256 for the small model.', {'layers': 6, 'heads': 4, 'hidden_size': 256}),
    ('The final hyperparameters are: learning rate 0.00035, embedding size 500, batch size 512 and 300 epochs.', {'learning_rate': 0.00035, 'embedding_dim': 500, 'batch_size': 512, 'epochs': 300}),
    ('The best configuration had a learning rate of 0.0012, embeddings of size 200, and input dropout 0.3.', {'learning_rate': 0.0012, 'embedding_dim': 200, 'dropout': 0.3}),
    ('RDF2Vec was run with walks of depth 4, 200 dimensions, and 25 epochs.', {'embedding_dim': 200, 'epochs': 25}),
    ('The projector is an MLP with a hidden layer of 256 units.', {'hidden_units': 256}),
    ('We set γ = 0.97, λ = 0.92 and the entropy weight to 0.003.', {'discount': 0.97, 'gae_lambda': 0.92, 'entropy_coef': 0.003}),
    ('The output of the LSTM (256 units) is passed to a softmax over 10k words.', {'hidden_units': 256}),
    ('A byte-level vocabulary of 256 symbols is used.', {'vocab_size': 256}),
    ('Input images have a size of 28 × 28.', {'input_shape': '28'}),
    ('The network was trained on random 64x64 crops with horizontal flips.', {'input_shape': '64x64'}),
    ('We use weight decay 1e-4 for all but the bias and BatchNorm parameters.', {'weight_decay': 0.0001}),
    ('Weight decay was set to 10^-5 and dropout to 0.5.', {'weight_decay': 1e-05, 'dropout': 0.5}),
    ('The L2 regularisation strength is 1e-7.', {'weight_decay': 1e-07}),
    ('We stop after 10 epochs without improvement on the validation set.', {'early_stopping': ''}),
    ('Nesterov momentum of 0.9, batch size 100, 250 epochs, learning rate 0.25 with cosine decay, and cutout of length 16.', {'momentum': 0.9, 'batch_size': 100, 'epochs': 250, 'learning_rate': 0.25, 'lr_schedule': 'cosine'}),
]  # fmt: skip
_SAME = {"hidden_units": "hidden_size", "feature_maps": "filters"}


def _read(text):
    document = Document(title="A study", pages=1, sections=[Section(title="Training details")], page_texts=[text])
    document.paragraphs.append(Paragraph(text, Box(1), "Training details", place=0))
    found = {}
    for fact in extract(document).hyperparameters:
        found.setdefault(_SAME.get(fact.name, fact.name), []).append(fact.value)
    return found


def _is(expected, value):
    if isinstance(expected, str):
        return expected.lower().replace(" ", "") in str(value).lower().replace(" ", "")
    return not isinstance(value, str) and value == pytest.approx(expected)


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text[:40] for text, _ in CASES])
def test_a_setting_is_found_however_it_is_worded(text, expected):
    found = _read(text)
    for name, values in expected.items():
        for value in values if isinstance(values, tuple) else (values,):
            assert any(_is(value, got) for got in found.get(_SAME.get(name, name), [])), (name, value, found)


SEPARATE = [
    # two settings in a row are no list of one
    ("It has a hidden size of 512, 8 heads and a dropout of 0.1.", {"hidden_size": [512], "heads": [8]}),
    ("We use a local batch size of 10 and 5 local epochs.", {"batch_size": [10], "epochs": [5]}),
    ("The batch size is 100, 250 epochs are run and the momentum is 0.9.", {"batch_size": [100], "epochs": [250]}),
    # what only looks like a setting
    ("Training for 36 epochs took two days.", {"epochs": [36]}),
    ("The maximum that can be fitted within the context window of 2048 tokens is 4 examples.", {"max_seq_len": []}),
    ("For each of these we use dk = dv = dmodel/h = 64.", {"heads": []}),
    ("Batch normalization uses a momentum of 0.99.", {"momentum": []}),
]


@pytest.mark.parametrize(("text", "expected"), SEPARATE, ids=[text[:40] for text, _ in SEPARATE])
def test_a_number_goes_to_one_setting_only(text, expected):
    found = _read(text)
    for name, values in expected.items():
        assert found.get(name, []) == values


def test_parts_and_their_values_in_order_are_told_apart():
    text = "Learning rates for the generator and the discriminator are 1e-4 and 4e-4, respectively."
    document = Document(title="A study", pages=1, sections=[Section(title="Training details")], page_texts=[text])
    document.paragraphs.append(Paragraph(text, Box(1), "Training details", place=0))
    facts = {fact.scope: fact.value for fact in extract(document).hyperparameters if fact.name == "learning_rate"}
    assert facts == {"generator": 1e-4, "discriminator": 4e-4}


LABELS = {
    "Clip global gradient norm": "grad_clip", "RMSProp momentum": "momentum", "Entropy Regularizer": "entropy_coef",
    "Entity dim.": "embedding_dim", "Word2Vec epochs": "epochs", "Lookback window": "max_seq_len", "λ_GAE": "gae_lambda",
    "Final exploration frame": "epsilon_decay_frames", "Minimum ε": "epsilon_end", "Image size": "input_shape",
    "PPO ε": "clip", "ent_coef": "entropy_coef", "Steps per update": "horizon", "RMSProp decay": "rmsprop_decay",
    "Reward clipping": None, "Relation dim.": None, "Target network update": None, "Final learning rate": None,
    "Population size": None, "Margin": None, "Warmup learning rate": None,
}  # fmt: skip


@pytest.mark.parametrize(("label", "name"), LABELS.items())
def test_a_label_of_a_table_names_its_setting(label, name):
    assert canonical(label) == name


def test_of_a_search_space_the_chosen_value_is_read():
    for cell, value in (("{100, 200, 300} / 200", 200), ("[50, 500] → 467", 467), ("{64, 128} (128)", 128)):
        assert [found.value for found in read_cell("batch_size", cell)] == [value]


@pytest.mark.parametrize(("text", "value"), [("2^14", 16384), ("half a million", 5e5), ("2 × 10^-4", 2e-4)])
def test_powers_and_words_are_numbers(text, value):
    assert parse_number(text) == pytest.approx(value)
