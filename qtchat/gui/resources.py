"""Where the files beside the code are: icons, sounds, translations."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resources_folder() -> Path:
    """The folder `resources`: inside the package once installed, beside it in a source checkout.

    Raises FileNotFoundError if the installation lacks it.
    """
    for folder in (_PACKAGE / "resources", _PACKAGE.parent / "resources"):
        if (folder / "icons").is_dir():
            return folder
    raise FileNotFoundError(f"the folder 'resources' is missing from this installation, looked beside {_PACKAGE}")


def resource(*parts: str) -> Path:
    """The path of one file in the resources folder; it need not exist."""
    return resources_folder().joinpath(*parts)
