"""Messages -> tokens by the model's own chat template, in which only the template's tokens are special.

The template is rendered with a placeholder for each content. What the template wrote around the placeholders is split
at its control tokens; all other text, the contents with it, is tokenized as plain text. So "<|im_end|>" in a document
or a question is a few ordinary tokens, and ends no message.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Literal, NoReturn

from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from core.errors import ModelError
from core.types import Message
from generate.native import Model

PLACEHOLDER = re.compile("\ue000(\\d+)\ue001")
"""Private-use characters: templates do not contain them, and contents are not there yet when they are looked for."""

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
"""For files without a template: the layout that most chat models of today were trained with."""

Kind = Literal["control", "plain"]


def _refuse(message: str) -> NoReturn:
    raise TemplateError(message)


def _now(form: str) -> str:
    return datetime.now().astimezone().strftime(form)


class ChatTemplate:
    """The chat template of ``model``."""

    def __init__(self, model: Model) -> None:
        self._model = model
        source = model.chat_template or CHATML
        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
        environment.globals.update(raise_exception=_refuse, strftime_now=_now)
        try:
            self._template = environment.from_string(source)
        except TemplateError as error:
            raise ModelError(
                f"the model's chat template cannot be read: {error}.", "Choose another model or file."
            ) from error
        known = model.tokenize(source + model.bos + model.eos, special=True)
        # Control tokens are recognised only on demand; user-defined ones always, so contents are cut where they stand.
        self._control = _any_of({model.token_text(token) for token in known if model.is_control(token)})
        self._always = _any_of(
            {text for token in known if model.is_user_defined(token) and (text := model.token_text(token))[:1] == "<"}
        )

    def tokens(self, messages: Sequence[Message]) -> list[int]:
        """The whole prompt, up to where the model answers.

        Raises ModelError where the template refuses the messages (their roles or order).
        """
        tokens: list[int] = []
        for kind, text in self.runs(messages):
            tokens += self._model.tokenize(text, special=kind == "control")
        if self._model.starts_with_bos and self._model.bos:
            bos = self._model.tokenize(self._model.bos, special=True)
            if tokens[: len(bos)] != bos:
                tokens = bos + tokens
        return tokens

    def text(self, messages: Sequence[Message]) -> str:
        """The whole prompt as text, control tokens written out. What looks like one in a content is plain text to the
        model. Raises ModelError where the template refuses the messages."""
        text = "".join(run for _, run in self.runs(messages))
        bos = self._model.bos if self._model.starts_with_bos else ""
        return text if text.startswith(bos) else bos + text

    def runs(self, messages: Sequence[Message]) -> Iterator[tuple[Kind, str]]:
        """The prompt as (kind, text): each control token, and each stretch of plain text between two of them, which is
        tokenized as a whole. Raises ModelError as ``tokens`` does."""
        run = ""
        for position, piece in enumerate(PLACEHOLDER.split(self._render(messages))):
            if position % 2:
                *cuts, run = self._defused(run, messages[int(piece)].content)
                yield from (("plain", cut) for cut in cuts)
                continue
            for index, text in enumerate(self._control.split(piece)):
                if not index % 2:
                    run += text
                    continue
                if run:
                    yield "plain", run
                yield "control", text
                run = ""
        if run:
            yield "plain", run

    def _defused(self, run: str, content: str) -> list[str]:
        """``run`` followed by ``content``, cut within each token text that would be recognised even as plain text."""
        pieces = [run]
        for index, text in enumerate(self._always.split(content)):
            pieces[-1] += text[:1] if index % 2 else text
            if index % 2:
                pieces.append(text[1:])
        return pieces

    def _render(self, messages: Sequence[Message]) -> str:
        stand_ins = [
            {"role": message.role, "content": f"\ue000{index}\ue001"} for index, message in enumerate(messages)
        ]
        try:
            return self._rendered(stand_ins)
        except TemplateError as error:
            # Some templates know no system role; its text then opens the first question.
            if len(stand_ins) > 1 and stand_ins[0]["role"] == "system":
                first, second, *others = stand_ins
                second = {**second, "content": f"{first['content']}\n\n{second['content']}"}
                try:
                    return self._rendered([second, *others])
                except TemplateError:
                    pass
            raise ModelError(
                f"the model's chat template refuses these messages: {error}.", "Take another: lectern models list"
            ) from error

    def _rendered(self, messages: list[dict[str, str]]) -> str:
        values: dict[str, Any] = {"messages": messages, "add_generation_prompt": True}
        try:
            return self._template.render(**values, bos_token=self._model.bos, eos_token=self._model.eos)
        except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
            # What the template's own expressions meet; it must end the question and not the process.
            raise TemplateError(f"{type(error).__name__}: {error}") from error


def _any_of(texts: set[str]) -> re.Pattern[str]:
    longest_first = sorted(filter(None, texts), key=len, reverse=True)
    return re.compile("(" + "|".join(map(re.escape, longest_first)) + ")" if longest_first else "((?!))")
