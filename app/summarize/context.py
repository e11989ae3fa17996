"""What summaries and comparisons are made with: the models, the settings, and whether a long task may run."""

import threading
from dataclasses import dataclass

from core.protocols import ChatEngine, Embedder
from core.settings import Settings
from generate.catalogue import skills


@dataclass(frozen=True, slots=True)
class TaskContext:
    """The models and settings of a task on whole documents; setting ``cancel`` ends the task.

    Without an ``engine``, or with one that does not summarise, a summary consists of quotations. ``agreed``: the person
    accepts the task however long it takes. ``document_names`` are the names or ids of the documents that a command
    finds them by, in order; () for their file names.
    """

    embedder: Embedder
    engine: ChatEngine | None
    settings: Settings
    cancel: threading.Event
    agreed: bool = False
    document_names: tuple[str, ...] = ()

    @property
    def model_writes(self) -> bool:
        """Whether there is a model, and it is good enough to write summaries."""
        return self.engine is not None and skills(self.engine.name, self.engine.size).summarises
