"""Reading a delivered CSV file as a stream of text batches that know their line numbers.

Promise: memory is bounded by the block size whatever the file's length. Limit: a line is a record; where a quoted value
holds a line break, later numbers count records and fall behind an editor's line numbers.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from enclave.contributions.encodings import Encoding

_BLOCK_BYTES = 1 << 24


class UnreadableFile(Exception):
    """The file is no CSV file that can be read to its end; the text says what to do and holds no value."""


def read_header(path: Path, encoding: Encoding) -> list[str]:
    """The column names in the first line, trimmed; UnreadableFile where there is none or it is not comma-separated."""
    name = "utf-8-sig" if encoding is Encoding.UTF8 else encoding.value
    with path.open(encoding=name, errors="replace", newline="") as stream:
        line = stream.readline(100_000)
    if not line.strip():
        raise UnreadableFile("The first line is empty; it must name the columns.")
    header = [cell.strip() for cell in next(csv.reader([line]))]
    if len(header) == 1 and any(mark in line for mark in "\t;|"):
        raise UnreadableFile("Columns are not separated by commas; save the file as comma-separated values.")
    return header


def read_batches(
    path: Path, encoding: Encoding, header: list[str], on_misshapen: Callable[[int], None]
) -> Iterator[pa.Table]:
    """Batches of text columns and `line`; rows with too many or too few cells go to `on_misshapen` by line.

    Lines that are blank throughout are passed over.
    """
    misshapen: list[int] = []

    def skip(row: pacsv.InvalidRow) -> str:
        misshapen.append(row.number)
        on_misshapen(row.number)
        return "skip"

    reader = _open(path, encoding, header, skip)
    line = 1
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except pa.ArrowInvalid:
            raise UnreadableFile(
                f"The file cannot be read beyond line {line}; look for an unclosed quotation mark."
            ) from None
        numbers = _lines_after(line, batch.num_rows, misshapen)
        line = numbers[-1].as_py() if batch.num_rows else line
        table = pa.Table.from_batches([batch]).append_column("line", numbers)
        yield table


def _lines_after(line: int, count: int, misshapen: list[int]) -> pa.Array:
    """The next `count` line numbers after `line` that are not misshapen."""
    skipped = [number for number in misshapen if number > line]
    numbers = pa.arange(line + 1, line + 1 + count + len(skipped))
    if skipped:
        numbers = numbers.filter(pc.invert(pc.is_in(numbers, pa.array(skipped, pa.int64()))))
    return numbers.slice(0, count)


def _open(
    path: Path, encoding: Encoding, header: list[str], skip: Callable[[pacsv.InvalidRow], str]
) -> pacsv.CSVStreamingReader:
    try:
        return pacsv.open_csv(
            path,
            read_options=pacsv.ReadOptions(
                use_threads=False, block_size=_BLOCK_BYTES, encoding=encoding.value, column_names=header, skip_rows=1
            ),
            parse_options=pacsv.ParseOptions(
                invalid_row_handler=skip, ignore_empty_lines=False, newlines_in_values=True
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(header, pa.string()), strings_can_be_null=False, check_utf8=True
            ),
        )
    except pa.ArrowInvalid:
        raise UnreadableFile(
            "The file cannot be read; look for an unclosed quotation mark in its first lines."
        ) from None
