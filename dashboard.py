"""The dashboard as a web application: the pages, a health check, the address that takes observations, and headers."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Route

from pages.ui.guard import Guard, health
from pages.ui.observations import PATH, receive_observations
from pages.ui.schedule import scheduled

app = st.App(
    Path(__file__).parent / "pages/ui/app.py",
    routes=[Route("/healthz", health), Route(PATH, receive_observations, methods=["GET", "POST"])],
    middleware=[Middleware(Guard)],
    lifespan=scheduled,
)
