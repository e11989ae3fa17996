"""LangChain's own standard suites for chat models, with the real SmolLM2. docs/engine.md says what is off, and why."""

from typing import Any

import pytest
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.unit_tests import ChatModelUnitTests

from generate import llama
from generate.llama import ChatLectern


@pytest.fixture(autouse=True, scope="module")
def shared(engine):
    """One process for all tests here: the session's engine answers for every name that they use."""
    patch = pytest.MonkeyPatch()
    patch.setattr(llama, "shared_engine", lambda _model: engine)
    yield
    patch.undo()


class TestUnit(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[ChatLectern]:
        return ChatLectern

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return {"LECTERN_MODEL": "SmolLM2-135M-Instruct"}, {}, {"model": "SmolLM2-135M-Instruct"}


class TestIntegration(ChatModelIntegrationTests):
    @property
    def chat_model_class(self) -> type[ChatLectern]:
        return ChatLectern

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"max_tokens": 48}

    @property
    def structured_output_kwargs(self) -> dict[str, Any]:
        return {"method": "json_schema"}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supported_usage_metadata_details(self) -> dict[str, list[str]]:
        return {"invoke": ["cache_read_input"], "stream": ["cache_read_input"]}

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> Any:
        model = ChatLectern(max_tokens=8, conversation="standard")
        model.invoke("What is the capital of France?")
        if not stream:
            return model.invoke("What is the capital of France?")
        first, *rest = model.stream("What is the capital of France?")
        for chunk in rest:
            first += chunk
        return first

    @property
    def model_override_value(self) -> str:
        return "SmolLM2-135M-Instruct"
