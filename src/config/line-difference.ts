/** A run of lines that both texts have, or that only one of them has. */
type Step = { readonly kind: "both" | "removed" | "added"; readonly before: number; readonly after: number };

const CONTEXT = 3;
/** Texts that differ in more lines than this are shown as wholly other. */
const MOST_EDITS = 400;

/** Two texts by line, as they are and as they are to be shown. */
export interface ComparedText {
  readonly lines: readonly string[];
  /** The same lines with what must not be shown masked. */
  readonly shown: readonly string[];
}

/**
 * What turns one text into the other, in the unified form of diff: changed lines with some around them. Empty where
 * nothing does. Compares the lines as they are and shows them masked, so that a changed secret is seen to have changed.
 */
export function lineDifference(before: ComparedText, after: ComparedText): string {
  const steps = stepsBetween(before.lines, after.lines);
  return hunksOf(steps)
    .map((hunk) => hunkText(hunk, before, after))
    .join("\n");
}

function hunkText(hunk: readonly Step[], before: ComparedText, after: ComparedText): string {
  const [first] = hunk;
  const removed = hunk.filter(({ kind }) => kind !== "added").length;
  const added = hunk.filter(({ kind }) => kind !== "removed").length;
  const head = `@@ -${rangeOf(first?.before ?? 0, removed)} +${rangeOf(first?.after ?? 0, added)} @@`;
  return [head, ...hunk.map((step) => lineOf(step, before, after))].join("\n");
}

function rangeOf(start: number, count: number): string {
  return `${count === 0 ? start : start + 1},${count}`;
}

function lineOf(step: Step, before: ComparedText, after: ComparedText): string {
  switch (step.kind) {
    case "both":
      return ` ${after.shown[step.after] ?? ""}`;
    case "removed":
      return `-${before.shown[step.before] ?? ""}`;
    case "added":
      return `+${after.shown[step.after] ?? ""}`;
  }
}

/** The changed lines with their context, those that are near each other together. */
function hunksOf(steps: readonly Step[]): Step[][] {
  const hunks: Step[][] = [];
  let end = 0;
  steps.forEach(({ kind }, at) => {
    if (kind === "both") return;
    const from = Math.max(at - CONTEXT, 0);
    const last = hunks.at(-1);
    const to = Math.min(at + CONTEXT + 1, steps.length);
    if (last !== undefined && from <= end) last.push(...steps.slice(end, to));
    else hunks.push(steps.slice(from, to));
    end = to;
  });
  return hunks;
}

/** The shortest way from one list of lines to the other (Myers, "An O(ND) Difference Algorithm", 1986). */
function stepsBetween(before: readonly string[], after: readonly string[]): Step[] {
  const trail = search(before, after);
  if (trail === undefined) return wholly(before, after);
  const steps: Step[] = [];
  let x = before.length;
  let y = after.length;
  for (let edits = trail.length - 1; edits >= 0; edits--) {
    const reached = trail[edits] ?? new Map<number, number>();
    const diagonal = x - y;
    const isAdded = edits > 0 && comesFromAbove(reached, diagonal, edits);
    const previous = diagonal + (isAdded ? 1 : -1);
    const fromX = edits === 0 ? 0 : (reached.get(previous) ?? 0);
    const fromY = edits === 0 ? 0 : fromX - previous;
    while (x > fromX && y > fromY) steps.push({ kind: "both", before: --x, after: --y });
    if (edits === 0) break;
    if (isAdded) steps.push({ kind: "added", before: x, after: --y });
    else steps.push({ kind: "removed", before: --x, after: y });
  }
  return steps.reverse();
}

/** For each number of edits how far each diagonal had been reached before it; undefined where there are too many. */
function search(before: readonly string[], after: readonly string[]): Map<number, number>[] | undefined {
  const furthest = new Map<number, number>([[1, 0]]);
  const trail: Map<number, number>[] = [];
  for (let edits = 0; edits <= Math.min(before.length + after.length, MOST_EDITS); edits++) {
    trail.push(new Map(furthest));
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const isAdded = comesFromAbove(furthest, diagonal, edits);
      let x = isAdded ? (furthest.get(diagonal + 1) ?? 0) : (furthest.get(diagonal - 1) ?? 0) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      furthest.set(diagonal, x);
      if (x >= before.length && x - diagonal >= after.length) return trail;
    }
  }
  return undefined;
}

function comesFromAbove(furthest: ReadonlyMap<number, number>, diagonal: number, edits: number): boolean {
  if (diagonal === -edits) return true;
  return diagonal !== edits && (furthest.get(diagonal - 1) ?? -1) < (furthest.get(diagonal + 1) ?? -1);
}

function wholly(before: readonly string[], after: readonly string[]): Step[] {
  return [
    ...before.map((_, at): Step => ({ kind: "removed", before: at, after: 0 })),
    ...after.map((_, at): Step => ({ kind: "added", before: before.length, after: at })),
  ];
}
