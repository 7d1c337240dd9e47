import { existsSync } from "node:fs";
import {
  type MasterKey,
  MasterKeyUnusable,
  masterKeyFiles,
  openMasterKey,
  previousMasterKey,
} from "./master-key.ts";

/** What the master keys are read from. */
export type Environment = { readonly [name: string]: string | undefined };

/**
 * The master key of a data folder, and the one before it while that is still known. The first seals and signs; both open
 * and are believed, so that a change of keys takes nothing away.
 */
export class MasterKeys {
  readonly #dataFolder: string;
  readonly #environment: Environment;
  readonly #derived = new Map<string, readonly [Buffer, ...Buffer[]]>();
  #all: readonly [MasterKey, ...MasterKey[]];

  /** Makes a master key where there is none yet. Throws MasterKeyUnusable. */
  constructor(dataFolder: string, environment: Environment) {
    this.#dataFolder = dataFolder;
    this.#environment = environment;
    this.#all = readKeys(dataFolder, environment);
  }

  get current(): MasterKey {
    return this.#all[0];
  }

  /** Newest first. */
  get all(): readonly [MasterKey, ...MasterKey[]] {
    return this.#all;
  }

  /** The files whose change may change the keys. */
  get files(): readonly string[] {
    return masterKeyFiles(this.#dataFolder);
  }

  /** The keys for a purpose, newest first: the same array until the master keys change. */
  derive(purpose: string): readonly [Buffer, ...Buffer[]] {
    const known = this.#derived.get(purpose);
    if (known !== undefined) return known;
    const [current, ...others] = this.#all;
    const derived = [current.derive(purpose), ...others.map((key) => key.derive(purpose))] as const;
    this.#derived.set(purpose, derived);
    return derived;
  }

  /**
   * Reads them again; whether they have changed. The key until now is known as the one before from then on, even if it was
   * not kept. A file that was taken away is not made anew: the key goes on as it was. Throws MasterKeyUnusable, and then
   * nothing has changed.
   */
  refresh(): boolean {
    const { source } = this.current;
    if (source === this.files[0] && !existsSync(source)) throw takenAway(source);
    const [current, previous] = readKeys(this.#dataFolder, this.#environment);
    const before = current.id === this.current.id ? previous : this.current;
    const all = before === undefined ? ([current] as const) : ([current, before] as const);
    if (idsOf(all) === idsOf(this.#all)) return false;
    this.#all = all;
    this.#derived.clear();
    return true;
  }
}

function takenAway(path: string): MasterKeyUnusable {
  return new MasterKeyUnusable(
    `${path} was taken away.`,
    "Put it back from a backup before the next start: what was encrypted with it is lost otherwise.",
  );
}

function readKeys(dataFolder: string, environment: Environment): readonly [MasterKey, ...MasterKey[]] {
  const current = openMasterKey(dataFolder, environment);
  const previous = previousMasterKey(dataFolder, environment);
  return previous === undefined || previous.id === current.id ? [current] : [current, previous];
}

function idsOf(keys: readonly MasterKey[]): string {
  return keys.map(({ id }) => id).join(" ");
}
