"""The engine that the programs of one user share, with the requests and replies of `generate.worker`."""

from typing import Any

from generate.jobs import Worker
from generate.sharing import serve
from generate.worker import load_engine


def load(model: dict[str, Any]) -> tuple[Worker, dict[str, Any]]:
    """The engine of ``model`` and what programs are told of it. Raises ModelError."""
    engine = load_engine(model)
    return Worker(engine), {"window": engine.window}


if __name__ == "__main__":
    serve(load)
