"""The shapes that prompts ask for: each makes the grammar of a local model and the JSON schema of a server's."""

import re
from typing import Annotated, Literal, Self, get_args

from pydantic import Field

from core.shapes import Line, Shape

STEP_TEXT = re.compile(
    r'Thought:\s*(?P<thought>.*?)\s*\nAction:\s*(?P<action>search|lookup|finish)\("(?P<words>.*?)(?:"\)|$)', re.S
)
"""A step of "react" in a model's text; its last words may have been cut."""

ANSWER_LINE = re.compile(r"\n\s*Answer:[ \t]*")
"""What stands between the thoughts and the answer of "cot"."""

ASKED = Line(r"[^\n?؟？]", 10, 152, first=r"[^\n ]", last="[?؟？]")

Question = Annotated[str, ASKED]


class Thinking(Shape):
    """What the sources say about the question, and then the answer."""

    thoughts: Annotated[str, Line(r"[^\n]", 1, 400, cut=True)] = Field(
        description="What the sources say about the question, step by step, in one line of at most 400 characters."
    )
    answer: Annotated[str, Line(r"[^\n]")] = Field(description="The answer to the question, in one short sentence.")

    @classmethod
    def grammar(cls) -> str:
        return rf'root ::= "Thoughts: " {cls.line("thoughts").gbnf} "\nAnswer: " {cls.line("answer").gbnf}'

    def to_text(self) -> str:
        return f"Thoughts: {self.thoughts}\nAnswer: {self.answer}"

    @classmethod
    def parse(cls, text: str) -> Self:
        thoughts, answer = split_thoughts(text)
        return cls(thoughts=thoughts, answer=answer)

    @classmethod
    def from_plain(cls, text: str) -> str:
        """The whole of it is the answer, unless the model kept to the lines by itself."""
        return text if ANSWER_LINE.search(text) else f"Thoughts: \nAnswer: {' '.join(text.split())}"


def split_thoughts(text: str) -> tuple[str, str]:
    """The thoughts and the answer of a text with both. Raises ValueError for any other."""
    found = ANSWER_LINE.search(text)
    if not found:
        raise ValueError('has no line that begins with "Answer:"')
    return text[: found.start()].strip().removeprefix("Thoughts:").strip(), text[found.end() :]


class Step(Shape):
    """One step: a thought, and one action that follows from it."""

    thought: Annotated[str, Line(r"[^\n]", 1, 160, cut=True)] = Field(
        description="What is known and what is missing, in one line of at most 160 characters."
    )
    action: Literal["search", "lookup", "finish"] = Field(
        description="search: look in all documents for more. lookup: find these very words in the documents found so "
        "far. finish: give the answer."
    )
    words: Annotated[str, Line(r'[^"\n]', 1, 240)] = Field(
        description="What to search for or to look up, or the answer: one line of at most 240 characters."
    )

    @classmethod
    def grammar(cls) -> str:
        actions = get_args(cls.model_fields["action"].annotation)
        return "\n".join(
            (
                r'root ::= "Thought: " thought "\nAction: " action',
                f"thought ::= {cls.line('thought').gbnf}",
                "action ::= " + " | ".join(rf'"{action}(\"" words "\")"' for action in actions),
                f"words ::= {cls.line('words').gbnf}",
            )
        )

    def to_text(self) -> str:
        return f'Thought: {self.thought}\nAction: {self.action}("{self.words}")'

    @classmethod
    def parse(cls, text: str) -> Self:
        step = STEP_TEXT.match(text.strip())
        if not step:
            raise ValueError('is not a line "Thought:" and a line "Action:"')
        return cls.model_validate(step.groupdict())

    @classmethod
    def from_plain(cls, text: str) -> str:
        """The whole of it is the answer, unless the model kept to the lines by itself."""
        answer = " ".join(text.split()).replace('"', "”")
        return text if STEP_TEXT.match(text.strip()) else f'Thought: \nAction: finish("{answer}")'


class LastStep(Step):
    """The last step: a thought, and the answer."""

    action: Literal["finish"] = Field(description="finish: give the answer; nothing more can be searched for.")


class Questions(Shape):
    """The same question in two other ways."""

    first: Question = Field(description="The question in other words, with a question mark.")
    second: Question = Field(description="The question in other words again, with a question mark.")

    @classmethod
    def grammar(cls) -> str:
        return f'root ::= question "\\n" question\nquestion ::= {cls.line("first").gbnf}'

    def to_text(self) -> str:
        return f"{self.first}\n{self.second}"

    @classmethod
    def parse(cls, text: str) -> Self:
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) != 2:
            raise ValueError("is not two lines")
        return cls(first=lines[0], second=lines[1])


class Standalone(Shape):
    """A question that can be understood by itself."""

    question: Annotated[str, Line(r"[^\n?؟？]", 5, 202, first=r"[^\n\t ?؟？a-z]", last="[?؟？]")] = Field(
        description="The question, with a capital letter and a question mark."
    )

    @classmethod
    def grammar(cls) -> str:
        return f"root ::= {cls.line('question').gbnf}"

    def to_text(self) -> str:
        return self.question

    @classmethod
    def parse(cls, text: str) -> Self:
        if "\n" in text.strip():
            raise ValueError("is more than one line")
        return cls(question=text)


class Parts(Shape):
    """The questions of a message, each by itself."""

    questions: Annotated[str, Line(r"[^\n]", 10, 620, last="[?؟？]")] = Field(
        description="Each thing that is asked as a whole question with a question mark, one after the other."
    )

    @classmethod
    def grammar(cls) -> str:
        return f'root ::= question ("\\n" question){{0,3}}\nquestion ::= {ASKED.gbnf}'

    def to_text(self) -> str:
        return re.sub(r"([?؟？])\s*(?=\S)", r"\1\n", self.questions)

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(questions=text)


SHAPES: dict[str, type[Shape]] = {
    "cot": Thinking,
    "react": Step,
    "queries": Questions,
    "standalone": Standalone,
    "starter": Standalone,
    "parts": Parts,
}
"""By the name of the prompt's file; the other prompts are answered freely."""
