import { GatewayError } from "../../model/gateway-error.ts";
import type { JsonObject } from "../../model/json.ts";

/** A slip of the finger, not another word. */
const MAX_EDITS = 2;
const MAX_SHOWN = 60;

/** Refuses a member that is not known, with the list of those that are and the likeliest meant. */
export function refuseUnknownMembers(object: JsonObject, known: readonly string[], path: string): void {
  for (const name of Object.keys(object)) {
    if (known.includes(name)) continue;
    const shown = name.slice(0, MAX_SHOWN);
    const meant = likeliest(shown, known);
    const hint = meant === undefined ? "" : ` Did you mean \`${meant}\`?`;
    throw new GatewayError("invalid_request", {
      message: `\`${path}${shown}\` is not known here.${hint}`,
      mend: `Known are: ${known.join(", ")}.`,
      field: `${path}${shown}`,
    });
  }
}

function likeliest(name: string, known: readonly string[]): string | undefined {
  const plain = name.toLowerCase().replaceAll("-", "_");
  const ranked = known.map((candidate) => ({
    candidate,
    edits: editsBetween(plain, candidate.replaceAll("-", "_")),
  }));
  ranked.sort((one, other) => one.edits - other.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.min(MAX_EDITS, best.candidate.length - 1)
    ? best.candidate
    : undefined;
}

/** Levenshtein distance of two short names. */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
