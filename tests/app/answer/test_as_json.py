"""The object that `lectern ask --json` prints."""

import json

from app.answer.as_json import to_json

CITATION = {"file", "page", "quote", "start", "end", "score"}


def test_the_keys_that_scripts_rely_on(asked, scripted):
    answer = list(asked("How much is the rent a month?", scripted("The rent is 640 euros a month.")))[-1].answer
    given = json.loads(json.dumps(to_json(answer)))
    assert given["question"] == "How much is the rent a month?"
    assert given["answer"] == "The rent is 640 euros a month."
    assert given["found"] is True
    (sentence,) = given["sentences"]
    assert sentence["supported"] is True
    assert set(sentence["citations"][0]) >= CITATION
    assert sentence["citations"][0]["where"] == "line 1"
    assert set(given["passages"][0]) >= {"file", "page", "text", "score"}
    assert set(given["timings_ms"]) == {"retrieve", "first_evidence", "first_token", "total"}
    assert given["tokens"] == {"prompt": 100, "reused": 10, "read": 90, "answer": 7}
    assert (given["words"], given["answerable"]) == (None, None), "nobody read"
    assert given["model"] == "scripted"
