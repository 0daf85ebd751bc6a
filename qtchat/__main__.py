"""`qtchat` and `python -m qtchat` open the desktop program."""

import gc
import sys

gc.disable()  # from then on only the GUI thread collects, see qtchat.gui.garbage; looking while we load takes 30 ms

try:
    from qtchat.gui.app import main
except ModuleNotFoundError as error:
    if error.name is None or error.name.partition(".")[0] not in ("PySide6", "shiboken6"):
        raise
    sys.exit(
        "qtchat: the desktop app needs Qt, which is not installed here. Install it with: pip install 'qtchat[app]' "
        "(in a checkout: pip install '.[app]'). The server, qtchat-server, and qtchat-cli work without it."
    )

if __name__ == "__main__":
    sys.exit(main())
