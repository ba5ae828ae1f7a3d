"""A zoo of two untrained checkpoints, small enough to build, copy and spoil in every test."""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import torch

import hmu
from hmu.training.vocabulary import train_tokenizer
from zoo.catalog import Catalog, read_catalog, write_catalog
from zoo.record import record

COMMIT = "0123456789abcdef0123456789abcdef01234567"
BRANCH = "b" * 40
SIZES = {
    "vocab_size": 300,
    "d_model": 16,
    "num_heads": 2,
    "encoder_layers": 1,
    "decoder_layers": 1,
    "d_ff": 32,
    "task_labels": {"ag_news": ["World", "Sports", "Business", "Sci/Tech"], "sst2": ["negative", "positive"]},
}


@pytest.fixture(scope="session")
def built_zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("zoo")
    tokenizer = train_tokenizer(["a dog throws a ball", "a film"], SIZES["vocab_size"], 32)  # type: ignore[arg-type]
    torch.manual_seed(0)
    for arm, memory in (("baseline", "none"), ("hmu", "hmu")):
        folder = root / "checkpoints" / f"tiny-{arm}"
        model = hmu.MemoryTransformer(hmu.MemoryTransformerConfig(memory=memory, **SIZES))
        model.half().save_pretrained(folder, max_shard_size="12KB")
        tokenizer.save_pretrained(folder)
    record(root, title="Tiny")
    return root


@pytest.fixture
def root(built_zoo: Path, tmp_path: Path) -> Path:
    """A zoo folder of one's own."""
    return Path(shutil.copytree(built_zoo, tmp_path / "zoo"))


@pytest.fixture
def catalog(root: Path) -> Catalog:
    return read_catalog(root)


@pytest.fixture
def shard(root: Path) -> Path:
    """One of several weight files of tiny-hmu."""
    return sorted((root / "checkpoints" / "tiny-hmu").glob("*.safetensors"))[1]


@pytest.fixture
def hub_root(catalog: Catalog, tmp_path: Path) -> Path:
    """A zoo whose catalog knows tiny-hmu from the Hub alone."""
    root = tmp_path / "elsewhere"
    root.mkdir()
    entry = replace(catalog.find("tiny-hmu"), path=None, repo="someone/tiny", revision=COMMIT)
    write_catalog(Catalog(root, (entry,)))
    return root


@pytest.fixture
def hub(root: Path) -> Iterator[str]:
    """The address of a stand-in of the Hub that holds tiny-hmu, and a pickle beside it that nobody asked for.

    Its one commit is COMMIT; it has a branch whose name could be taken for another.
    """
    folder = root / "checkpoints" / "tiny-hmu"
    (folder / "pytorch_model.bin").write_bytes(b"pickle")

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def do_GET(self) -> None:
            self._answer(with_body=True)

        def _answer(self, with_body: bool) -> None:
            path = self.path.partition("?")[0]
            if path == f"/api/models/someone/tiny/tree/{COMMIT}":
                content = json.dumps([_listed(file) for file in folder.iterdir()]).encode()
            elif path in {f"/api/models/someone/tiny/revision/{name}" for name in (COMMIT, BRANCH)}:
                siblings = [_told(file) for file in folder.iterdir()]
                content = json.dumps({"id": "someone/tiny", "sha": COMMIT, "siblings": siblings}).encode()
            elif path.startswith(f"/someone/tiny/resolve/{COMMIT}/") and not path.endswith(".bin"):
                content = (folder / path.rsplit("/", 1)[1]).read_bytes()
            else:
                self.send_response(404)
                missing = "RevisionNotFound" if path.startswith("/api/models/someone/tiny/") else "RepoNotFound"
                self.send_header("X-Error-Code", missing)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if with_body:
                self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _told(file: Path) -> dict[str, object]:
    content = file.read_bytes()
    lfs = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 1}
    large = {"lfs": lfs} if file.suffix == ".safetensors" else {}
    return {"rfilename": file.name, "size": len(content), "blobId": hashlib.sha1(content).hexdigest()} | large


def _listed(file: Path) -> dict[str, object]:
    oid = hashlib.sha1(file.read_bytes()).hexdigest()
    return {"type": "file", "path": file.name, "size": file.stat().st_size, "oid": oid}
