"""Answers of Athena for people and programs: as a table or tall records on a terminal, as lines, as a file."""

import csv
import datetime as dt
import io
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.text import Text

from console.athena import Answer
from console.phrases import counted
from runtime.errors import ConfigError

SHOWN_ROWS = 200
_TALL_ROWS = 3  # so many records that are too wide for a table are shown one under the other without being asked
_WIDEST_TEXT = 48  # of a column while there is another
_NARROWEST_TEXT = 14
_TALL_TEXT = 400  # characters of a value in a tall record
_GAP = 2
_CUT = "…"
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")  # of a terminal, which a notice's text has no business to steer
_WHOLE = ("tinyint", "smallint", "integer", "bigint")
_BROKEN = ("float", "real", "double")
_XLSX_ROWS = 1_048_575  # below the header
_XLSX_TEXT = 32_767
_XLSX_DIGITS = 15  # that a number of Excel keeps


def show(answer: Answer, console: Console, *, is_tall: bool = False, title: str | None = None) -> None:
    """Print an answer for a person: a table of what fits, or tall records; 200 rows at most.

    Parameters
    ----------
    is_tall : one record under the other; without, only few rows that are too wide are shown so
    """
    if not answer.columns:
        return
    if title:
        console.print(Text(title, style="bold"))
    rows = answer.rows[:SHOWN_ROWS]
    widths = _widths(answer, rows, console.width)
    is_whole = len(widths) == len(answer.columns)
    if is_tall or (not is_whole and 0 < len(rows) <= _TALL_ROWS):
        _show_tall(answer, rows, console)
        return
    _show_table(answer, rows, widths, console)
    if not is_whole:
        left_out = answer.columns[len(widths) :]
        console.print(Text(f"+{len(left_out)} more: {', '.join(left_out)} (--vertical shows them)", style="dim"))


def is_number(kind: str) -> bool:
    """Whether values of an Athena type are numbers, as in bigint or decimal(24,4)."""
    return kind.startswith("decimal") or kind in (*_WHOLE, *_BROKEN)


def _widths(answer: Answer, rows: Sequence[Sequence[str | None]], width: int) -> list[int]:
    """Widths of the columns that fit, from the left; long texts are cut before a column is left out."""
    wanted, least = [], []
    for position, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True)):
        cells = max((cell_len(_plain(row[position])) for row in rows), default=0)
        widest = _WIDEST_TEXT if len(answer.columns) > 1 else width
        is_text = kind in ("varchar", "char", "string") or kind.startswith(("array", "map", "row"))
        wanted.append(max(cell_len(name), min(cells, widest) if is_text else cells))
        least.append(max(cell_len(name), min(cells, _NARROWEST_TEXT)) if is_text else wanted[-1])
    count = 1
    while count < len(wanted) and sum(least[: count + 1]) + _GAP * count <= width:
        count += 1
    widths, least = wanted[:count], least[:count]
    while (excess := sum(widths) + _GAP * (count - 1) - width) > 0:
        slack = [has - needs for has, needs in zip(widths, least, strict=True)]
        if not any(slack):
            widths = [min(widths[0], width)]  # a single column wider than the terminal
            break
        # The widest one that can give way does so, down to the next one.
        widest = max((has for has, can in zip(widths, slack, strict=True) if can), default=0)
        position = next(n for n, has in enumerate(widths) if has == widest and slack[n])
        others = [has for n, has in enumerate(widths) if n != position and slack[n] and has < widest]
        widths[position] -= min(excess, slack[position], max(widest - max(others, default=0), 1))
    return widths


def _show_table(answer: Answer, rows: Sequence[Sequence[str | None]], widths: Sequence[int], console: Console) -> None:
    columns = list(zip(widths, map(is_number, answer.types), strict=False))

    def line(cells: Sequence[str | None], style: str) -> Text:
        parts = []
        for value, (width, is_right) in zip(cells, columns, strict=False):
            text = _fitting(_plain(value), width)
            blank = " " * (width - cell_len(text))
            parts.append(Text(blank + text if is_right else text + blank, style="dim" if value is None else style))
        joined = Text(" " * _GAP).join(parts)
        joined.rstrip()
        return joined

    console.print(line(answer.columns, "bold"), soft_wrap=True)
    console.print(Text("─" * (sum(widths) + _GAP * (len(widths) - 1)), style="dim"), soft_wrap=True)
    for row in rows:
        console.print(line(row, ""), soft_wrap=True)


