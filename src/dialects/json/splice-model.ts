import type { ByteSpan } from "../../model/inference-request.ts";

const encoder = new TextEncoder();

/**
 * The client's own bytes with another model name; every other byte stays as it was. In parts, to be sent one behind
 * the other: a long prompt is not copied.
 */
export function spliceModel(bytes: Uint8Array, modelSpan: ByteSpan, model: string): readonly Uint8Array[] {
  const name = encoder.encode(JSON.stringify(model));
  return [bytes.subarray(0, modelSpan.start), name, bytes.subarray(modelSpan.end)];
}
