"""The span reader's network: the bundled MiniLM over question and passage, and two scores for every token.

    [CLS] question [SEP] passage [SEP]  ->  start and end scores of the passage's tokens

Scores are differences to the score of [CLS], which stands for "not in this passage" (Devlin et al. 2019), so 0 is
where a span is as likely as no answer, and scores of several passages share one scale (Clark & Gardner 2018).
"""

import math
from typing import Any

import torch
from torch import Tensor, nn

NO_SPAN = -1e4
"""The score of tokens outside the passage: no exponential of it is above zero, and no sum of two overflows."""


class SpanNetwork(nn.Module):
    """``encoder`` is an `index.reader.encoder.BertEncoder`, or a transformers ``BertModel`` without pooler.

    ``query_head`` lets the question decide what is looked for (start and end scores are also products of the
    token's state and a projection of the question's mean state, after Ram et al. 2021); ``match`` marks the tokens
    that question and passage share.
    """

    def __init__(self, encoder: Any, *, query_head: bool = True, match: bool = True) -> None:
        super().__init__()
        self.encoder = encoder
        width = int(encoder.config.hidden_size)
        self.scores = nn.Linear(width, 2)
        self.query = nn.Linear(width, 2 * width, bias=False) if query_head else None
        self.match = nn.Parameter(torch.zeros(width)) if match else None
        nn.init.normal_(self.scores.weight, std=0.02)
        nn.init.zeros_(self.scores.bias)
        if self.query is not None:
            nn.init.zeros_(self.query.weight)

    def forward(self, ids: Tensor, segments: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Start and end scores, float32 (rows, tokens); NO_SPAN outside the passage.

        ``ids``, ``segments`` (1 for the passage and the [SEP] after it) and ``mask`` (1 for tokens, 0 for padding)
        are int64 (rows, tokens).
        """
        embedded = self.encoder.embeddings.word_embeddings(ids)
        if self.match is not None:
            shared = shared_tokens(ids, segments, mask).to(embedded.dtype)
            embedded = embedded + shared.unsqueeze(-1) * self.match
        states = self.encoder(inputs_embeds=embedded, token_type_ids=segments, attention_mask=mask).last_hidden_state
        with torch.autocast(states.device.type, enabled=False):
            logits = self._head(states.float(), mask * (1 - segments))
        logits = logits - logits[:, :1]
        inside = passage_tokens(segments, mask).unsqueeze(-1)
        start, end = logits.masked_fill(~inside, NO_SPAN).unbind(-1)
        return start, end

    def _head(self, states: Tensor, question: Tensor) -> Tensor:
        """Start and end scores of all tokens, (rows, tokens, 2).

        ``states`` is (rows, tokens, width) in float32 (a step of bfloat16 at 8 is 1/16); ``question``, (rows,
        tokens), is 1 for the question's tokens.
        """
        logits: Tensor = nn.functional.linear(states, self.scores.weight.float(), self.scores.bias.float())
        if self.query is None:
            return logits
        mean: Tensor = (states * question.unsqueeze(-1)).sum(1) / question.sum(1, keepdim=True)
        wanted = nn.functional.linear(mean, self.query.weight.float()).view(-1, 2, states.shape[-1])
        return logits + torch.einsum("nld,nkd->nlk", states, wanted) / math.sqrt(states.shape[-1])


def passage_tokens(segments: Tensor, mask: Tensor) -> Tensor:
    """Which tokens are the passage's own, without its [SEP]: bool (rows, tokens)."""
    inside = (segments * mask).bool()
    following = torch.cat([inside[:, 1:], torch.zeros_like(inside[:, :1])], dim=1)
    return inside & following


def shared_tokens(ids: Tensor, segments: Tensor, mask: Tensor) -> Tensor:
    """1.0 for the tokens that question and passage have in common, else 0.0: (rows, tokens).

    The exact-match feature of Chen et al. 2017 ("Reading Wikipedia to Answer Open-Domain Questions"). [CLS] and
    [SEP], the first token and the last of the question, are no words and share nothing.
    """
    other = (segments.unsqueeze(1) != segments.unsqueeze(2)) & mask.bool().unsqueeze(1)
    same = (ids.unsqueeze(1) == ids.unsqueeze(2)) & other
    last_of_question = (segments.cumsum(dim=1).eq(0).sum(dim=1, keepdim=True) - 1).clamp(min=0)
    special = ids.eq(ids[:, :1]) | ids.eq(ids.gather(1, last_of_question))
    return (same.any(dim=2) & ~special).float()


def span_scores(start: Tensor, end: Tensor, longest: int) -> Tensor:
    """The score of every span by its first and last token, (rows, tokens, tokens); 2 * NO_SPAN where there is none.

    ``longest`` is the most tokens of a span.
    """
    pairs = start.unsqueeze(2) + end.unsqueeze(1)
    allowed = torch.ones(pairs.shape[1:], dtype=torch.bool, device=start.device).triu().tril(longest - 1)
    return pairs.masked_fill(~allowed, 2 * NO_SPAN)
