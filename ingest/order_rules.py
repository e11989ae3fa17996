"""Rules that recognise sentences which give orders to a model, in English and the best known wordings of others.

They look for what is written to a model (its instructions, its role, its answer, its template's marks), not for
imperatives, of which every manual is full. docs/safety.md has what they find and what they flag wrongly.
"""

Rule = tuple[tuple[str, ...], str]
"""(words, pattern). A sentence must contain one of the words, which is checked first because it is quick, and match the
pattern. Both are compared with the sentence in lower case, on one line."""


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

# "Ignore the earlier instructions on page 4": what an errata sheet takes back stands in print.
_PRINTED = (
    r"(?! (?:on|in|at|from|of|for) (?:the |your )?(?:\w+ )?"
    r"(?:page|section|chapter|step|table|figure|sheet|leaflet|label|box|edition|handbook)s?\b)"
)

_OVERRIDES = ("ignore", "disregard", "forget", "overrid", "overrule", "bypass", "not follow", "stop following")

LEADING: tuple[Rule, ...] = (
    # Written over what came before: Perez and Ribeiro 2022, "Ignore Previous Prompt".
    (
        _OVERRIDES,
        r"\b(?:ignore|disregard|forget|override|overrule|bypass|do not follow|stop following) (?:\w+ ){0,4}?"
        r"(?:previous|prior|above|earlier|preceding|existing|original|initial|foregoing|system|your|all other)"
        rf" (?:\w+ ){{0,2}}?{_INSTRUCTIONS}\b{_PRINTED}"
        r"|\b(?:ignore|disregard|forget) (?:all|any|every) (?:other )?(?:instruction|prompt)s?\b" + _PRINTED,
    ),
    (
        _OVERRIDES,
        r"\b(?:ignore|disregard|forget) (?:everything|all|anything)(?: that| which)? (?:\w+ ){0,4}?"
        r"(?:above|before|previously|told|so far)\b",
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
    # Whatever is asked: one answer to all questions.
    (
        ("whatever", "no matter", "regardless", "irrespective", "asked anything", "any question"),
        r"\b(?:whatever|no matter (?:what|which|how)|regardless of|irrespective of)\b[^.!?]{0,40}?"
        r"\b(?:question|query|prompt|asked|asks)\b[^.!?,]{0,20}[,:]? (?:(?:always|only|just|simply|please|you must) )*"
        r"(?:answer|reply|respond|say|state|claim)\b"
        r"|\basked (?:about )?(?:anything|whatever|any question)\b[^.!?,]{0,20}, (?:(?:always|only|just|simply) )*"
        r"(?:answer|reply|respond|say|state|claim)\b",
    ),
    (
        ("answer to", "reply to", "response to"),
        r"\b(?:only|correct|right|true|valid) (?:\w+ )?(?:answer|reply|response) to (?:any|every|each|all) "
        r"(?:\w+ )?(?:questions?|quer(?:y|ies)|prompts?)\b",
    ),
    (
        ("egal", "question", "pregunta", "pergunta", "domanda"),
        r"\begal,? (?:was|welche|wie|wonach)\b[^.!?]{0,40}?frag\w*[^.!?,]{0,12}, (?:antworte|sag)(?:e|en sie)?\b"
        r"|\bquelle que soit (?:la|votre|ta) question\b[^.!?,]{0,30}, (?:réponds|répondez|dis|dites)\b"
        r"|\b(?:sea cual sea|cualquiera que sea|no importa) (?:\w+ ){0,3}?pregunta\b[^.!?,]{0,30}, "
        r"(?:responde|responda|contesta|conteste|di|diga)\b"
        r"|\b(?:seja qual for|qualquer que seja|não importa) (?:\w+ ){0,3}?pergunta\b[^.!?,]{0,30}, "
        r"(?:responde|responda|diga)\b"
        r"|\bqualunque (?:\w+ ){0,2}?domanda\b[^.!?,]{0,30}, (?:rispondi|rispondete|dite|di['’])",
    ),
    (
        ("问", "問", "質問", "聞か"),
        r"(?:无论|無論|不管|不論)[^。！？]{0,12}[问問][^。！？我]{0,12}(?:回答|答|说|說)"
        r"|(?:どんな|いかなる|どのような|何を)[^。！？]{0,8}(?:質問|聞かれ)[^。！？]{0,30}と(?:だけ)?(?:答え|回答|言)",
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
        r"<\|(?:im_start|im_end|im_sep|endoftext|system|user|assistant|eot_id|start_header_id|end_header_id"
        r"|begin_of_text|end)\|>",
    ),
    (
        ("[inst", "[/inst", "<<", "_turn>", "system_prompt"),
        r"\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>|\[/?system_prompt\]",
    ),
    (("##",), r"#{2,4} ?(?:instructions?|response|system(?: (?:prompt|message|override))?) ?:"),
    (
        ("system", "developer"),
        r"^\W*(?:system (?:prompt|message|override|notice)|developer message) ?:"
        r"|^\W*system ?: (?:you|ignore|disregard|forget|whatever|from now on|(?:always |only )?(?:answer"
        r"|respond|reply|say|tell))\b",
    ),
    (("<",), r"</? ?(?:system|instructions?|sources?|assistant)\b[^<>]{0,40}>"),
)
"""Rules for orders that take neighbouring sentences with them, if these go on telling the model what to say."""

TOLD: tuple[Rule, ...] = (
    (
        ("instruction", "prompt"),
        rf"\b(?:new|updated|real|actual|hidden|secret) (?:system )?(?:instructions?|prompt)"
        rf"(?: for (?:the )?{_MODEL})? ?:",
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
)
"""Rules for orders of a single sentence: neighbouring sentences may be an exam's or a form's."""

_SAY = (
    r"(?:acknowledge|affirm|answer|assert|assure|claim|confirm|convince|declare|deny|insist|mention|persuade|praise"
    r"|pretend|recommend|repeat|reply|respond|say|state|tell|write)"
)
_URGED = (
    r"(?:(?:please|instead|also|then|and|now|so|simply|just|always|never|only|do not|don['’]t|from now on"
    r"|you (?:must|should|will|shall|may|are to|have to|need to)(?: not)?)[ ,]+)"
)
# "Reply by 3 May", "tell us": what letters and manuals ask of their readers.
_PEOPLE = (
    r"(?! (?:us|me|your|if|by (?!saying)|within|before|to (?:us|me|our|the|this)|in (?:writing|person|time)|no later"
    r"|as soon|the (?:office|driver|doctor|engineer|manager|operator|police|staff|landlord|crew|team))\b)"
)
_SHAPES = r"(?:begin|start|end|contain|include|mention|say|state|be|consist|recommend|use|follow|read)s?"

GOES_ON = (
    rf"^\W*{_URGED}*(?:say|claim|pretend|insist|assert)\b(?! when\b){_PEOPLE}",
    rf"^\W*{_URGED}*(?:{_SAY} (?:that|nothing|only|exactly|always|the opposite|[\"“„«'‘])|(?:answer|respond|reply) "
    r"(?:with|[\d$€£]))",
    rf"^\W*{_URGED}*(?:assume|suppose|believe|accept) (?:that|the)\b|^\W*(?:from now on|henceforth)\b",
    r"\b(?:users?|readers?|anyone|everyone|whoever|assistant|model|ai)\b[^.!?]{0,40}?\b(?:must|should|shall"
    r"|(?:is|are|has) to) "
    r"(?:\w+ )?(?:be told|say|tell|hear|answer|reply|state|learn|believe)\b",
    rf"^\W*{_URGED}*(?:tell|inform|advise|assure|convince|persuade|urge) (?:the (?:user|reader|person|customer"
    rf"|public)s?"
    r"|(?:any|every)(?:one|body)|all (?:users|readers)|whoever|them|him|her|people|users|readers)\b",
    rf"^\W*{_URGED}+{_SAY}\b{_PEOPLE}",
    rf"^\W*{_URGED}*(?:answer|respond|reply)(?: to)? (?:any|every|each|all|whatever) ",
    rf"\b(?:when|whenever|if|whoever|anyone|should)\b[^.!?]{{0,40}}\bask(?:ed"
    rf"|s)?\b[^.!?]{{0,60}}?[, ]{_URGED}*{_SAY}\b{_PEOPLE}",
    rf"\b(?:your|the only|every|each|any|all) (?:\w+ ){{0,2}}?{_ANSWER}\b[^.!?]{{0,40}}?\b(?:must|should|shall"
    rf"|always|has to"
    rf"|ha(?:s|ve) to|needs? to|(?:is|are) to)(?: (?:always|only|not|never))? {_SHAPES}\b"
    r"(?! (?:received|returned|sent|submitted|made|in ink|in writing|given|handed))",
    rf"^\W*(?:the|every|each|any) (?:\w+ ){{0,2}}?{_ANSWER}(?: (?:to|for) (?:this|it|that|any|every|each"
    rf"|all)[^.!?,]{{0,30}}?)? "
    r"(?:is|are|begins|ends)(?: always| only| never)\b",
    rf"^\W*(?:every|each|all) (?:\w+ )?{_ANSWER} {_SHAPES}\b|\bas (?:the|your) (?:\w+ )?{_ANSWER}\b",
    rf"\b(?:in|to|of|into|from|throughout) your (?:\w+ )?{_ANSWER}\b{_FORM}(?! (?:of|dated)\b)",
    # German, Dutch
    r"^\W*(?:bitte |dann |und |immer |stets |nur |niemals )*(?:antworten?|sagen?|sag|behaupten?|schreiben?"
    r"|nennen?|empfehlen?"
    r"|empfiehl|erkläre|bestätigen?|erwähnen?|zeg|antwoord|beweer|vermeld)\b(?! uns\b)",
    r"\b(?:gefragt|fragt|frage|antworten?|vraag|gevraagd|antwoord)\b.{0,60}\b(?:immer|stets|nur|ausschließlich"
    r"|muss|müssen|lautet"
    r"|altijd|alleen|moet)\b|\b(?:immer|stets|nur|ausschließlich|altijd|alleen) (?:\w+ ){0,2}?(?:antwort\w*"
    r"|sag\w*|antwoord\w*)",
    # French, Spanish, Portuguese, Italian
    r"^\W*(?:(?:et|puis|toujours|seulement|ne|y|siempre|solo|e|sempre|só)[ ,]+)*(?:réponds|répondez|dis|dites"
    r"|affirme[zr]?"
    r"|recommande[zr]?|mentionne[zr]?|responde|responda|contesta|conteste|di|diga|digan|afirm[ae]|recomiend[ae]"
    r"|menciona"
    r"|diz|recomend[ae]|rispondi|rispondete|dite|di['’]|afferma|raccomanda)\b(?![ -](?:nous|moi|nos|noi))",
    r"\b(?:la réponse|les réponses|ta réponse|votre réponse|la respuesta|las respuestas|tu respuesta|a resposta"
    r"|sua resposta"
    r"|la risposta|la tua risposta)\b.{0,50}\b(?:doit|doivent|toujours|debe|deben|siempre|deve|devem|sempre|est"
    r"|es|é|è)\b",
    # Polish, Russian, Turkish
    r"^\W*(?:zawsze )?(?:odpowiedz|odpowiadaj|powiedz|mów|napisz)\b|^\W*(?:всегда )?(?:ответь|отвечай|скажи"
    r"|говори|напиши)\w*"
    r"|\b(?:cevap ver|yanıtla|söyle|de ki)\w*\W*$",
    # Chinese, Japanese, Korean
    r"^\W*(?:请|必须|总是|始终|只|都|一律|然后)*(?:回答|回复|告诉|說|说|答|声称)|(?:回答|答案|回复)[^。！？]{0,10}(?:必须|只能|总是|始终|都是|一律)"
    r"|(?:请|必须|总是|始终|只能|一律)[^。！？]{0,6}(?:回答|回复|告诉)",
    r"と(?:だけ)?(?:答え|回答し|言っ|伝え)|(?:라고|고) ?(?:대답|답변|답|말)(?:하|해)",
    # Arabic, Hindi
    r"^\W*(?:دائما |دائمًا )?(?:أجب|قل|أخبر)\b|(?:उत्तर|जवाब) (?:दें|दो|दीजिए)|(?:कहें|कहो|बताएं|बताओ)\W*$",
)
"""Patterns of sentences that continue a neighbouring order; elsewhere, letters and exams say the same to people."""

TASK = (
    rf"^\W*{_URGED}*(?:advertise|compose|describe|develop|draft|encode|explain|generate|imagine|output|promote"
    r"|recite|reveal|show|spell|suggest|summari[sz]e|translate|write|(?:give|provide) (?:me |us )?(?:a|an|the))\b"
)
"""A writing task. On the same line as an order it belongs to the order; elsewhere it is an exam's or a form's."""
