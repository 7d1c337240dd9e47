import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = "s1";

/** A key that seals, and its name, which stands beside what it sealed. */
export interface SealingKey {
  /** Tells one key from another and nothing about it. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** What was sealed can't be opened. */
export class SealBroken extends Error {
  override readonly name = "SealBroken";
  readonly mend: string;

  constructor(message: string, mend: string, cause?: unknown) {
    super(message, { cause });
    this.mend = mend;
  }
}

/**
 * Encrypts texts for the store: AES-256-GCM (NIST SP 800-38D), a random nonce each. Where a sealed text stands (its
 * key, its row, what it is for) is authenticated with it, so that one that was moved or altered does not open. Seals with
 * the first key and opens with whichever sealed.
 */
export class Sealer {
  readonly #keys: readonly [SealingKey, ...SealingKey[]];

  constructor(keys: readonly [SealingKey, ...SealingKey[]]) {
    this.#keys = keys;
  }

  /** Seals a text for a place: words that name where it stands. */
  seal(text: string, place: readonly string[]): string {
    const [{ id, key }] = this.#keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(associated(id, place));
    const bytes = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `${VERSION}.${id}.${bytes.toString("base64url")}`;
  }

  /** Opens what was sealed for the same place. Throws SealBroken. */
  open(sealed: string, place: readonly string[]): string {
    const [version, id = "", encoded = ""] = sealed.split(".");
    const known = this.#keys.find((candidate) => candidate.id === id);
    if (version !== VERSION || known === undefined) throw otherKey(id);
    const bytes = Buffer.from(encoded, "base64url");
    const nonce = bytes.subarray(0, NONCE_BYTES);
    try {
      const decipher = createDecipheriv(ALGORITHM, known.key, nonce)
        .setAAD(associated(id, place))
        .setAuthTag(bytes.subarray(bytes.byteLength - TAG_BYTES));
      const body = bytes.subarray(NONCE_BYTES, bytes.byteLength - TAG_BYTES);
      return decipher.update(body, undefined, "utf8") + decipher.final("utf8");
    } catch (cause) {
      const mend = "Put the database back from a backup, or enter it again.";
      throw new SealBroken(`What is sealed for ${place.join(" ")} was altered.`, mend, cause);
    }
  }

  /** Sealed with the key that seals now, where another known one has sealed it; undefined where there is nothing to do. */
  sealedAnew(sealed: string, place: readonly string[]): string | undefined {
    const [version, id] = sealed.split(".");
    const [current, ...others] = this.#keys;
    if (version !== VERSION || id === current.id || !others.some((key) => key.id === id)) return undefined;
    return this.seal(this.open(sealed, place), place);
  }
}

function associated(keyId: string, place: readonly string[]): Buffer {
  return Buffer.from(JSON.stringify([VERSION, keyId, ...place]));
}

function otherKey(id: string): SealBroken {
  return new SealBroken(
    `It was encrypted with another master key${id === "" ? "" : ` (${id})`}.`,
    "Set GATEHOUSE_MASTER_KEY to that key, or put master.key back; to change keys, set the old one as GATEHOUSE_PREVIOUS_MASTER_KEY.",
  );
}
