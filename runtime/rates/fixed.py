"""Rates that laws fix: the euro's predecessors, and currencies that got a new unit.

Sources: Council Regulation (EC) No 2866/98 as amended (rates), Council Regulation (EC) No 974/98, annex (days of
adoption). The ratios of the new units can be read off the ECB's own file: 36,030 ROL were 3.603 RON on the next day.
"""

import datetime as dt
from decimal import Decimal

EURO = "EUR"
FIRST_DAY = dt.date(1999, 1, 1)  # of the euro; before it nothing has a rate here


def _adopted(year: int, rates: str) -> dict[str, tuple[dt.date, Decimal]]:
    words = rates.split()
    return {name: (dt.date(year, 1, 1), Decimal(rate)) for name, rate in zip(words[::2], words[1::2], strict=True)}


IRREVOCABLE: dict[str, tuple[dt.date, Decimal]] = {
    **_adopted(
        1999,
        "ATS 13.7603 BEF 40.3399 DEM 1.95583 ESP 166.386 FIM 5.94573 FRF 6.55957 IEP 0.787564 ITL 1936.27 LUF 40.3399 "
        "NLG 2.20371 PTE 200.482",
    ),
    **_adopted(2001, "GRD 340.750"),
    **_adopted(2007, "SIT 239.640"),
    **_adopted(2008, "CYP 0.585274 MTL 0.429300"),
    **_adopted(2009, "SKK 30.1260"),
    **_adopted(2011, "EEK 15.6466"),
    **_adopted(2014, "LVL 0.702804"),
    **_adopted(2015, "LTL 3.45280"),
    **_adopted(2023, "HRK 7.53450"),
    **_adopted(2026, "BGN 1.95583"),
}
"""Day of the changeover and units for one euro from that day on, by currency."""

NEW_UNITS: dict[str, tuple[str, dt.date, int]] = {
    "ROL": ("RON", dt.date(2005, 7, 1), 10_000),
    "TRL": ("TRY", dt.date(2005, 1, 1), 1_000_000),
}
"""New currency, its first day, and units of the old one for one of the new, by old currency."""
