"""A question without its question words ("what", "who"), which an answer does not repeat.

BM25 weighs a term by its rarity, and question words are rare in texts that answer: in a library of 300 chunks "what"
weighs as much as a name. Without them hit@5 of BM25 without vectors rose on each of eight sets (docs/retrieval.md).
Other function words stay: they are so frequent that they weigh nothing.
"""

import regex

ENGLISH = "what who whom whose when where why how which many much did do does"
ARABIC = "ما ماذا من متى أين اين كيف كم لماذا هل أي اي هو هي"
HINDI = "क्या कौन कब कहाँ कहां कैसे कितने कितनी कितना क्यों किस किसने किसके किसकी किसे कौनसा कौनसी"
CHINESE = "为什么 什么 哪些 哪个 哪里 哪 谁 多少 怎么样 怎么 怎样 如何 吗 呢"

_JOIN = r"[-‐‑–./_:@#&+]?"  # "how-to" and "DO-178" are names


def _any(words: str) -> str:
    """A pattern for any of these words, longer ones first."""
    return "|".join(map(regex.escape, sorted(words.split(), key=len, reverse=True)))


_QUESTION_WORD = regex.compile(
    rf"(?<![\w\p{{M}}]{_JOIN})"
    rf"(?:(?:{_any(ENGLISH)}|(?<=^\W*|[.?!;:]\s+)(?:{_any(ENGLISH.title())}))(?:['’](?:s|re|d|ll|ve))?"
    rf"|{_any(ARABIC)}|{_any(HINDI)})"
    rf"(?!{_JOIN}[\w\p{{M}}])|{_any(CHINESE)}"
)


def without_question_words(question: str) -> str:
    """``question`` with a space for each question word, in English, Arabic, Hindi and Chinese.

    In English a word with a capital that does not begin a sentence is a name: WHO, The Who.
    """
    return str(_QUESTION_WORD.sub(" ", question))