def _show_tall(answer: Answer, rows: Sequence[Sequence[str | None]], console: Console) -> None:
    indent = max(map(cell_len, answer.columns)) + _GAP
    beside = console.width - indent >= _NARROWEST_TEXT * 2
    for number, row in enumerate(rows, 1):
        if len(rows) > 1:
            console.print(Text(f"── {number} ".ljust(min(console.width, 40), "─"), style="dim"))
        for name, value in zip(answer.columns, row, strict=True):
            style, text = ("dim", "NULL") if value is None else ("", _shortened(_plain(value)))
            margin = indent if beside else _GAP
            lines = textwrap.wrap(text, max(console.width - margin, 1), break_on_hyphens=False) or [""]
            head = name.ljust(indent) if beside else name
            first = Text(head, style="cyan") + Text(lines[0], style=style) if beside else Text(head, style="cyan")
            console.print(first, soft_wrap=True)
            for line in lines[1:] if beside else lines:
                console.print(Text(" " * margin + line, style=style), soft_wrap=True)


def _shortened(text: str) -> str:
    more = len(text) - _TALL_TEXT
    return f"{text[:_TALL_TEXT]}{_CUT} (+{counted(more, 'character')})" if more > 0 else text


def _plain(value: str | None) -> str:
    """A value on one line."""
    return "NULL" if value is None else _CONTROLS.sub(" ", value)


def _fitting(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, max(width - 1, 0)) + _CUT


def write_tabs(answer: Answer, out: IO[str]) -> None:
    """Write a header and a line a row, tab separated; NULL is empty, tabs and line breaks of a text are escaped."""
    escapes = {"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"}
    table = str.maketrans(escapes)
    for row in (answer.columns, *answer.rows):
        out.write("\t".join((value or "").translate(table) for value in row) + "\n")


def write_csv(answer: Answer, out: IO[str]) -> None:
    """Write CSV with a header; NULL is empty."""
    csv.writer(out, lineterminator="\n").writerows([answer.columns, *answer.rows])


def write_json_lines(answer: Answer, out: IO[str]) -> None:
    """Write a JSON object a row."""
    for record in records(answer):
        out.write(json.dumps(record, ensure_ascii=False) + "\n")


def records(answer: Answer) -> Iterator[dict[str, Any]]:
    """The rows by column name: numbers and truth values as such, decimals as text."""
    for row in answer.rows:
        yield {name: _typed(value, kind) for name, kind, value in zip(answer.columns, answer.types, row, strict=True)}


def _typed(value: str | None, kind: str) -> Any:
    if value is None:
        return None
    if kind == "boolean":
        return value == "true"
    if kind in _WHOLE:
        return int(value)
    if kind in _BROKEN:
        return float(value)
    return str(Decimal(value)) if kind.startswith("decimal") else value


def file_writer(path: Path) -> Callable[[Answer], None]:
    """What writes an answer into a file of that name, so that it appears whole or not at all.

    Raises
    ------
    ConfigError
        The name ends with none of the known suffixes, or the file cannot be there.
    """
    suffix = path.suffix.lower()
    if suffix not in _FILES:
        raise ConfigError(f"--out is {path}: expected a name that ends with one of {', '.join(_FILES)}")
    if path.is_dir():
        raise ConfigError(f"--out is {path}, a folder: expected the name of a file")
    if not path.parent.is_dir():
        raise ConfigError(f"--out is {path}: there is no folder {path.parent}. Make it: mkdir -p {path.parent}")

    def write(answer: Answer) -> None:
        part = path.with_name(f".{path.name}.part")
        try:
            part.write_bytes(_FILES[suffix](answer))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    return write


