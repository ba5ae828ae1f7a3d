import json
from pathlib import Path

import pytest

from zoo.catalog import Catalog, read_catalog
from zoo.cli import main


def test_list_json_is_a_list_of_objects_with_these_fields(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--json", "--zoo", str(catalog.root)]) == 0
    rows = json.loads(capsys.readouterr().out)
    wanted = {"id", "pair", "arm", "title", "tasks", "path", "parameters", "bytes", "sha256", "files"}
    assert [row["id"] for row in rows] == ["tiny-baseline", "tiny-hmu"]
    assert all(wanted <= set(row) for row in rows)


def test_a_listed_path_leads_to_the_checkpoint_from_anywhere(
    catalog: Catalog, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(catalog.root)
    main(["list", "--json", "--zoo", "."])
    monkeypatch.chdir("/")
    assert all((Path(row["path"]) / "config.json").is_file() for row in json.loads(capsys.readouterr().out))


def test_list_shows_one_line_per_checkpoint(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--zoo", str(catalog.root)]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["id", "tiny-baseline", "tiny-hmu"]


def test_verify_says_of_each_checkpoint_that_it_is_whole(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--zoo", str(catalog.root)]) == 0
    told = capsys.readouterr()
    assert ([line.split(":")[0] for line in told.out.splitlines()], told.err) == (["tiny-baseline", "tiny-hmu"], "")


def test_verify_names_every_fault_and_goes_on(
    catalog: Catalog, shard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shard.write_bytes(shard.read_bytes()[:-1])
    shard.with_name("pytorch_model.bin").write_bytes(b"")
    assert main(["verify", "--zoo", str(catalog.root)]) == 2
    told = capsys.readouterr()
    assert told.out.startswith("tiny-baseline: whole")
    assert ["pytorch_model.bin" in told.err, shard.name in told.err, len(told.err.splitlines())] == [True, True, 2]


def test_verify_json_holds_the_faults(catalog: Catalog, shard: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shard.unlink()
    assert main(["verify", "--json", "--zoo", str(catalog.root), "tiny-hmu"]) == 2
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["ok"], len(row["faults"])) == ("tiny-hmu", False, 1)


def test_verify_compares_tensors_with_the_config_where_no_hash_was_recorded(
    root: Path, shard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "catalog.json").unlink()
    config = shard.with_name("config.json")
    config.write_text(json.dumps(json.loads(config.read_text()) | {"memory": "none", "memory_settings": {}}))
    assert main(["verify", "--zoo", str(root), "tiny-hmu"]) == 2
    assert 'unexpected tensor "memory.' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["list", "--zoo", "/nowhere/at/all"], "no such folder"),
        (["verify", "nobody"], '"nobody" is unknown'),
        (["record", "--tasks", "juggling"], 'task "juggling" is unknown'),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(
    root: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    (root / "catalog.json").unlink()
    assert main(arguments if "--zoo" in arguments else [*arguments, "--zoo", str(root)]) == 2
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines()), told in err) == ("", 1, True)


@pytest.mark.parametrize("arguments", [[], ["dance"], ["list", "--colour"]])
def test_a_wrong_command_is_one_line_and_exit_code_2(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_record_writes_the_catalog_of_the_folders(catalog: Catalog, capsys: pytest.CaptureFixture[str]) -> None:
    (catalog.root / "catalog.json").unlink()
    assert main(["record", "--zoo", str(catalog.root), "--title", "Tiny"]) == 0
    assert read_catalog(catalog.root) == catalog
