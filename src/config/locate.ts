import { type Document, isAlias, isCollection, isMap, isScalar, isSeq, type Node } from "yaml";
import type { Path } from "./problem.ts";

interface Place {
  /** Where the member's name stands, or the list entry. */
  readonly offset: number;
  readonly node: unknown;
}

/** Where in the text a path stands; of a path that isn't there, its nearest ancestor. */
export function locate(document: Document, path: Path, at: "name" | "value"): number {
  let place: Place = { offset: startOf(document.contents) ?? 0, node: document.contents };
  for (const step of path) {
    const next = memberAt(document, place.node, step);
    if (next === undefined) return place.offset;
    place = next;
  }
  if (at === "name" || isCollection(place.node)) return place.offset;
  // An empty value's own place is somewhere behind the colon: the name says more.
  if (isScalar(place.node) && place.node.value === null) return place.offset;
  return startOf(place.node) ?? place.offset;
}

function memberAt(document: Document, node: unknown, step: string | number): Place | undefined {
  const resolved = isAlias(node) ? node.resolve(document) : node;
  if (isMap(resolved)) {
    // Of a name that is written twice, the last is the one at fault.
    const pair = resolved.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
    const offset = startOf(pair?.key);
    return pair === undefined || offset === undefined ? undefined : { offset, node: pair.value };
  }
  if (isSeq(resolved) && typeof step === "number") {
    const item = resolved.items[step];
    const offset = startOf(item);
    return offset === undefined ? undefined : { offset, node: item };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  const range =
    typeof node === "object" && node !== null && "range" in node ? (node as Node).range : undefined;
  return range?.[0];
}
