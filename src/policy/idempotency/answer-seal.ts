import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keys of 32 bytes, newest first. */
type Keys = readonly [Buffer, ...Buffer[]];

/** Encrypts answers and names claims, so that the file tells nothing of what was asked and answered. */
export class AnswerSeal {
  readonly #answerKeys: () => Keys;
  readonly #nameKeys: () => Keys;

  /** Keys for nothing else; asked for each time, since they may change. */
  constructor(answerKeys: () => Keys, nameKeys: () => Keys) {
    this.#answerKeys = answerKeys;
    this.#nameKeys = nameKeys;
  }

  /** By each key, newest first: the same for the same parts, and nothing can be read from it. */
  namesOf(...parts: readonly (string | Uint8Array)[]): readonly [string, ...string[]] {
    const [current, ...others] = this.#nameKeys();
    return [nameOf(current, parts), ...others.map((key) => nameOf(key, parts))];
  }

  /** AES-256-GCM with a random nonce (NIST SP 800-38D), bound to the claim that it is for. */
  seal(answer: Uint8Array, claim: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#answerKeys()[0], nonce).setAAD(Buffer.from(claim));
    const sealed = [cipher.update(answer), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
  }

  /** Undefined for what was changed, or sealed under a master key that is not known. */
  open(sealed: Uint8Array, claim: string): Buffer | undefined {
    for (const key of this.#answerKeys()) {
      const opened = openWith(key, Buffer.from(sealed), claim);
      if (opened !== undefined) return opened;
    }
    return undefined;
  }
}

function nameOf(key: Buffer, parts: readonly (string | Uint8Array)[]): string {
  const mac = createHmac("sha256", key);
  for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
  return mac.digest("hex");
}

function openWith(key: Buffer, bytes: Buffer, claim: string): Buffer | undefined {
  try {
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(CIPHER, key, nonce).setAAD(Buffer.from(claim));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return undefined;
  }
}
