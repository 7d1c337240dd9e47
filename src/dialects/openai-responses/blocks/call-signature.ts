import type { ContentPart, ReasoningPart } from "../../../model/content-part.ts";
import type { Signature } from "../../../model/signature.ts";

const MARK = "call:";

/**
 * Google signs calls, and refuses the next turn without the proof
 * (https://ai.google.dev/gemini-api/docs/thought-signatures); a call's item has no place for one. So it travels in a
 * reasoning item of its own, under the id of the call that it proves.
 */
export function boundToCall(signature: Signature, callId: string): Signature {
  return { ...signature, id: `${MARK}${callId}` };
}

/** The parts of a turn, the proofs of calls back with their calls. */
export function withCallSignatures(parts: readonly ContentPart[]): readonly ContentPart[] {
  const proofs = parts.filter(provesCall);
  if (proofs.length === 0) return parts;
  const byCall = new Map(
    proofs.map(({ signature: { id, ...signature } }) => [id.slice(MARK.length), signature]),
  );
  return parts.flatMap((part): readonly ContentPart[] => {
    if (provesCall(part)) return [];
    const signature = part.kind === "tool-call" ? byCall.get(part.id) : undefined;
    return [part.kind === "tool-call" && signature !== undefined ? { ...part, signature } : part];
  });
}

type Proof = ReasoningPart & { readonly signature: Signature & { readonly id: string } };

function provesCall(part: ContentPart): part is Proof {
  return part.kind === "reasoning" && part.text === "" && part.signature?.id?.startsWith(MARK) === true;
}
