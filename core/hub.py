"""The model hub is out of reach unless the person asks for a model that lives there.

The Hugging Face libraries ask the hub about local models too, unless they are told that there is none. A process that
the person started to fetch a model gets their own environment back (`environment_with_hub`).
"""

import json
import os

OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}

BEFORE = "LECTERN_HUB_BEFORE"
"""Holds, as JSON, what the person's environment said of the variables in `OFFLINE`, for children of this process."""


def close_hub() -> None:
    """Keep this process and its children from the hub."""
    if BEFORE not in os.environ:
        os.environ[BEFORE] = json.dumps({name: os.environ[name] for name in OFFLINE if name in os.environ})
    os.environ.update(OFFLINE)


def environment_with_hub() -> dict[str, str]:
    """The environment for a child that may reach the hub, unless the person switched it off themself."""
    if BEFORE not in os.environ:
        return dict(os.environ)
    rest = {name: value for name, value in os.environ.items() if name not in OFFLINE and name != BEFORE}
    before: dict[str, str] = json.loads(os.environ[BEFORE])
    return rest | before
