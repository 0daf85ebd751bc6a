"""The tools of Debian that judge what is made for it: their verdict counts, and who is not there is named."""

from pathlib import Path

import pytest
from bundling import lint


def tool(folder: Path, name: str, status: int) -> None:
    """A tool that says what it was asked, and its verdict."""
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "looked at: $@"\nexit {status}\n')
    path.chmod(0o755)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only one that programs are found in."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.skipif(not Path("/bin/sh").exists(), reason="the stand-ins are shell scripts")
def test_verdicts_count(folder: Path) -> None:
    tool(folder, "desktop-file-validate", 0)
    tool(folder, "lintian", 0)
    assert lint.lint(Path("a"), Path("b"), []) == (["desktop-file-validate", "lintian"], ["appstreamcli"])
    tool(folder, "lintian", 2)
    with pytest.raises(lint.LintError, match=r"lintian is not content:\nlooked at: .* x\.deb"):
        lint.lint(Path("a"), Path("b"), [Path("x.deb")])
