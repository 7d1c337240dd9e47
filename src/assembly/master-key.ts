import { hkdfSync, randomBytes, randomUUID } from "node:crypto";
import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Names the variable that holds the master key. */
export const MASTER_KEY_VARIABLE = "GATEHOUSE_MASTER_KEY";

/** Names the variable that holds the master key before it was changed. */
export const PREVIOUS_MASTER_KEY_VARIABLE = "GATEHOUSE_PREVIOUS_MASTER_KEY";

const KEY_BYTES = 32;
const FILE = "master.key";
const PREVIOUS_FILE = "master.key.previous";

/** The master key can't be used as it is. */
export class MasterKeyUnusable extends Error {
  override readonly name = "MasterKeyUnusable";
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}

/**
 * The one secret from which all others of this gateway are derived: what it encrypts at rest and what it signs. It is
 * never used itself; each purpose has a key of its own (HKDF with SHA-256, RFC 5869), so that none opens another's.
 */
export class MasterKey {
  readonly #bytes: Buffer;
  /** Where it is kept, for people: the variable or the file. */
  readonly source: string;
  /** Tells one master key from another and nothing about it; to be stored beside what was encrypted with it. */
  readonly id: string;

  constructor(bytes: Buffer, source: string) {
    this.#bytes = bytes;
    this.source = source;
    this.id = this.derive("key id", 8).toString("hex");
  }

  /** The key for a purpose, always the same. The purpose is a name in words, such as `browser tokens`. */
  derive(purpose: string, bytes: number = KEY_BYTES): Buffer {
    return Buffer.from(hkdfSync("sha256", this.#bytes, "gatehouse", purpose, bytes));
  }
}

/**
 * The master key of a data folder: what `GATEHOUSE_MASTER_KEY` holds, else the file `master.key`, which is made at the
 * first start for its owner's eyes only. Throws MasterKeyUnusable.
 */
export function openMasterKey(
  dataFolder: string,
  environment: { readonly [name: string]: string | undefined },
): MasterKey {
  const given = environment[MASTER_KEY_VARIABLE];
  if (given !== undefined && given.trim() !== "") return fromVariable(MASTER_KEY_VARIABLE, given.trim());
  const path = join(dataFolder, FILE);
  return new MasterKey(fromFile(path) ?? makeFile(dataFolder, path), path);
}

/**
 * The master key before it was changed: what `GATEHOUSE_PREVIOUS_MASTER_KEY` holds, else the file that `replaceMasterKey`
 * left; undefined where neither is there. Throws MasterKeyUnusable.
 */
export function previousMasterKey(
  dataFolder: string,
  environment: { readonly [name: string]: string | undefined },
): MasterKey | undefined {
  const given = environment[PREVIOUS_MASTER_KEY_VARIABLE]?.trim() ?? "";
  if (given !== "") return fromVariable(PREVIOUS_MASTER_KEY_VARIABLE, given);
  const path = join(dataFolder, PREVIOUS_FILE);
  const bytes = fromFile(path);
  return bytes === undefined ? undefined : new MasterKey(bytes, path);
}

/** The files in which a data folder's master key and the one before it are kept. */
export function masterKeyFiles(dataFolder: string): readonly [current: string, previous: string] {
  return [join(dataFolder, FILE), join(dataFolder, PREVIOUS_FILE)];
}

/**
 * Puts a new master key into the file and keeps the old one beside it. Killed at any point, both are still there. Throws
 * MasterKeyUnusable where one of an earlier change is kept still, or of one that begins at the same time.
 */
export function replaceMasterKey(dataFolder: string): void {
  const [current, previous] = masterKeyFiles(dataFolder);
  // Nothing of the change is seen before the new key is on the disk: where there is no room for it, nothing has begun.
  withNewKey(current, (draft) => {
    // A second name for the file itself: whatever key is the one at this moment is the one that is kept.
    if (!linkOnce(current, previous))
      throw new MasterKeyUnusable(
        `${previous} is still there: the last change of keys isn't finished.`,
        "Finish it with `gatehouse master-key forget`.",
      );
    renameSync(draft, current);
  });
}

const HOW_TO_MAKE = "Make one with `openssl rand -base64 32`.";

function fromVariable(variable: string, given: string): MasterKey {
  const bytes = decoded(given);
  if (bytes !== undefined) return new MasterKey(bytes, variable);
  throw new MasterKeyUnusable(
    `${variable} is not a key of ${KEY_BYTES} bytes, in base64 or hexadecimal.`,
    HOW_TO_MAKE,
  );
}

function fromFile(path: string): Buffer | undefined {
  const text = textOf(path);
  if (text === undefined) return undefined;
  const bytes = decoded(text.trim());
  if (bytes === undefined) {
    throw new MasterKeyUnusable(
      `${path} does not hold a key of ${KEY_BYTES} bytes, in base64 or hexadecimal.`,
      "Put the file back from a backup. Only where nothing was encrypted yet, delete it: the next start makes another.",
    );
  }
  chmodSync(path, 0o600);
  return bytes;
}

/** Undefined where there is no such file. */
function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw cause;
  }
}

/** Written under another name and linked into place, so that nobody ever reads half a key or replaces a whole one. */
function makeFile(dataFolder: string, path: string): Buffer {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  // Where another process was first, its key is the one.
  withNewKey(path, (draft) => linkOnce(draft, path));
  const bytes = fromFile(path);
  if (bytes === undefined) throw new Error(`${path} was taken away while it was made`);
  return bytes;
}

/** Makes a key in a file beside `path`, under a name that nobody else has, and leaves no such file behind. */
function withNewKey(path: string, place: (draft: string) => void): void {
  const draft = `${path}.${randomUUID()}`;
  try {
    // To the disk before it gets its name: a key that is lost takes all that it sealed with it.
    writeFileSync(draft, `${randomBytes(KEY_BYTES).toString("base64")}\n`, { mode: 0o600, flush: true });
    place(draft);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Gives a file a second name; false where that name is taken. */
function linkOnce(path: string, name: string): boolean {
  try {
    linkSync(path, name);
    return true;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "EEXIST") return false;
    throw cause;
  }
}

const HEXADECIMAL = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/_-]{43}=?$/;

/** Exactly so many bytes; undefined for anything else. */
function decoded(text: string): Buffer | undefined {
  if (HEXADECIMAL.test(text)) return Buffer.from(text, "hex");
  const bytes = BASE64.test(text) ? Buffer.from(text, "base64") : undefined;
  return bytes?.byteLength === KEY_BYTES ? bytes : undefined;
}
