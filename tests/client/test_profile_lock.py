"""One program to a profile."""

import subprocess
import sys
from pathlib import Path

import pytest

from qtchat.client.profile_lock import ProfileInUseError, profile_lock

HOLDER = """
import sys
from pathlib import Path
from qtchat.client.profile_lock import profile_lock
with profile_lock(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_profile_that_another_program_has_is_refused_until_it_ends(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ProfileInUseError, match="another qtchat"), profile_lock(tmp_path):
            pass
        holder.kill()
        holder.wait()
    with profile_lock(tmp_path / "new" / "folder"), profile_lock(tmp_path):
        pass


def test_where_nothing_can_be_written_nothing_is_locked(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with profile_lock(tmp_path / "file" / "profile"):
        pass
