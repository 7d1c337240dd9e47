/** Lays out a result as rows of cells, and the cells as aligned text or as Markdown. */
import { direct } from "./contenders.ts";
import type { Result, Row } from "./measure.ts";
import type { Column } from "./workload.ts";

/** The heading and the rows of a result's table. The first column is the contender. */
export function cellsOf({ workload, rows }: Result): string[][] {
  const base = rows.find(({ contender }) => contender === direct.name);
  const heading = ["", ...workload.columns.map(({ title }) => title)];
  const body = rows.map((row) => [
    row.invalid === undefined ? row.contender : `${row.contender} (INVALID)`,
    ...workload.columns.map((column) => cell(column, row, base)),
  ]);
  return [heading, ...body];
}

function cell({ value, digits, isAdded }: Column, row: Row, base: Row | undefined): string {
  const own = row.values[value];
  const reference = isAdded ? base?.values[value] : 0;
  if (own === undefined || reference === undefined || (isAdded && row === base)) return "-";
  return (own - reference).toFixed(digits);
}

/** Why rows don't count, one sentence each. */
export function faultsOf({ rows }: Result): string[] {
  return rows.flatMap(({ contender, invalid }) =>
    invalid === undefined ? [] : [`${contender}: ${invalid}`],
  );
}

/** Columns of equal width, numbers to the right. */
export function asText(cells: string[][]): string {
  const widths = widthsOf(cells);
  const line = (row: string[]) =>
    row.map((text, index) =>
      index === 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0),
    );
  return cells.map((row) => line(row).join("  ").trimEnd()).join("\n");
}

/** A Markdown table, numbers to the right. */
export function asMarkdown(cells: string[][]): string {
  const [heading = [], ...body] = cells;
  const rule = heading.map((_, index) => (index === 0 ? "---" : "---:"));
  return [heading, rule, ...body].map((row) => `| ${row.join(" | ")} |`).join("\n");
}

function widthsOf(cells: string[][]): number[] {
  return (cells[0] ?? []).map((_, index) => Math.max(...cells.map((row) => row[index]?.length ?? 0)));
}
