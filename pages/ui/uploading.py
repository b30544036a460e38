"""A file handed over in the browser becomes a source: looked into, named, and loaded."""

from dataclasses import replace

import streamlit as st

from metrics.uploads import SIZE_LIMIT, STREAM, SUFFIXES, HandedOver, keep_upload, look_into, suggested_name, uploads
from pages.ui import data
from pages.ui.deciding import acting_person
from pages.ui.markup import Html, element
from pages.ui.screen import Screen
from pages.ui.syncing import sync_desk

_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")


def upload_button(screen: Screen) -> None:
    """Draw the button that opens the dialog."""
    words = screen.words
    if st.button(words("upload.open"), icon=":material/upload_file:", key="upload-open", type="tertiary"):
        st.dialog(words("upload.title"), width="medium")(_dialog)(screen)


def _dialog(screen: Screen) -> None:
    words = screen.words
    file = st.file_uploader(
        words("upload.file"), type=[suffix[1:] for suffix in SUFFIXES], max_upload_size=SIZE_LIMIT >> 20, key="upload"
    )
    if file is None:
        screen.draw(element("p", words("upload.hint"), class_="ql-note"))
        return
    name = st.text_input(
        words("upload.name"), value=suggested_name(file.name), key=f"upload-name-{file.file_id}"
    ).strip()
    options = {}
    if file.name.lower().endswith(_WORKBOOKS):
        sheet = st.text_input(words("upload.sheet"), help=words("upload.sheet_help")).strip()
        options = {"sheet": sheet} if sheet else {}
    handed = HandedOver(file.name, file.getvalue(), options)
    with screen.telling():
        types = look_into(handed, data.workspace(screen.version.root, screen.version.configuration))
        screen.draw(_columns_table(types, screen))
        keys = st.multiselect(words("upload.key"), list(types), help=words("upload.key_help"))
        known = uploads(data.ledger(screen.version.root, screen.version.configuration)).get(name)
        add = bool(known and known.files) and st.toggle(words("upload.add", name=name), help=words("upload.add_help"))
        if st.button(words("upload.save"), type="primary", disabled=not name, icon=":material/check:"):
            _keep(screen, name, replace(handed, primary_key=tuple(keys)), add=add)


def _keep(screen: Screen, name: str, handed: HandedOver, *, add: bool) -> None:
    version = screen.version
    keep_upload(
        name,
        handed,
        data.workspace(version.root, version.configuration),
        data.ledger(version.root, version.configuration),
        actor=acting_person(),
        now=data.present(version),
        add=add,
    )
    data.look_again()
    sync_desk(version.root).start([name])
    st.rerun()


def _columns_table(types: dict[str, str], screen: Screen) -> Html:
    words = screen.words
    head = [element("th", words(f"upload.{name}"), scope="col") for name in ("column", "type")]
    rows = [element("tr", element("th", name, scope="row"), element("td", kind)) for name, kind in types.items()]
    return element(
        "table",
        element("caption", words("upload.columns", stream=STREAM)),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
        class_="ql-plain",
    )
