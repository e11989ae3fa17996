"""Below an answer in figures: its cells as a table to sort and to take away, and a series as a plot."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from app.answer.answer_table import AnswerTable, point_of
from app.answer.figures_export import as_csv, as_xlsx
from core.messages import _

if TYPE_CHECKING:
    import altair

    from core.figures import Figures

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROW_PIXELS, MOST_ROWS = 35, 10
PLOT_PIXELS = 220


def show(table: AnswerTable, figures: Figures, number: int) -> None:
    """The table of the answer of turn ``number``, from 0, and its ``figures`` to save."""
    import pandas as pd

    rows = [[float(cell) if isinstance(cell, Decimal) else cell for cell in row] for row in table.rows]
    with st.container(key=f"answer-table-{number}", gap="small"):
        if table.is_series:
            st.altair_chart(plot(table), key=f"plot-{number}", width="stretch")
        st.dataframe(
            pd.DataFrame(rows, columns=list(table.columns)),
            key=f"figures-{number}",
            hide_index=True,
            height=ROW_PIXELS * (min(len(rows), MOST_ROWS) + 1) + 3,
            alt=_("The figures of this answer"),
        )
        with st.container(horizontal=True, gap="small"):
            _download(_("CSV"), partial(as_csv, figures), f"figures-{number + 1}.csv", "text/csv")
            _download(_("Excel"), partial(as_xlsx, figures), f"figures-{number + 1}.xlsx", XLSX)


def plot(table: AnswerTable) -> altair.Chart:
    """The series as a line with its points, in plain units and in the order of the answer."""
    import altair as alt

    points = [
        {"at": point_of(one), "value": float(one.value), "text": one.text, "file": one.file}
        for one in table.operands
        if one.value is not None
    ]
    unit = next((one.unit for one in table.operands if one.unit), "")
    chart: altair.Chart = (
        alt.Chart(alt.Data(values=points))  # type: ignore[no-untyped-call]
        .mark_line(point=alt.OverlayMarkDef(size=60), strokeWidth=2, color="#2f8f86")
        .encode(
            x=alt.X("at:N", sort=None, title=None, axis=alt.Axis(labelAngle=0, labelLimit=140)),
            y=alt.Y("value:Q", title=unit or None, axis=alt.Axis(format="~s")),
            tooltip=[
                alt.Tooltip("at:N", title=_("Column")),
                alt.Tooltip("text:N", title=_("Figure")),
                alt.Tooltip("file:N", title=_("Document")),
            ],
        )
        .properties(height=PLOT_PIXELS)
    )
    return chart


def _download(label: str, content: partial[bytes], name: str, media: str) -> None:
    st.download_button(
        label,
        content,
        file_name=name,
        mime=media,
        key=f"save-{name}",
        type="tertiary",
        icon=":material/download:",
        on_click="ignore",
    )
