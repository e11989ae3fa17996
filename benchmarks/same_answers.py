"""Whether two files of answers say the same, line by line: ``python benchmarks/same_answers.py A.jsonl B.jsonl``.

The files are those of ``lectern eval ask``: before a change and after it. Prints how many rows are the same in answer,
citations and found, and each row that differs, old and new. Ends with exit code 1 where anything differs.
"""

import argparse
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FIELDS = ("answer", "found", "citations")

Rows = Mapping[str, Mapping[str, Any]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    given = parser.parse_args()
    lines = compare(read(given.old), read(given.new))
    print("\n".join(lines))
    return int(len(lines) > 1)


def read(path: Path) -> Rows:
    """The rows by their ids, the last of each."""
    # Not splitlines: a text may hold U+2028 and the like, which end no line of the file.
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line)
    return {str(row["id"]): row for row in rows}


def compare(old: Rows, new: Rows) -> list[str]:
    """How many rows are the same in all fields and in each, then a line for every row that is not, old and new."""
    both = [name for name in old if name in new]
    same = {name: [field for field in FIELDS if old[name].get(field) == new[name].get(field)] for name in both}
    alike = sum(len(fields) == len(FIELDS) for fields in same.values())
    each = ", ".join(f"{field} {sum(field in fields for fields in same.values())}" for field in FIELDS)
    lines = [f"{alike} of {len(old.keys() | new.keys())} rows are the same; of {len(both)} in both files: {each}"]
    for name, fields in same.items():
        for field in (field for field in FIELDS if field not in fields):
            lines += [f"{name} {field}", f"  old {shown(old[name], field)}", f"  new {shown(new[name], field)}"]
    lines += [f"{name} is only in the old file" for name in old if name not in new]
    lines += [f"{name} is only in the new file" for name in new if name not in old]
    return lines


def shown(row: Mapping[str, Any], field: str) -> str:
    return json.dumps(row.get(field), ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
