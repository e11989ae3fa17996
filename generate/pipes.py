"""Waits for pipes with poll, because select.select refuses descriptors above 1,023."""

import select


def readable(descriptor: int, seconds: float) -> bool:
    """Whether data or the end of the pipe can be read from ``descriptor`` within ``seconds``."""
    watch = select.poll()
    watch.register(descriptor, select.POLLIN)
    return bool(watch.poll(seconds * 1000))


def left_alone(descriptor: int, seconds: float) -> bool:
    """Whether the pipe's writing end is closed within ``seconds``; nothing is read from it."""
    watch = select.poll()
    watch.register(descriptor, 0)  # that the other end is closed is reported unasked
    return bool(watch.poll(seconds * 1000))
