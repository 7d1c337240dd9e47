import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

/** A key for bodies at rest, and what tells it from others and nothing about it. */
export interface SealKey {
  readonly id: string;
  /** 32 bytes. */
  readonly bytes: Uint8Array;
}

/** Whose body is sealed: it opens nowhere else. */
export interface SealedPlace {
  readonly project: string;
  readonly requestId: string;
  readonly part: string;
}

const CIPHER = "aes-256-gcm";
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;

/** Encrypts a body (AES-256-GCM, NIST SP 800-38D): a format byte, the nonce, the tag, then the body. */
export function sealBody(key: SealKey, place: SealedPlace, body: Uint8Array): Uint8Array {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, key.bytes, nonce);
  cipher.setAAD(nameOf(place));
  const sealed = Buffer.concat([cipher.update(body), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), sealed]);
}

/** Opens what was sealed. Throws where the key or the place is another, or a byte was changed. */
export function openBody(key: SealKey, place: SealedPlace, sealed: Uint8Array): Uint8Array {
  if (sealed[0] !== FORMAT || sealed.byteLength < HEAD_BYTES) throw new Error("not a sealed body");
  const decipher = createDecipheriv(CIPHER, key.bytes, sealed.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(nameOf(place));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, HEAD_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(HEAD_BYTES)), decipher.final()]);
}

function nameOf({ project, requestId, part }: SealedPlace): Buffer {
  return Buffer.from(JSON.stringify([project, requestId, part]));
}
