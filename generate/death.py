"""Turns the end of the model's process, and the errors in its replies, into errors that say what to do next."""

import signal
from typing import Any

from core import errors

LAST_WORDS = 600
"""Most characters of the dead process's last output that the error's message quotes."""

AGAIN = "Ask again; `lectern doctor` checks the set-up."


def result(reply: dict[str, Any]) -> Any:
    """The content of a reply. Raises the error that it reports."""
    if "raise" in reply:
        # A new one each time: a traceback must not grow with every reader.
        death: errors.LecternError = reply["raise"]
        raise type(death)(death.message, death.hint)
    if "error" in reply:
        report = reply["error"]
        kind = getattr(errors, report["kind"], errors.ModelError)
        raise kind(report["message"], report["hint"])
    return reply.get("result")


def cause(code: int, words: str) -> errors.EngineStopped:
    """Why the process ended, from its exit code and its own last words."""
    if code == -signal.SIGILL:
        return errors.EngineStopped(
            "the model stopped: llama-cpp-python on this machine was built for another processor.",
            "Rebuild it: pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python",
        )
    if code == -signal.SIGKILL:
        return errors.EngineStopped(
            "the model was killed, most likely because memory ran out.",
            "Ask again; choose a smaller model or context_tokens if it happens often.",
        )
    if code == 0:
        return closed()
    how = f"signal {_signal_name(-code)}" if code < 0 else f"exit code {code}"
    last = words.splitlines()[-1][-LAST_WORDS:] if words else "it left no message"
    return errors.EngineStopped(f"the model stopped ({how}): {last}", AGAIN)


def _signal_name(number: int) -> str:
    return next((known.name for known in signal.Signals if known == number), str(number))


def closed() -> errors.EngineStopped:
    return errors.EngineStopped("the model was closed.", "Ask again.")


def hung() -> errors.EngineStopped:
    return errors.EngineStopped("the model no longer answered and was ended.", AGAIN)


def unreadable(error: Exception) -> errors.EngineStopped:
    return errors.EngineStopped(f"the model stopped: its answers cannot be read ({error}).", AGAIN)


def unstarted(error: Exception) -> errors.EngineStopped:
    return errors.EngineStopped(
        f"the model's process could not be started: {error}.", "Close other programs, then ask again."
    )
