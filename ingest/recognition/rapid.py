"""RapidOCR: the PP-OCR models by ONNX Runtime, which come with its wheel. Latin, Chinese and Japanese scripts."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ingest.recognition.lines import CERTAIN, Line
from ingest.recognition.order import in_reading_order, straightened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ingest.recognition.lines import Picture

    Corners = NDArray[np.float32]
    """The corners of a line's box, of shape (4, 2): top left, top right, bottom right, bottom left."""

_MARGIN = 0.2
"""Of a line's height: white around it where it is looked at again."""

_SCALES = (1.5, 0.8)

_WIDEST = 2.0
"""Of a line's height: the mean width of characters from which a line is not believed; Chinese have 1."""


def is_installed() -> bool:
    """Whether the extra ``recognition`` is installed."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime", "cv2"))


class Rapid:
    """The engine; its models are loaded with the first picture."""

    def __init__(self) -> None:
        self.name = f"rapidocr {version('rapidocr')}"
        self._engine: Any = None

    def lines(self, picture: Picture) -> list[Line]:
        """The lines on a picture, in reading order; a doubtful one is looked at again, drawn otherwise."""
        # It takes blue, green and red, and remembers the steps that the call before named.
        found = self._loaded()(picture[:, :, ::-1], use_det=True, use_cls=True, use_rec=True)
        if found.boxes is None:
            return []
        lines, slopes = [], []
        for box, text, score in zip(found.boxes, found.txts, found.scores, strict=True):
            read = (text, float(score))
            if _certainty(box, read) < CERTAIN:
                read = max([read, *self._again(picture, box)], key=lambda one: _certainty(box, one))
            (left, top), (right, bottom) = box.min(axis=0), box.max(axis=0)
            lines.append(Line(read[0], _certainty(box, read), float(left), float(top), float(right), float(bottom)))
            slopes.append(math.atan2(box[1][1] - box[0][1], box[1][0] - box[0][0]))
        return in_reading_order(straightened(lines, slopes))

    def _again(self, picture: Picture, box: Corners) -> Iterator[tuple[str, float]]:
        """The line in a box and its score, read from a cut-out with a margin, at two sizes."""
        import cv2
        import numpy as np

        width, height = _size(box)
        margin = _MARGIN * height
        for scale in _SCALES:
            w, h = (math.ceil((side + 2 * margin) * scale) for side in (width, height))
            near, far_x, far_y = margin * scale, (width + margin) * scale, (height + margin) * scale
            target = np.array([(near, near), (far_x, near), (far_x, far_y), (near, far_y)], dtype=np.float32)
            turn = cv2.getPerspectiveTransform(np.asarray(box, dtype=np.float32), target)
            cut = cv2.warpPerspective(picture, turn, (w, h), borderMode=cv2.BORDER_REPLICATE)
            found = self._loaded()(cut[:, :, ::-1], use_det=False, use_cls=False, use_rec=True)
            yield from zip(found.txts or (), map(float, found.scores or ()), strict=True)

    def _loaded(self) -> Any:
        if self._engine is None:
            from rapidocr import RapidOCR

            self._engine = RapidOCR(
                params={
                    "Global.log_level": "critical",
                    "Global.text_score": 0.0,  # what is uncertain is counted
                    "EngineConfig.onnxruntime.intra_op_num_threads": max(1, (os.cpu_count() or 1) // 2),
                    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                }
            )
        return self._engine


def _size(box: Corners) -> tuple[float, float]:
    """The width and height of a box that may be slanted."""
    top_left, top_right, _, bottom_left = box.tolist()
    return math.dist(top_left, top_right), math.dist(top_left, bottom_left)


def _certainty(box: Corners, read: tuple[str, float]) -> float:
    """How certain a reading is: its score, but 0 where its characters would be far wider than high."""
    width, height = _size(box)
    characters = sum(not sign.isspace() for sign in read[0])
    return read[1] if width < _WIDEST * height * max(characters, 1) else 0.0
