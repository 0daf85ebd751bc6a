"""What is made for macOS: what it wants to know of the application, and the disk image to drag it from."""

import shutil
import subprocess
from pathlib import Path

from bundling.place import version


def info_plist() -> dict[str, object]:
    """The entries of Info.plist beyond those that PyInstaller writes by itself."""
    number = version()
    return {
        "CFBundleDisplayName": "qtchat",
        "CFBundleExecutable": "qtchat",  # the other programs in it have no window
        "CFBundleShortVersionString": number,
        "CFBundleVersion": number,
        "CFBundleURLTypes": [
            {"CFBundleURLName": "Invitation to a qtchat chat", "CFBundleURLSchemes": ["qtchat"]},
        ],
        "LSBackgroundOnly": False,
        "LSApplicationCategoryType": "public.app-category.social-networking",
        "LSMinimumSystemVersion": "13.0",
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": "MIT License",
        # Without these two macOS lets no program see the local network, and says nothing about it.
        "NSBonjourServices": ["_qtchat._tcp"],
        "NSLocalNetworkUsageDescription": "qtchat finds the chats on your network, and lets others find yours.",
        "NSRequiresAquaSystemAppearance": False,
    }


def pack(dist: Path, build: Path, stem: str) -> dict[str, Path]:
    """The disk image: the application, and beside it the folder to drag it to. `stem`: version and system."""
    layout = build / "dmg"
    shutil.rmtree(layout, ignore_errors=True)
    layout.mkdir(parents=True)
    shutil.copytree(dist / "qtchat.app", layout / "qtchat.app", symlinks=True)
    (layout / "Applications").symlink_to("/Applications")
    target = dist / f"qtchat-{stem}.dmg"
    command = ["hdiutil", "create", "-volname", "qtchat", "-srcfolder", str(layout), "-ov", "-format", "UDZO"]
    subprocess.run([*command, str(target)], check=True)
    return {"disk image": target}
