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
  const shown = [...behind].sort(compare).slice(0, limit);
  const last = shown.at(-1);
  return { shown, next: last === undefined || shown.length === behind.length ? undefined : placeOf(last) };
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
