"""Who a page is drawn for: language, zone, the present, and the choices that links keep."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from pages.ui.i18n import Words
from pages.ui.links import key_result_link


@dataclass(frozen=True, slots=True)
class Reader:
    """What drawing functions need to know about the person who looks.

    Attributes:
        now: the present instant (with zone), for ages.
        timezone: the organisation's, in which times are written.
        kept: choices such as `lang` that every link carries on.
    """

    words: Words
    now: datetime
    timezone: str
    kept: Mapping[str, str] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The organisation's day."""
        return self.now.astimezone(ZoneInfo(self.timezone)).date()

    def to_key_result(self, key: str) -> str:
        """Give the address of a key result's page, in this reader's language."""
        return key_result_link(key, **self.kept)
