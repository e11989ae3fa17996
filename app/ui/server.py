"""Starts the page: Streamlit in this process, on this machine's own address alone."""

import logging
import os
import signal
import socket
import sys
import threading
import time
import webbrowser
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TextIO

from app.stopping import on_main_thread, softly
from core.errors import Cancelled, UsageError
from core.settings import Settings

ADDRESS = "127.0.0.1"
FIRST_PORT, PORTS = 8501, 20
"""Streamlit's usual port, and how many after it are tried where it is taken."""
UPLOAD_MEGABYTES = 1024
"""Largest upload: a scanned book of a thousand pages is a few hundred megabytes."""

LOOK_S = 0.1
"""Seconds between looks at whether the page listens."""

END_S = 2.5
"""Seconds that answers and ingests get to end after Ctrl-C; a model stops within 0.2."""

LIGHT = {
    "primaryColor": "#2f6f6a",
    "backgroundColor": "#fdfcf9",
    "secondaryBackgroundColor": "#f3f0e9",
    "textColor": "#26241f",
}
DARK = {
    "primaryColor": "#5fa8a1",
    "backgroundColor": "#1b1a18",
    "secondaryBackgroundColor": "#262421",
    "textColor": "#e9e5dc",
}


def options(settings: Settings, port: int) -> dict[str, object]:
    """Streamlit's options as its command line names them; these win over its files and its environment."""
    values: dict[str, object] = {
        "server_address": ADDRESS,
        "server_port": port,
        # Only names of this machine: a web site whose name is made to point here cannot reach the page.
        "server_allowedHosts": [ADDRESS, "localhost"],
        "server_headless": True,
        "server_showEmailPrompt": False,
        "server_fileWatcherType": "none",
        "server_runOnSave": False,
        # Else Streamlit collects all garbage after each run of the script, several times a second while an answer is
        # written; with torch's objects in memory that alone keeps a core busy (100 % of one, and 5 % without).
        "runner_postScriptGC": False,
        "server_maxUploadSize": UPLOAD_MEGABYTES,
        "server_enableCORS": True,
        "server_enableXsrfProtection": True,
        "server_enableAgentApi": False,
        "browser_gatherUsageStats": settings.telemetry,
        # "As usual" sets boxes that begin with a default.
        "global_disableWidgetStateDuplicationWarning": True,
        "browser_serverAddress": ADDRESS,
        "client_toolbarMode": "viewer",
        "client_showErrorDetails": "none",
        "client_showErrorLinks": False,
        "logger_hideWelcomeMessage": True,
        "logger_level": "warning",
        "global_developmentMode": False,
        "theme_font": "sans-serif",
        "theme_headingFont": "serif",
        "theme_baseRadius": "0.5rem",
        "theme_showSidebarBorder": False,
    }
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        values |= {f"theme_{name}_{option}": value for option, value in colours.items()}
    return values


def is_worth_saying(record: logging.LogRecord) -> bool:
    """False for what Streamlit reports as a crash where a tab was closed while its page was being sent."""
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__name__ != "WebSocketDisconnected"


def free_port(wanted: int | None) -> int:
    """``wanted`` if it is free, else the first free one from Streamlit's usual port on. Raises UsageError."""
    for port in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + PORTS):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((ADDRESS, port))
            except OSError:
                continue
            return port
    raise UsageError(
        f"port {wanted or FIRST_PORT} is taken.", "Name another one with --port, or end the program that uses it."
    )


def serve(settings: Settings, port: int | None, *, open_browser: bool, fetch_model: bool = False) -> None:
    """Serve the page until Ctrl-C, and raise Cancelled then; ``fetch_model``: fetch `standard` in the background.

    Raises UsageError where the port is taken.
    """
    number = free_port(port)
    url = f"http://{ADDRESS}:{number}"
    # The page reads its settings from the environment, as its child processes do.
    os.environ["LECTERN_HOME"], os.environ["LECTERN_LIBRARY"] = str(settings.home), settings.library
    print("The page is starting ...", flush=True)

    from streamlit.web import bootstrap

    from app.ui import shared

    logging.getLogger("uvicorn.error").addFilter(is_worth_saying)
    values = options(settings, number)
    bootstrap.load_config_options(values)
    warm_up = partial(shared.warm_up, fetch_model=fetch_model)
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    said = partial(_say_where, number, url, sys.stdout, open_browser=open_browser)
    threading.Thread(target=said, name="say-where", daemon=True).start()
    # Streamlit's own lines ("Stopping...") are of no use to the person.
    with softly(_listens, END_S), Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        try:
            bootstrap.run(str(Path(__file__).with_name("page.py")), is_hello=False, args=[], flag_options=values)
        finally:
            shared.close()
    raise Cancelled("the page was closed.")


def _say_where(port: int, url: str, out: TextIO, *, open_browser: bool) -> None:
    """Once the page listens, write where it is and open it; a browser that came before would show an error."""
    while not _connects(port):
        time.sleep(LOOK_S)
    print(f"Lectern is at {url}   (Ctrl-C ends it)", file=out, flush=True)
    if open_browser:
        webbrowser.open(url)


def _connects(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((ADDRESS, port)) == 0


def _listens() -> bool:
    """Whether Streamlit handles the signals, as it does once it listens: it then ends its server by itself."""
    return signal.getsignal(signal.SIGINT) is not on_main_thread
