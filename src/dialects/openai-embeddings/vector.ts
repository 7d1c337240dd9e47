const BYTES_PER_NUMBER = 4;

/** A vector as base64 of little-endian 32-bit floats, which OpenAI's SDKs ask for by themselves. */
export function encodeVector(vector: readonly number[]): string {
  const view = new DataView(new ArrayBuffer(vector.length * BYTES_PER_NUMBER));
  for (let at = 0; at < vector.length; at++) view.setFloat32(at * BYTES_PER_NUMBER, vector[at] ?? 0, true);
  return Buffer.from(view.buffer).toString("base64");
}

/** `embedding` in either form; undefined for what is no vector. */
export function decodeVector(embedding: unknown): readonly number[] | undefined {
  if (Array.isArray(embedding))
    return embedding.every((one) => typeof one === "number") ? embedding : undefined;
  if (typeof embedding !== "string") return undefined;
  const bytes = Buffer.from(embedding, "base64");
  if (bytes.byteLength === 0 || bytes.byteLength % BYTES_PER_NUMBER !== 0) return undefined;
  const vector: number[] = [];
  for (let at = 0; at < bytes.byteLength; at += BYTES_PER_NUMBER) vector.push(bytes.readFloatLE(at));
  return vector;
}
