"""Compiled replacements change the characters that they are for, and no others."""

import random

from tokenizers.normalizers import Precompiled

from index.embedders.character_map import compile_map


def test_each_character_is_replaced_and_no_other() -> None:
    rng = random.Random(4)
    known = [chr(code) for code in (*range(1, 0xD800), *range(0xE000, 0x3000), *range(0x1F600, 0x1F700))]
    replaced = {each: rng.choice(["", " ", "a", "ﬁn", "水"]) for each in rng.sample(known, 3000)}
    normalizer = Precompiled(compile_map(replaced))
    for character in rng.sample(known, 6000):
        # CJK on both sides: no character joins them to a grapheme, which would be looked up as a whole.
        assert normalizer.normalize_str(f"一 {character} 一") in (
            f"{replaced.get('一', '一')}{replaced.get(' ', ' ')}{replaced.get(character, character)}"
            f"{replaced.get(' ', ' ')}{replaced.get('一', '一')}",
        ), hex(ord(character))
