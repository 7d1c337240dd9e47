import { carriedSignature } from "../../src/dialects/translation/carried-signature.ts";
import type { Block } from "../../src/model/inference-response.ts";

/**
 * Where a dialect has no place for the proof of a text or call, Gatehouse gives it to the client in a block of its own,
 * and takes it back with the next turn. An answer's decoder doesn't know of that: a client reads such a block as it is.
 */

const OF_A_CALL = "call:";
const OF_THE_BLOCK_BEFORE = "of-the-block-before:";

/** Responses: an empty reasoning item under the id of the call. */
export function callProofsBack(blocks: readonly Block[]): readonly Block[] {
  const proofs = new Map(
    blocks.flatMap(({ signature: { id, ...signature } = NONE }) =>
      id?.startsWith(OF_A_CALL) === true ? [[id.slice(OF_A_CALL.length), signature] as const] : [],
    ),
  );
  return blocks.flatMap((block) => {
    if (block.signature?.id?.startsWith(OF_A_CALL) === true) return [];
    const signature = block.kind === "tool-call" ? proofs.get(block.id) : undefined;
    return [signature === undefined ? block : { ...block, signature }];
  });
}

const NONE = { vendor: "openai", value: "", id: undefined } as const;

/** Anthropic: redacted thinking behind the block. */
export function partProofsBack(blocks: readonly Block[]): readonly Block[] {
  const kept: Block[] = [];
  for (const block of blocks) {
    const last = kept.at(-1);
    const carried = block.signature?.value.startsWith(OF_THE_BLOCK_BEFORE)
      ? carriedSignature(block.signature.value.slice(OF_THE_BLOCK_BEFORE.length), undefined)
      : undefined;
    if (last === undefined || carried === undefined) kept.push(block);
    else kept[kept.length - 1] = { ...last, signature: carried };
  }
  return kept;
}
