"""The buttons that give a table as CSV, or another file."""

from collections.abc import Callable, Iterable, Sequence

import streamlit as st

from metrics.tabular import Cell, write_csv


def csv_button(
    label: str, columns: Sequence[str], rows: Callable[[], Iterable[Sequence[Cell]]], *, file_name: str
) -> None:
    """Draw a button that gives a table as CSV; the rows are only made when it is pressed."""
    file_button(label, lambda: write_csv(columns, rows(), for_spreadsheets=True), file_name=file_name)


def file_button(label: str, content: Callable[[], bytes], *, file_name: str, mime: str = "text/csv") -> None:
    """Draw a button that gives a file, which is only made when it is pressed."""
    st.download_button(
        label,
        content,
        file_name=file_name,
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        type="tertiary",
        key=f"csv-{file_name}",
    )
