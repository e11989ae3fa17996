"""Tiny models with random weights, saved as a person's own model would be."""

from pathlib import Path
from string import ascii_lowercase

WORDS = "ferry kelp pump room tide budget seal how much is the a query passage : ? ."


def _transformer(folder: Path, labels: int = 0) -> None:
    """A BERT of one layer over WORDS and single letters, in ``folder``, with its tokenizer."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    vocabulary = dict.fromkeys(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS.split()])
    vocabulary |= dict.fromkeys(mark + letter for letter in ascii_lowercase for mark in ("", "##"))
    folder.mkdir(parents=True)
    (folder / "vocab.txt").write_text("\n".join(vocabulary))
    torch.manual_seed(7)
    config = BertConfig(
        vocab_size=len(vocabulary), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=64, initializer_range=0.5, num_labels=labels or 2,
    )  # fmt: skip
    model = BertForSequenceClassification(config) if labels else BertModel(config)
    model.save_pretrained(folder)
    BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)


def save_embedder(folder: Path, *, window: int = 16, prompts: dict[str, str] | None = None) -> Path:
    """A sentence-transformers model of 32 dimensions that reads ``window`` tokens, special ones included."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

    _transformer(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=window)
    model = SentenceTransformer(modules=[transformer, Pooling(32)], device="cpu", prompts=prompts)
    model.save(str(folder / "model"))
    return folder / "model"


def save_cross_encoder(folder: Path) -> Path:
    """A cross-encoder with one score."""
    _transformer(folder, labels=1)
    return folder
