"""How well the forecasts would have done on the workspace's own past; see docs/forecasting.md."""

from metrics.backtest.record import Bin, CheckInRecord, Figures, Record, SubjectRecord, load_record, save_record
from metrics.backtest.run import Scope, run_backtest

__all__ = [
    "Bin",
    "CheckInRecord",
    "Figures",
    "Record",
    "Scope",
    "SubjectRecord",
    "load_record",
    "run_backtest",
    "save_record",
]
