"""What is made for Windows: what it shows of a program file in its properties, an installer, a portable archive."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

from bundling.archives import portable_zip
from bundling.place import BUILD, ROOT, version

_INNO: Final = Path("C:/Program Files (x86)/Inno Setup 6/ISCC.exe")

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
        "CompanyName": "The qtchat developers",
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


def pack(dist: Path, stem: str, when: int) -> dict[str, Path]:
    """The portable archive, and the installer where Inno Setup is. `stem`: version and system, `when`: of the files."""
    packed = {"portable .zip": dist / f"qtchat-{stem}-portable.zip"}
    portable_zip(dist / "qtchat", packed["portable .zip"], when)
    compiler = shutil.which("iscc") or str(_INNO)
    if Path(compiler).is_file():
        name = f"qtchat-{stem}-setup"
        script = ROOT / "packaging" / "windows" / "qtchat.iss"
        definitions = [f"/DVersion={version()}", f"/DSource={dist / 'qtchat'}", f"/DIcon={BUILD / 'qtchat.ico'}"]
        subprocess.run([compiler, "/Q", *definitions, f"/O{dist}", f"/F{name}", str(script)], check=True)
        packed["installer"] = dist / f"{name}.exe"
    else:
        print("No installer is made: Inno Setup 6 is not installed here.")
    return packed
