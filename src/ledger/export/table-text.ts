/** The forms in which tables are exported. `json` is one array; `jsonl` is a line of JSON a row. */
export const EXPORT_FORMATS = ["csv", "json", "jsonl"] as const;

export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** One field of an exported table: the same name and value in every format. */
export interface ExportColumn<Row> {
  readonly name: string;
  value(row: Row): Cell;
}

export type Cell = string | number | boolean | null;

/** A part of an exported table, and where the next one begins; undefined behind the last. */
export interface ExportPart<Place> {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly next: Place | undefined;
}

/** Where in the table a part is. Both may be so at once. */
export interface PartPosition {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

const encoder = new TextEncoder();

/** Writes some rows of a table. The parts behind one another are the whole. */
export function tableText<Row>(
  format: ExportFormat,
  columns: readonly ExportColumn<Row>[],
  rows: readonly Row[],
  position: PartPosition,
): Uint8Array<ArrayBuffer> {
  switch (format) {
    case "csv":
      return encoder.encode(csvText(columns, rows, position));
    case "json":
      return encoder.encode(jsonText(columns, rows, position));
    case "jsonl":
      return encoder.encode(rows.map((row) => `${jsonRow(columns, row)}\n`).join(""));
  }
}

/** Comma-separated values as of RFC 4180. */
function csvText<Row>(
  columns: readonly ExportColumn<Row>[],
  rows: readonly Row[],
  { isFirst }: PartPosition,
): string {
  const heading = isFirst ? `${columns.map(({ name }) => csvCell(name)).join(",")}\r\n` : "";
  return (
    heading +
    rows.map((row) => `${columns.map((column) => csvCell(column.value(row))).join(",")}\r\n`).join("")
  );
}

/** A name that a spreadsheet would take for a formula is kept from being one. Numbers are never names. */
function csvCell(cell: Cell): string {
  if (cell === null) return "";
  if (typeof cell !== "string") return String(cell);
  const text = /^[=+@\t\r-]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function jsonText<Row>(
  columns: readonly ExportColumn<Row>[],
  rows: readonly Row[],
  { isFirst, isLast }: PartPosition,
): string {
  const separator = isFirst ? "" : ",\n";
  const text = rows.map((row) => jsonRow(columns, row)).join(",\n");
  return `${isFirst ? "[\n" : ""}${text === "" ? "" : separator + text}${isLast ? "\n]\n" : ""}`;
}

function jsonRow<Row>(columns: readonly ExportColumn<Row>[], row: Row): string {
  return JSON.stringify(Object.fromEntries(columns.map((column) => [column.name, column.value(row)])));
}
