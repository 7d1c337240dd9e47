import type { UsageOrder, UsagePlace, UsageQuery } from "./usage-query.ts";

/** What lines are put in order by. */
export interface Ordered {
  readonly cost: bigint;
  readonly calls: number;
  readonly group: readonly string[];
}

/** The lines of a page, in order, and the place behind which the next one begins. */
export function pageOf<Line extends Ordered>(
  lines: readonly Line[],
  order: UsageOrder,
  page: UsageQuery["page"],
): { readonly shown: readonly Line[]; readonly next: UsagePlace | undefined } {
  const compare = order === "cost" ? dearestFirst : byGroup;
  const { limit = Number.POSITIVE_INFINITY, after } = page ?? {};
  const place = after === undefined ? undefined : { ...after, cost: BigInt(after.cost) };
  const behind = place === undefined ? lines : lines.filter((line) => compare(line, place) > 0);
  const shown = firstOf(behind, compare, limit);
  const last = shown.at(-1);
  return { shown, next: last === undefined || shown.length === behind.length ? undefined : placeOf(last) };
}

/** The first lines of an order, sorted. Where they are few among many, the others are not sorted. */
function firstOf<Line>(
  lines: readonly Line[],
  compare: (one: Line, other: Line) => number,
  limit: number,
): readonly Line[] {
  if (limit * FEW_AMONG >= lines.length) return [...lines].sort(compare).slice(0, limit);
  const first = lines.slice(0, limit).sort(compare);
  for (const line of lines.slice(limit)) {
    const last = first.at(-1);
    if (last === undefined || compare(line, last) >= 0) continue;
    first.pop();
    first.splice(placeIn(first, line, compare), 0, line);
  }
  return first;
}

const FEW_AMONG = 8;

/** How many of sorted lines come before another one. */
function placeIn<Line>(
  sorted: readonly Line[],
  line: Line,
  compare: (one: Line, other: Line) => number,
): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const other = sorted[middle];
    if (other !== undefined && compare(other, line) < 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function placeOf({ cost, calls, group }: Ordered): UsagePlace {
  return { cost: String(cost), calls, group };
}

function dearestFirst(one: Ordered, other: Ordered): number {
  if (one.cost !== other.cost) return one.cost > other.cost ? -1 : 1;
  return other.calls - one.calls || byGroup(one, other);
}

function byGroup({ group: one }: Ordered, { group: other }: Ordered): number {
  for (let index = 0; index < one.length; index++) {
    const [left = "", right = ""] = [one[index], other[index]];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}
