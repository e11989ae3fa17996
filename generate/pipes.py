"""Waiting for a pipe, whatever its descriptor's number: select.select refuses those above 1,023."""

import select


def readable(descriptor: int, seconds: float) -> bool:
    """Whether there is something to read from ``descriptor``, its end included, within so many seconds."""
    watch = select.poll()
    watch.register(descriptor, select.POLLIN)
    return bool(watch.poll(seconds * 1000))


def left_alone(descriptor: int, seconds: float) -> bool:
    """Whether the writing end of the pipe is closed within so many seconds; what is still in the pipe is not read."""
    watch = select.poll()
    watch.register(descriptor, 0)  # that the other end is closed is reported unasked
    return bool(watch.poll(seconds * 1000))
