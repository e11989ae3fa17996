"""How much pairs of files resemble each other, as Lectern tells a newer version from another file of the same name.

python benchmarks/versions.py OLD NEW [OLD NEW ...]
"""

import sys
from pathlib import Path

from index.store.upload_versions import NEWER, resemblance
from ingest.read import read_file


def main(paths: list[str]) -> int:
    if not paths or len(paths) % 2:
        print(__doc__, file=sys.stderr)
        return 2
    for first, second in zip(paths[::2], paths[1::2], strict=True):
        share = resemblance(read_file(Path(first)).text, read_file(Path(second)).text)
        said = "a newer version" if share >= NEWER else "another file"
        print(f"{share:.2f}  {said:16}{Path(first).name}  {Path(second).name}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
