"""Zoos of tiny pairs for the page, and the page itself, started once."""

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import torch
from gradio_client import Client
from transformers import PreTrainedTokenizerBase

from app.desk import Desk
from hmu import MemoryTransformer, find_task
from hmu.tasks.synthetic import VOCABULARY
from hmu.training.synthetic import synthetic_tokenizer
from hmu.training.trainer import save_checkpoint
from tests.app.support_server import serving
from zoo.catalog import read_catalog
from zoo.record import record
from zoo.shelf import Shelf

MARKUP = '<img src=x onerror="window.hacked=1">'


@pytest.fixture(scope="session")
def page_zoo(
    tmp_path_factory: pytest.TempPathFactory,
    folders: Mapping[str, Path],
    tiny_model: Callable[..., MemoryTransformer],
    tokenizer: PreTrainedTokenizerBase,
) -> Path:
    """Pairs: one that answers, one that never ends its text, one that writes markup, one of tokens, a damaged one."""
    root = tmp_path_factory.mktemp("page") / "zoo"
    for arm, folder in folders.items():
        for pair in ("answers", "spoiled"):
            shutil.copytree(folder, root / f"{pair}-{arm}")
        endless = tiny_model(arm, d_model=64, d_ff=128, decoder_layers=48)
        endless.embedding.weight.data[_unwelcome(tokenizer)] = 0
        save_checkpoint(endless, tokenizer, root / f"endless-{arm}")
        save_checkpoint(_writer_of(MARKUP, tiny_model(arm, dropout=0.0), tokenizer), tokenizer, root / f"markup-{arm}")
        recalls = tiny_model(arm, vocab_size=VOCABULARY, max_source_length=513, task_labels={})
        recalls.embedding.weight.data *= 6  # or every token of so many is as likely as the next
        save_checkpoint(recalls, synthetic_tokenizer(513), root / f"recall-{arm}")
    record(root)
    _flip_a_byte(next((root / "spoiled-hmu").glob("*.safetensors")))
    return root


@pytest.fixture(scope="session")
def two_texts_zoo(
    tmp_path_factory: pytest.TempPathFactory,
    tiny_model: Callable[..., MemoryTransformer],
    tokenizer: PreTrainedTokenizerBase,
) -> Path:
    """One untrained pair, which has heads for tasks of one text and of two."""
    root = tmp_path_factory.mktemp("two-texts") / "zoo"
    labels = {name: list(find_task(name).labels) for name in ("sst2", "mrpc", "mnli")}
    for arm in ("baseline", "hmu"):
        model = tiny_model(arm, task_labels=labels, max_source_length=96)
        save_checkpoint(model, tokenizer, root / f"twofold-{arm}")
    record(root)
    return root


def _unwelcome(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The end of text and whatever shows nothing: with a logit of 0 they are never the likeliest."""
    texts = [tokenizer.decode([token]) for token in range(len(tokenizer))]
    hidden = [token for token, text in enumerate(texts) if not (text.isascii() and text.isprintable())]
    return [*hidden, *tokenizer.all_special_ids]


def _writer_of(text: str, model: MemoryTransformer, tokenizer: PreTrainedTokenizerBase) -> MemoryTransformer:
    source = tokenizer("dog ball throw", return_tensors="pt")["input_ids"]
    target = tokenizer(text, return_tensors="pt")["input_ids"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    for _ in range(100):
        loss = model(input_ids=source, labels=target).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return model


def _flip_a_byte(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def open_desk_on(zoo: Path) -> Desk:
    """A desk that nobody has used, on the CPU."""
    catalog = read_catalog(zoo)
    shelf = Shelf(catalog, device="cpu")
    return Desk(catalog, shelf, shelf)


@pytest.fixture
def desk(page_zoo: Path) -> Desk:
    return open_desk_on(page_zoo)


@pytest.fixture
def two_texts_desk(two_texts_zoo: Path) -> Desk:
    return open_desk_on(two_texts_zoo)


@pytest.fixture(scope="session")
def server(page_zoo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the real page over the tiny zoo, with its tools."""
    with serving(page_zoo, tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture(scope="session")
def client(server: str) -> Iterator[Client]:
    """The page, asked as a program does."""
    connected = Client(server, verbose=False)
    yield connected
    connected.close()
