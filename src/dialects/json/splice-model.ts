import type { ByteSpan } from "../../model/inference-request.ts";

const encoder = new TextEncoder();

/** The client's own bytes with another model name; every other byte stays as it was. */
export function spliceModel(bytes: Uint8Array, modelSpan: ByteSpan, model: string): Uint8Array {
  const name = encoder.encode(JSON.stringify(model));
  const spliced = new Uint8Array(bytes.length - (modelSpan.end - modelSpan.start) + name.length);
  spliced.set(bytes.subarray(0, modelSpan.start));
  spliced.set(name, modelSpan.start);
  spliced.set(bytes.subarray(modelSpan.end), modelSpan.start + name.length);
  return spliced;
}
