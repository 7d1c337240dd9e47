/** Prints one thing, a line for each of its members; what holds other things is printed as JSON. */
export function printDetails(shown: object): void {
  const entries = Object.entries(shown);
  const width = Math.max(...entries.map(([name]) => name.length));
  for (const [name, value] of entries) console.log(`${name.padEnd(width)}  ${cell(value)}`.trimEnd());
}

/** The day of a moment of the API; a word where there is none. */
export function dayOf(moment: string | null, none = ""): string {
  return moment === null ? none : moment.slice(0, 10);
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "-";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