def _text_of(write: Callable[[Answer, IO[str]], None]) -> Callable[[Answer], bytes]:
    def to_bytes(answer: Answer) -> bytes:
        out = io.StringIO()
        write(answer, out)
        return out.getvalue().encode()

    return to_bytes


def _json(answer: Answer) -> bytes:
    lines = ",\n".join(json.dumps(record, ensure_ascii=False) for record in records(answer))
    return f"[\n{lines}\n]\n".encode() if lines else b"[]\n"


def _parquet(answer: Answer) -> bytes:
    """Parquet with the types of the answer; arrays, maps and moments as Athena writes them, as text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds: dict[str, Any] = {
        "boolean": pa.bool_(), "tinyint": pa.int8(), "smallint": pa.int16(), "integer": pa.int32(),
        "bigint": pa.int64(), "float": pa.float32(), "real": pa.float32(), "double": pa.float64(), "date": pa.date32(),
    }  # fmt: skip
    fields, arrays = [], []
    for position, (name, kind) in enumerate(zip(answer.columns, answer.types, strict=True)):
        digits = re.fullmatch(r"decimal\((\d+),(\d+)\)", kind)
        arrow = pa.decimal128(int(digits[1]), int(digits[2])) if digits else kinds.get(kind, pa.string())
        values = [_exact(row[position], kind) for row in answer.rows]
        fields.append(pa.field(name, arrow))
        arrays.append(pa.array(values, arrow))
    out = io.BytesIO()
    pq.write_table(pa.Table.from_arrays(arrays, schema=pa.schema(fields)), out, compression="zstd")
    return out.getvalue()


def _exact(value: str | None, kind: str) -> Any:
    if value is not None and kind.startswith("decimal"):
        return Decimal(value)
    return dt.date.fromisoformat(value) if value is not None and kind == "date" else _typed(value, kind)


def _xlsx(answer: Answer) -> bytes:
    """A sheet with a header that stays in sight; numbers and days as such where Excel keeps them exactly."""
    import xlsxwriter

    if len(answer.rows) > _XLSX_ROWS:
        count = f"the answer has {len(answer.rows):,} rows, and a sheet takes {_XLSX_ROWS:,}"
        raise ConfigError(f"{count}. Write .parquet or .csv instead")
    long = sum(len(value) > _XLSX_TEXT for row in answer.rows for value in row if value)
    if long:
        raise ConfigError(
            f"{counted(long, 'text')} of the answer would not fit: a cell takes {_XLSX_TEXT:,} characters. "
            "Shorten with substr(…, 1, 32767), or write .parquet or .csv instead"
        )
    out = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet, bold, day = book.add_worksheet(), book.add_format({"bold": True}), book.add_format({"num_format": 14})
        sheet.write_row(0, 0, answer.columns, bold)
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(answer.rows, 1):
            for position, (value, kind) in enumerate(zip(row, answer.types, strict=True)):
                if value is not None:
                    _write_cell(sheet, number, position, value, kind, day)
        if answer.columns:
            sheet.autofilter(0, 0, len(answer.rows), len(answer.columns) - 1)
            sheet.autofit(300)
    return out.getvalue()


def _write_cell(sheet: Any, row: int, column: int, value: str, kind: str, day: Any) -> None:
    if kind == "boolean":
        sheet.write_boolean(row, column, value == "true")
    elif is_number(kind) and _fits_excel(value, kind):
        sheet.write_number(row, column, float(value))
    elif kind == "date" and value >= "1900-03-01":  # before it, Excel counts a day that never was
        sheet.write_datetime(row, column, dt.datetime.fromisoformat(value), day)
    else:
        sheet.write_string(row, column, value)


def _fits_excel(value: str, kind: str) -> bool:
    if kind in _BROKEN:
        return value not in ("NaN", "Infinity", "-Infinity")
    return len(Decimal(value).normalize().as_tuple().digits) <= _XLSX_DIGITS


_FILES: dict[str, Callable[[Answer], bytes]] = {
    ".parquet": _parquet,
    ".csv": _text_of(write_csv),
    ".json": _json,
    ".xlsx": _xlsx,
}
