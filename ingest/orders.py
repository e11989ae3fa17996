"""Text -> the sentences of it that give orders to a model. Documents are data: nobody follows what they say.

The rules look for what is written to a model (its instructions, its role, its answer, its template's marks), not for
imperatives, of which every manual is full; the best known wordings in other languages too. docs/safety.md has what they
find and what they flag wrongly.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from core.types import Document
from ingest.clean import one_line
from ingest.hidden import SHOWN_CHARACTERS
from ingest.locate import locate
from ingest.sentences import Span, sentence_spans

_Rule = tuple[tuple[str, ...], str]

_MODEL = (
    r"(?:a\.?i\.?|llm|gpt|chat ?gpt|claude|gemini|copilot|chat ?bot|language model|ai[ -](?:model|system|agent)"
    r"|(?:ai|virtual|helpful)[ -]assistant)s?"
)
_INSTRUCTIONS = r"(?:instruction|prompt|direction|directive|guideline|command|rule|programming)s?"
_ANSWER = r"(?:answer|reply|response|output|completion|summary)(?:s|es|ies)?"
_WHOSE = r"(?:your|the (?:final|next|model['’]?s)) (?:\w+ )?"
_CHANGE = (
    r"(?:add|anagram|append|attach|augment|begin|compose|conclude|convert|craft|deliver|emphasi[sz]e|encode|encrypt|end"
    r"|enhance|enrich|finish|format|group|highlight|include|incorporate|inject|insert|integrate|introduce|jumble|link"
    r"|make|mention|misspell|mix|modify|obfuscate|offer|omit|place|prefix|prepend|present|promote|provide|put|rearrange"
    r"|recommend|remove|render|replace|reverse|rewrite|scramble|share|shuffle|spell|start|substitute|suggest|swap|tease"
    r"|transform|translate|turn|use|weave|write)"
)
# "Provide your response by Friday", "put your answer card": what forms and letters ask of their readers.
_FORM = r"(?! (?:by (?!\w+ing)|to th|card|form|envelope|sheet|before|no later|as soon|within))"

_STOP = re.compile(r"[.!?:;…。！？]\W*$")

_OVERRIDES = ("ignore", "disregard", "forget", "overrid", "overrule", "bypass", "not follow", "stop following")

# (words of which the sentence holds one, the rule): looking for words is quick, and few sentences hold any.
_RULES: tuple[_Rule, ...] = (
    # Written over what came before: Perez and Ribeiro 2022, "Ignore Previous Prompt".
    (
        _OVERRIDES,
        r"\b(?:ignore|disregard|forget|override|overrule|bypass|do not follow|stop following) (?:\w+ ){0,4}?"
        r"(?:previous|prior|above|earlier|preceding|existing|original|initial|foregoing|system|your|all other)"
        rf" (?:\w+ ){{0,2}}?{_INSTRUCTIONS}\b",
    ),
    (
        _OVERRIDES,
        r"\b(?:ignore|disregard|forget) (?:everything|all|anything)(?: that| which)? (?:\w+ ){0,4}?"
        r"(?:above|before|previously|told|so far)\b",
    ),
    (
        ("instruction", "prompt"),
        rf"\b(?:new|updated|real|actual|hidden|secret) (?:system )?(?:instructions?|prompt)"
        rf"(?: for (?:the )?{_MODEL})? ?:",
    ),
    (
        ("prompt", "instructions"),
        r"\b(?:reveal|print|repeat|show|output|leak|disclose) (?:\w+ ){0,3}?"
        r"(?:system prompt|(?:your|hidden|initial|secret) (?:\w+ )?(?:instructions|prompt))\b",
    ),
    # Given a role.
    (
        ("you are",),
        rf"\byou are (?:now|no longer) (?:\w+ ){{0,4}}?(?:{_MODEL}|assistant|bot|dan|pirate|model|hacker|unrestricted"
        r"|jailbroken|unfiltered|in \w+ mode|bound by|\w+(?:bot|gpt))\b",
    ),
    (("you are",), rf"\bif you are an? (?:\w+ )?{_MODEL}\b"),
    ((" you",), rf"\b(?:as|being) an? (?:\w+ )?{_MODEL} ?,.{{0,60}}?\byou\b"),
    (
        ("attention", "dear", "hey", "hello", "note", "instruction", "message"),
        r"\b(?:attention|dear|hey|hello|(?:note|instructions?|message) (?:to|for)),? (?:all |any |the )?"
        rf"{_MODEL}\b(?=[:,!.]| (?:reading|processing|summari[sz]ing|that reads))",
    ),
    (
        ("from now on", "henceforth"),
        r"\b(?:from now on|henceforth),? (?:you (?:will|must|shall|are to)|(?:only )?"
        r"(?:answer|reply|respond|act|speak|write))\b"
        r"(?=.*\b(?:as|with|in|only|every|no matter)\b)",
    ),
    (
        (" mode",),
        r"\b(?:enter|activate|enable|switch to) (?:developer|debug|god|admin|jailbreak|dan|unrestricted) mode\b",
    ),
    # Told what to write: the payloads of BIPIA (Yi et al. 2023).
    (
        ("your", "final", "next", "model"),
        rf"\b{_CHANGE}\b.{{0,160}}? (?:to|in|into|within|from|of|at the end of|between|throughout) "
        rf"{_WHOSE}{_ANSWER}\b{_FORM}",
    ),
    (
        ("your", "final", "next", "model"),
        rf"^\W*{_CHANGE} (?:\w+ ){{0,5}}?{_WHOSE}{_ANSWER}\b{_FORM}"
        r"(?= (?:to|with|by|using|as|in|so that|for)\b| ?[.!]|['’]s)",
    ),
    (("your",), rf"^\W*(?:in|at the (?:end|start|beginning) of|throughout) your {_ANSWER}, (?:\w+ly )?[a-z]+\b"),
    (
        ("answer", "respond", "reply"),
        r"\b(?:answer|respond|reply) (?:to (?:every|all|any) (?:\w+ )?(?:questions?|quer(?:y|ies)|prompts?) )?"
        r"(?:(?:only|just|exactly|always|instead) (?:with|by saying)|(?:with|by) (?:only|just|exactly|nothing but"
        r"|the (?:single )?(?:word|phrase|text|sentence|string)))\b(?! of\b)",
    ),
    (
        ("answer", "respond", "reply"),
        r"\b(?:answer|respond|reply) (?:to )?(?:every|all|any|each) (?:\w+ )?(?:questions?|quer(?:y|ies)|prompts?) "
        r"(?:with|by|as)\b",
    ),
    (
        ("output", "print", "write", "say", "repeat"),
        r"^\W*(?:please )?(?:only )?(?:output|print|write|say|repeat) (?:only |exactly |just )?"
        r"the (?:exact )?(?:single )?(?:word|phrase|string|text)s? ?[:\"“'‘]",
    ),
    (
        ("user", "this instruction"),
        r"\bdo not (?:answer|mention|summari[sz]e|tell|reveal|inform)\b.{0,40}\b"
        r"(?:the user|user['’]s question|this instruction)",
    ),
    (
        ("the user", "the reader", "the person"),
        r"\b(?:tell|instruct|urge|ask|convince|inform|direct|advise) the (?:user|reader|person asking) (?:to|that)\b"
        r".{0,80}\b(?:click|visit|download|install|call|pay|log ?in|password|link|send|www|https?)",
    ),
    # Told to send something away.
    (
        ("conversation", "chat", "prompt", "user", "api key"),
        r"\b(?:send|forward|e-?mail|post|upload|transmit|leak|exfiltrate|submit) (?:\w+ ){0,3}?"
        r"(?:conversation|chat(?: history)?"
        r"|system prompt|user['’]?s? (?:\w+ )?(?:data|documents?|files?|question|password|messages?)|api keys?"
        r")\b.{0,60}\bto\b",
    ),
    # German, Dutch
    (
        ("ignorier", "vergiss", "vergessen", "missacht"),
        r"\b(?:ignorier\w*|vergiss|vergessen sie|missachte\w*) "
        r"(?:alles,? (?:was )?(?:oben|bisher|vorher|zuvor)|(?:\w+ ){0,4}?"
        r"(?:anweisung|instruktion|vorgabe|befehl|prompt))",
    ),
    (("du bist",), r"\bdu bist (?:jetzt|nun|ab sofort) (?:\w+ ){0,3}?(?:ki|assistent|bot|modell|pirat)"),
    (("antworte",), r"\bantworte (?:ab jetzt |nur |ausschließlich |immer )+(?:noch )?(?:mit|auf)\b"),
    (("negeer",), r"\bnegeer (?:\w+ ){0,4}?(?:instructies|aanwijzingen|opdrachten)"),
    # French, Spanish, Portuguese, Italian
    (
        ("ignor", "oubli", "olvid", "omiso", "descart", "esqueç", "desconsider", "dimentic"),
        r"\b(?:ignore[zr]?|oublie[zr]?|ignora(?:te|d)?|olvid[ae]|haz caso omiso de|descart[ae]"
        r"|esqueça|desconsider[ae]|dimentica)"
        r" (?:[\w'’]+ ){0,4}?(?:consignes|directives|ordres|instructions (?:\w+ )?(?:précédentes|ci-dessus|antérieures)"
        r"|instrucciones|indicaciones|órdenes|instruções|orientações|comandos|istruzioni|indicazioni|direttive)\b",
    ),
    (
        ("maintenant", "désormais", "ahora eres", "agora você", "ora sei"),
        r"\b(?:(?:tu es|vous êtes) (?:maintenant|désormais)|ahora eres|agora você é|ora sei) (?:\w+ ){0,3}?"
        r"(?:ia|assistante?|asistente|assistente|robot|bot|modèle|modelo|modello|pirate|pirata)\b",
    ),
    (
        ("répond", "respond", "rispondi"),
        r"\b(?:réponds|répondez|responde|responda|rispondi) (?:uniquement|seulement|toujours|solo|solamente|siempre"
        r"|únicamente|apenas|sempre|somente|soltanto) (?:par|avec|en|con|com|in)\b",
    ),
    # Polish, Russian, Turkish
    (("ignoruj", "zapomnij"), r"(?:ignoruj|zapomnij) (?:\w+ ){0,4}?(?:instrukcj|polece)"),
    (
        ("игнорируй", "забудь", "не обращай"),
        r"(?:игнорируй|забудь|не обращай внимания на)\w* (?:\w+ ){0,4}?(?:инструкци|указани|команд|правил)",
    ),
    (("talimat", "komut", "yönerge"), r"(?:talimat|komut|yönerge)\w* (?:\w+ )?(?:yok ?say|görmezden gel|unut)"),
    # Chinese, Japanese, Korean
    (
        ("忽略", "无视", "無視", "忘", "不要理"),
        r"(?:忽略|无视|無視|忘记|忘記|不要理会)[^。！？]{0,12}(?:指令|指示|提示|命令|规则|規則)",
    ),
    (("無視", "忘れ"), r"(?:指示|命令|プロンプト|ルール)[^。！？]{0,8}(?:無視|忘れ)"),
    (("무시", "잊"), r"(?:지시|명령|프롬프트|지침)\w* ?(?:\w+ )?(?:무시|잊)"),
    # Arabic, Hindi
    (("تجاهل", "انس"), r"(?:تجاهل|انسَ?) (?:\w+ ){0,3}?(?:التعليمات|الأوامر|تعليمات|الإرشادات)"),
    (("निर्देश", "आदेश"), r"(?:निर्देश|आदेश)\S* (?:\S+ ){0,3}?(?:अनदेखा|नज़रअंदाज़|नजरअंदाज|भूल)"),
    # What only chat templates write (ChatML, Llama 2 and 3, Gemma, Mistral, Alpaca), and what looks like one.
    (
        ("<|",),
        r"<\|(?:im_start|im_end|im_sep|endoftext|system|user|assistant|eot_id|start_header_id|end_header_id|begin_of_text|end)\|>",
    ),
    (
        ("[inst", "[/inst", "<<", "_turn>", "system_prompt"),
        r"\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|\[/?system_prompt\]",
    ),
    (("##",), r"#{2,4} ?(?:instructions?|response|system(?: (?:prompt|message|override))?) ?:"),
    (
        ("system", "developer"),
        r"^\W*(?:system (?:prompt|message|override|notice)|developer message) ?:"
        r"|^\W*system ?: (?:you|ignore|disregard|forget)\b",
    ),
    (("<",), r"</? ?(?:system|instructions?|sources?|assistant)\b[^<>]{0,40}>"),
)


_TURN = re.compile(
    r"(?i)(?:<\|(?:im_start|start_header_id|system|user|assistant)\|>|\[inst\]|<<sys>>|<start_of_turn>)"
    r"(?:(?!<\|im_start|\[inst\]|<start_of_turn>).){0,2000}?"
    r"(?:<\|(?:im_end|eot_id|end)\|>|\[/inst\]|<</sys>>|<end_of_turn>)",
    re.DOTALL,
)
"""A turn of a chat template, from its opening mark to its closing one: whatever it says is said to a model. Longer ones
are judged sentence by sentence."""


def gives_orders(sentence: str) -> bool:
    """Whether ``sentence`` tells a model what to do."""
    return _breaks(sentence, _RULES)


def find_orders(text: str) -> list[Span]:
    """The spans of the sentences of ``text`` that give orders, in order."""
    turns = [match.span() for match in _TURN.finditer(text)]
    # What follows a turn's end is no part of it: the marks would make one sentence of both.
    plain = _TURN.sub(lambda turn: "\n" * len(turn.group()), text)
    flat = _flat(plain)
    rules = [rule for rule in _RULES if any(word in flat for word in rule[0])]
    if not rules:
        return turns
    spans = sentence_spans(plain)
    alone = [_breaks(plain[start:end], rules) for start, end in spans]
    # A line's end in the middle of an order makes two sentences of it, of which neither says what both say.
    torn = [
        not (alone[at] or alone[at + 1] or _STOP.search(plain[slice(*spans[at])]))
        and _breaks(plain[spans[at][0] : spans[at + 1][1]], rules)
        for at in range(len(spans) - 1)
    ]
    orders = [
        span for at, span in enumerate(spans) if alone[at] or (at < len(torn) and torn[at]) or (at and torn[at - 1])
    ]
    return sorted([*turns, *orders])


def with_order_warning(document: Document) -> Document:
    """The document with a warning that counts the sentences in it that give orders, and quotes the first."""
    spans = find_orders(document.text)
    if not spans:
        return document
    place = locate(document.pages, document.text, spans[0][0]).label
    first = one_line(document.text[slice(*spans[0])], SHOWN_CHARACTERS)
    count = "1 sentence gives" if len(spans) == 1 else f"{len(spans)} sentences give"
    warning = (
        f"{count} orders to a model ({f'{place}: ' if place else ''}“{first}”). They are read as text, not followed."
    )
    return replace(document, warnings=(*document.warnings, warning))


def _breaks(sentence: str, rules: Sequence[_Rule]) -> bool:
    flat = _flat(sentence)
    return any(_compiled(rule).search(flat) for words, rule in rules if any(word in flat for word in words))


def _flat(text: str) -> str:
    return " ".join(text.lower().split())


@cache
def _compiled(rule: str) -> re.Pattern[str]:
    return re.compile(rule)
