import { z } from "zod";
import { refusedField } from "./judge.ts";

const MOST = 200;
const USUAL = 50;

/** What every list takes. */
export const pageQuery = {
  limit: z.int().min(1).max(MOST).default(USUAL).describe("How many at most"),
  cursor: z
    .string()
    .min(1)
    .max(4000)
    .optional()
    .describe("`next_cursor` of the page before; what is added meanwhile shifts nothing"),
} as const;

/** A page of a list. */
export function pageOf<Entry extends z.ZodType>(entry: Entry) {
  return z.strictObject({
    data: z.array(entry),
    next_cursor: z.string().nullable().describe("For the next page; null on the last"),
  });
}

/** Where a page begins: behind the entry of that place in the list's order; undefined for the first page. */
export function placeOf(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const [name, place, ...rest] = parsed(cursor);
  if (name === list && typeof place === "string" && rest.length === 0) return place;
  throw refusedField(["cursor"], "is none of this list", "Leave it out, or send `next_cursor` as it came.");
}

/** A page from rows that were asked for one more than it holds. */
export function page<Row, Shown>(
  list: string,
  rows: readonly Row[],
  { limit, place, show }: { limit: number; place: (row: Row) => string; show: (row: Row) => Shown },
): { data: Shown[]; next_cursor: string | null } {
  const taken = rows.slice(0, limit);
  const last = taken.at(-1);
  const isLast = rows.length <= limit || last === undefined;
  return { data: taken.map(show), next_cursor: isLast ? null : cursorTo(list, place(last)) };
}

/** The cursor to what is behind a place of a list. */
export function cursorTo(list: string, place: string): string {
  return Buffer.from(JSON.stringify([list, place])).toString("base64url");
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
