"""install.sh in a throw-away root: nothing of this machine is touched but the pip cache."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.servers import short_folder

HERE = Path(__file__).parents[2]
SCRIPT = HERE / "install.sh"
STAGED = (
    "opt/moodspeaker/bin/moodspeaker",
    "usr/local/bin/moodspeaker",
    "etc/moodspeaker/config.toml",
    "etc/moodspeaker/conf.d/service.toml",
    "etc/sysusers.d/moodspeaker.conf",
    "etc/tmpfiles.d/moodspeaker.conf",
    "etc/systemd/system/moodspeaker.service",
    "etc/systemd/system/moodspeaker-vision.service",
    "etc/systemd/system/moodspeaker-index.service",
    "etc/systemd/system/moodspeaker-index.timer",
    "etc/systemd/system/moodspeaker-index.path",
)


def call(*command: object) -> subprocess.CompletedProcess[str]:
    """Run a command from elsewhere, with no settings of the caller's."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MOODSPEAKER_")}
    return subprocess.run(
        [str(word) for word in command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd="/",
        env=environment,
        timeout=500,
        check=False,
    )


def install(*words: object) -> subprocess.CompletedProcess[str]:
    return call(SCRIPT, *words)


def listing(folder: Path) -> list[tuple[str, float]]:
    return sorted(
        (str(path), path.lstat().st_mtime) for path in folder.rglob("*") if "__pycache__" not in path.parts
    )


@pytest.fixture(scope="module")
def staging() -> Iterator[tuple[Path, str]]:
    """A root into which the service was staged, and what was said of it."""
    with short_folder() as root:
        answer = install("--prefix", root)
        assert answer.returncode == 0, answer.stderr
        yield root, answer.stdout


@pytest.fixture
def staged(staging: tuple[Path, str]) -> Path:
    return staging[0]


def test_continuous_integration_runs_the_very_same_test_command() -> None:
    assert "exec bash ./install.sh --test" in (HERE / ".ci/run").read_text()


def test_help_tells_every_way_to_call_it() -> None:
    answer = install("--help")
    assert answer.returncode == 0
    assert all(
        way in answer.stdout
        for way in ("--demo", "--test", "--test-lowest", "--dry-run", "--prefix", "--uninstall")
    )


@pytest.mark.parametrize("words", [["--bogus"], ["--prefix"], ["--dry-run", "--demo"]])
def test_a_wrong_argument_is_one_line_that_names_it(words: list[str]) -> None:
    answer = install(*words)
    assert answer.returncode == 2
    assert words[-1] in answer.stderr
    assert answer.stderr.count("\n") == 1


def test_a_dry_run_says_each_step_and_does_none(tmp_path: Path) -> None:
    root = tmp_path / "root"
    answer = install("--dry-run", "--prefix", root)
    assert answer.returncode == 0
    assert [line for line in answer.stdout.splitlines() if not line.startswith("would: ")] == [
        "nothing was done: this was a dry run"
    ]
    assert all(f"{root}/{path}" in answer.stdout for path in STAGED[1:])
    assert not root.exists()


@pytest.mark.timeout(600)
def test_the_real_run_does_what_the_dry_run_says(staging: tuple[Path, str], tmp_path: Path) -> None:
    root, real = staging
    dry = install("--dry-run", "--prefix", tmp_path / "root").stdout.replace(
        str(tmp_path / "root"), str(root)
    )
    promised = [line.removeprefix("would: ") for line in dry.splitlines() if line.startswith("would: ")]
    done = [line for line in real.splitlines() if not line.startswith("  ")]
    assert done[:-1] == promised
    assert done[-1].startswith("moodspeaker is installed")
    assert "  unpacking" in real.splitlines(), "pip is not silent"


def test_staging_puts_every_file_in_place(staged: Path) -> None:
    assert [path for path in STAGED if not os.path.lexists(staged / path)] == []
    assert stat.S_IMODE((staged / STAGED[2]).stat().st_mode) == 0o644
    assert (staged / STAGED[1]).readlink() == Path("/opt/moodspeaker/bin/moodspeaker")


def test_what_was_staged_runs_from_anywhere_and_brings_its_models(staged: Path) -> None:
    answer = call(staged / STAGED[0], "models", "verify")
    assert answer.returncode == 0, answer.stderr
    assert str(staged) in answer.stdout, "the models are those of the wheel, not of the checkout"


def test_what_was_staged_says_that_it_is_typed(staged: Path) -> None:
    assert list(staged.glob("opt/moodspeaker/lib/python3.*/site-packages/moodspeaker/py.typed"))


def test_what_was_staged_runs_where_it_is_moved_to(staged: Path) -> None:
    elsewhere = staged.with_name(staged.name + "-moved")
    staged.rename(elsewhere)
    try:
        answer = call(elsewhere / STAGED[0], "models", "verify")
        assert answer.returncode == 0, answer.stderr
        assert str(elsewhere) in answer.stdout
    finally:
        elsewhere.rename(staged)


def test_the_commands_of_a_person_find_the_service(staged: Path) -> None:
    answer = call(staged / STAGED[0], "config", "show", "--config", staged / STAGED[2])
    assert 'runtime = "/run/moodspeaker"' in answer.stdout


def test_a_second_run_changes_nothing_and_says_so(staged: Path) -> None:
    before = listing(staged)
    answer = install("--prefix", staged)
    assert (answer.returncode, answer.stdout) == (0, "moodspeaker is installed already: nothing to change\n")
    assert listing(staged) == before


def test_a_configuration_that_is_there_is_kept(staged: Path) -> None:
    file = staged / STAGED[2]
    mine = "[mqtt]\nhost = 'mine'\n"
    file.write_text(mine)
    assert install("--prefix", staged).returncode == 0
    assert file.read_text() == mine


def test_a_unit_that_was_changed_is_put_right(staged: Path) -> None:
    unit = staged / STAGED[6]
    wanted = unit.read_text()
    unit.write_text("nonsense")
    assert "write" in install("--prefix", staged).stdout
    assert unit.read_text() == wanted


def test_uninstalling_keeps_the_configuration_only_and_a_second_time_says_so(staged: Path) -> None:
    with short_folder() as folder:
        root = folder / "copy"
        shutil.copytree(staged, root, symlinks=True)
        first, second = install("--uninstall", "--prefix", root), install("--uninstall", "--prefix", root)
        assert [path for path in STAGED if os.path.lexists(root / path)] == [STAGED[2]]
    assert "kept: " in first.stdout
    assert (second.returncode, second.stdout) == (0, "moodspeaker is not installed: nothing to remove\n")
