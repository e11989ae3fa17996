"""Source code: numbered lines, and the function or class that each stretch belongs to as its heading."""

import re
from pathlib import Path

from ingest.clean import clean
from ingest.document_builder import DocumentBuilder
from ingest.encoding import decode
from ingest.hidden import hidden_signs

# What begins a function, method, class or the like, in the languages of `detect_text.CODE_EXTENSIONS`: its words up to
# the name. Statements that look alike (return, if, new) do not begin with one of these. What may stand before a
# method's name and between its brackets is bounded: a file without braces would be read to its end from each line.
_DEFINITION = re.compile(
    r"""^(?P<indent>[ \t]*)
    (?:(?:export|default|public|private|protected|internal|static|final|abstract|async|pub(?:\([a-z]+\))?|unsafe|const
        |inline|virtual|override|open|sealed|partial|data|extern|local|declare)\s+)*
    (?:(?:def|func|fn|fun|function|sub|class|struct|interface|trait|impl|enum|module|namespace|object|record|protocol
        |extension|procedure|create\s+(?:or\s+replace\s+)?(?:table|view|function|procedure|trigger))\b\s*\*?\s*
        (?:\([^()]*\)\s*)?(?P<name>[A-Za-z_$][\w.$:<>-]*)
      |(?:[A-Za-z_][\w:<>,*&\[\]]*\s+){1,8}[*&]*(?P<method>[A-Za-z_~][\w:~]*)\s*\([^;{}]{0,1000}\)\s*(?:const\s*)?
        (?:throws\s[\w, ]+)?\{
      |(?:const|let|var)\s+(?P<arrow>[A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:\([^()]*\)|[A-Za-z_$][\w$]*)\s*=>)
    """,
    re.VERBOSE | re.MULTILINE | re.IGNORECASE,
)
_NO_METHOD = frozenset(
    ("if", "for", "while", "switch", "catch", "return", "else", "new", "do", "foreach", "using", "lock")
)

_TAB = 4


def read(path: Path, builder: DocumentBuilder) -> None:
    """Lines keep their numbers and their indentation."""
    source = decode(path.read_bytes(), builder.name)
    text = clean(source)
    start = builder.page("lines", text)
    builder.hide(hidden_signs(source))
    for match in _DEFINITION.finditer(text):
        name = match["name"] or match["method"] or match["arrow"]
        words = match[0].split()
        if name.lower() not in _NO_METHOD and not (match["method"] and words[0].lower() in _NO_METHOD):
            depth = len(match["indent"].expandtabs(_TAB)) // _TAB
            builder.heading(1 + depth, name, start + match.start())
