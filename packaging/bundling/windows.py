"""What is made for Windows: what it shows of a program file in its properties, an installer, a portable archive."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bundling.archives import portable_zip
from bundling.place import BUILD, PROGRAMS, PUBLISHER, ROOT, version

_INNO: Final = Path("C:/Program Files (x86)/Inno Setup 6/ISCC.exe")
_KITS: Final = Path("C:/Program Files (x86)/Windows Kits/10/bin")
_TIME_STAMPS: Final = "http://timestamp.digicert.com"
"""So that what was signed stays good when the certificate has ended."""
_DESCRIPTIONS: Final = {
    "qtchat": "The chat for the people in one place",
    "qtchat-server": "The server of qtchat",
    "qtchat-cli": "qtchat for the command line",
}


def version_resource(folder: Path, program: str) -> str:
    """Write PyInstaller's form of a version resource for `program` into `folder`; returns the path."""
    number = version()
    numbers = tuple(int(part) for part in [*number.split("."), "0", "0", "0"][:4])
    words = {
        "CompanyName": PUBLISHER.name,
        "FileDescription": _DESCRIPTIONS[program],
        "FileVersion": number,
        "InternalName": program,
        "LegalCopyright": "MIT License",
        "OriginalFilename": f"{program}.exe",
        "ProductName": "qtchat",
        "ProductVersion": number,
    }
    structs = ",\n        ".join(f"StringStruct({name!r}, {text!r})" for name, text in words.items())
    path = folder / f"{program}-version.txt"
    path.write_text(
        f"""VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004, fileType=1, subtype=0),
  kids=[
    StringFileInfo([StringTable("040904B0", [
        {structs},
    ])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
""",
        encoding="utf-8",
    )
    return str(path)


class SignError(Exception):
    """A file could not be signed; the text is what the tool said."""


def sign(files: Sequence[Path]) -> None:
    """Sign programs with the certificate that QTCHAT_CERTIFICATE (a .pfx file) and QTCHAT_CERTIFICATE_PASSWORD name.

    Without the former nothing is signed. Raises SignError.
    """
    certificate = os.environ.get("QTCHAT_CERTIFICATE")
    if not certificate:
        return
    tool = shutil.which("signtool") or str(max(_KITS.glob("*/x64/signtool.exe")))
    key = ["/f", certificate, "/p", os.environ.get("QTCHAT_CERTIFICATE_PASSWORD", "")]
    command = [tool, "sign", *key, "/fd", "SHA256", "/tr", _TIME_STAMPS, "/td", "SHA256", *map(str, files)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise SignError(f"{answer.stdout}{answer.stderr}")


def pack(dist: Path, stem: str, when: int) -> dict[str, Path]:
    """The portable archive, and the installer where Inno Setup is. `stem`: version and system, `when`: of the files."""
    sign([dist / "qtchat" / f"{program}.exe" for program in PROGRAMS])
    packed = {"portable .zip": dist / f"qtchat-{stem}-portable.zip"}
    portable_zip(dist / "qtchat", packed["portable .zip"], when)
    compiler = shutil.which("iscc") or str(_INNO)
    if Path(compiler).is_file():
        name = f"qtchat-{stem}-setup"
        script = ROOT / "packaging" / "windows" / "qtchat.iss"
        definitions = [f"/DVersion={version()}", f"/DSource={dist / 'qtchat'}", f"/DImages={BUILD}"]
        definitions += [f"/DPublisher={PUBLISHER.name}", f"/DHomepage={PUBLISHER.homepage}"]
        subprocess.run([compiler, "/Q", *definitions, f"/O{dist}", f"/F{name}", str(script)], check=True)
        packed["installer"] = dist / f"{name}.exe"
        sign([packed["installer"]])
    else:
        print("No installer is made: Inno Setup 6 is not installed here.")
    return packed
