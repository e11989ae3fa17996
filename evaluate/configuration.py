"""What is measured: settings and parameters of the search, and how `--compare NAME=VALUE` changes either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.settings import Settings, load_settings
from index.search.parameters import DEFAULTS, NAMES, SearchParameters, parameters_with


@dataclass(frozen=True, slots=True)
class Configuration:
    """What is measured: a person's settings, and the search's parameters."""

    settings: Settings
    parameters: SearchParameters = DEFAULTS

    def changed(self, changes: Mapping[str, str]) -> Configuration:
        """The configuration with ``changes``, by the name of a setting or of a parameter.

        Raises UsageError for a name that is neither and for a value that is not valid.
        """
        weights = {name: value for name, value in changes.items() if name in NAMES}
        others = {name: value for name, value in changes.items() if name not in NAMES}
        settings = load_settings(**{**self.settings.model_dump(), **others}) if others else self.settings
        return Configuration(settings, parameters_with(self.parameters, weights))
