"""The outlook's small company, and the sample company's check-ins."""

from tests.metrics.outlook.conftest import build_company, company

__all__ = ["build_company", "company"]
