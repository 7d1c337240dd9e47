import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Encrypts answers and names claims, so that the file tells nothing of what was asked and answered. */
export class AnswerSeal {
  readonly #answerKey: Buffer;
  readonly #nameKey: Buffer;

  /** Two keys of 32 bytes, for nothing else. */
  constructor(answerKey: Buffer, nameKey: Buffer) {
    this.#answerKey = answerKey;
    this.#nameKey = nameKey;
  }

  /** The same for the same parts, and nothing can be read from it. */
  nameOf(...parts: readonly (string | Uint8Array)[]): string {
    const mac = createHmac("sha256", this.#nameKey);
    for (const part of parts) mac.update(`${Buffer.byteLength(part)}:`).update(part);
    return mac.digest("hex");
  }

  /** AES-256-GCM with a random nonce (NIST SP 800-38D), bound to the claim that it is for. */
  seal(answer: Uint8Array, claim: string): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#answerKey, nonce).setAAD(Buffer.from(claim));
    const sealed = [cipher.update(answer), cipher.final()];
    return Buffer.concat([nonce, cipher.getAuthTag(), ...sealed]);
  }

  /** Undefined for what was changed, or sealed under another master key. */
  open(sealed: Uint8Array, claim: string): Buffer | undefined {
    const bytes = Buffer.from(sealed);
    try {
      const nonce = bytes.subarray(0, NONCE_BYTES);
      const decipher = createDecipheriv(CIPHER, this.#answerKey, nonce).setAAD(Buffer.from(claim));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    } catch {
      return undefined;
    }
  }
}
