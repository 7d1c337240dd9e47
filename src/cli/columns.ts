/** A column of a table: its heading, and whether it holds numbers, which stand to the right. */
export interface Column {
  readonly heading: string;
  readonly isNumber: boolean;
}

/** Aligned text, numbers to the right. */
export function textTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const lines = [columns.map(({ heading }) => heading), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((cells) => Bun.stringWidth(cells[index] ?? ""))),
  );
  const pad = ({ isNumber }: Column, cell: string, width: number) => {
    const space = " ".repeat(Math.max(0, width - Bun.stringWidth(cell)));
    return isNumber ? space + cell : cell + space;
  };
  const line = (cells: readonly string[]) =>
    columns.map((column, index) => pad(column, cells[index] ?? "", widths[index] ?? 0)).join("  ");
  return lines.map((cells) => `${line(cells).trimEnd()}\n`).join("");
}
