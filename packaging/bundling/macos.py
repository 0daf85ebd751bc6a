"""What is made for macOS: what it wants to know of the application, and the disk image to drag it from."""

import importlib
from pathlib import Path
from typing import Final

from PySide6.QtGui import QGuiApplication

from bundling.icons import draw_file
from bundling.place import ROOT, version

BACKGROUND: Final = ROOT / "packaging" / "macos" / "background.svg"
WINDOW: Final = (660, 400)
"""Width and height of the window that shows the disk image."""


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


def disk_image(application: Path, background: Path) -> dict[str, object]:
    """How the disk image looks: the application, an arrow, the folder to drag it to. In the terms of dmgbuild.

    `background`: a picture of WINDOW pixels; beside it, with @2x in its name, one of twice as many.
    """
    return {
        "files": [str(application)],
        "symlinks": {"Applications": "/Applications"},
        "background": str(background),
        "window_rect": ((200, 120), WINDOW),
        "icon_size": 128,
        "text_size": 13,
        "icon_locations": {application.name: (180, 180), "Applications": (480, 180)},
        "format": "UDZO",
    }


def draw_background(folder: Path) -> Path:
    """The picture behind the icons, for screens of both densities; returns the path of the plain one."""
    _application = QGuiApplication.instance() or QGuiApplication(["", "-platform", "offscreen"])
    folder.mkdir(parents=True, exist_ok=True)
    for name, scale in (("background.png", 1), ("background@2x.png", 2)):
        (folder / name).write_bytes(draw_file(BACKGROUND, WINDOW[0] * scale))
    return folder / "background.png"


def pack(dist: Path, build: Path, stem: str) -> dict[str, Path]:
    """The disk image to drag the application from. `stem`: version and system."""
    target = dist / f"qtchat-{stem}.dmg"
    settings = disk_image(dist / "qtchat.app", draw_background(build / "dmg"))
    importlib.import_module("dmgbuild").build_dmg(str(target), "qtchat", settings=settings)  # is on macOS only
    return {"disk image": target}
