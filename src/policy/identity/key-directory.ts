import type { Kysely } from "kysely";
import { type Administrator, type Caller, nonEmptyText } from "../../model/caller.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { type NameMatcher, nameMatcher } from "../../model/name-pattern.ts";
import type { AdminKeyRow, Tables, VirtualKeyRow } from "../../storage/schema.ts";
import { keysChangedSince, latestRevision } from "./key-store.ts";
import { digestOf, kindOf } from "./secret-key.ts";

const POLL_MS = 250;

/** A caller, with what its key allows ready to ask. */
export interface KnownCaller extends Caller {
  readonly mayUse: NameMatcher;
}

interface Entry<Identity> {
  readonly identity: Identity;
  readonly expiresAtMs: number;
  readonly revoked: boolean;
}

/**
 * All keys' digests in memory, so that a call is judged without the store. Changes made by other processes (the
 * command line) are seen by polling the keys' revision; a revocation takes effect within `POLL_MS` and the query.
 */
export class KeyDirectory {
  readonly #callers = new Map<string, Entry<KnownCaller>>();
  readonly #administrators = new Map<string, Entry<Administrator>>();
  readonly #store: Kysely<Tables>;
  readonly #onPollFailure: (error: unknown) => void;
  #revision = 0;
  #timer: Timer | undefined;

  private constructor(store: Kysely<Tables>, onPollFailure: (error: unknown) => void) {
    this.#store = store;
    this.#onPollFailure = onPollFailure;
  }

  /** Loads every key and begins to watch for changes. A failing poll is reported and tried again. */
  static async open(store: Kysely<Tables>, onPollFailure: (error: unknown) => void): Promise<KeyDirectory> {
    const directory = new KeyDirectory(store, onPollFailure);
    await directory.refresh();
    directory.#schedule();
    return directory;
  }

  /** The caller behind a virtual key. Throws `invalid_key`, `revoked_key`, `expired_key`, `wrong_kind_of_key`. */
  caller(secret: string, nowMs: number): KnownCaller {
    return this.#judge(this.#callers, "virtual", secret, nowMs);
  }

  /** The administrator behind an admin key. Throws as `caller` does. */
  administrator(secret: string, nowMs: number): Administrator {
    return this.#judge(this.#administrators, "admin", secret, nowMs);
  }

  /** Takes in what changed since the last time. */
  async refresh(): Promise<void> {
    const latest = await latestRevision(this.#store);
    if (latest === this.#revision) return;
    const changed = await keysChangedSince(this.#store, this.#revision);
    for (const row of changed.virtual) this.#callers.set(row.digest, callerEntry(row));
    for (const row of changed.admin) this.#administrators.set(row.digest, administratorEntry(row));
    this.#revision = latest;
  }

  /** Stops watching. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #judge<Identity>(
    known: Map<string, Entry<Identity>>,
    kind: string,
    secret: string,
    nowMs: number,
  ): Identity {
    const entry = known.get(digestOf(secret));
    if (entry === undefined) {
      const claimed = kindOf(secret);
      throw new GatewayError(claimed !== undefined && claimed !== kind ? "wrong_kind_of_key" : "invalid_key");
    }
    if (entry.revoked) throw new GatewayError("revoked_key");
    if (entry.expiresAtMs <= nowMs) throw new GatewayError("expired_key");
    return entry.identity;
  }

  #schedule(): void {
    this.#timer = setTimeout(async () => {
      await this.refresh().catch(this.#onPollFailure);
      if (this.#timer !== undefined) this.#schedule();
    }, POLL_MS);
    this.#timer.unref();
  }
}

function callerEntry(row: VirtualKeyRow): Entry<KnownCaller> {
  const patterns = row.allowed_models === null ? undefined : patternsOf(row.allowed_models);
  return {
    identity: Object.freeze({
      project: nonEmptyText(row.project),
      keyId: nonEmptyText(row.id),
      keyName: row.name,
      policies: [],
      mayUse: patterns === undefined ? () => true : nameMatcher(patterns),
      ...(patterns === undefined ? {} : { allowedModels: patterns }),
      ...(row.max_concurrent === null ? {} : { maxConcurrent: row.max_concurrent }),
    }),
    expiresAtMs: row.expires_at_ms ?? Number.POSITIVE_INFINITY,
    revoked: row.revoked_at_ms !== null,
  };
}

function administratorEntry(row: AdminKeyRow): Entry<Administrator> {
  return {
    identity: Object.freeze({ keyId: nonEmptyText(row.id), keyName: row.name }),
    expiresAtMs: Number.POSITIVE_INFINITY,
    revoked: row.revoked_at_ms !== null,
  };
}

/** Anything but an array of strings in the store allows nothing: an unreadable rule must not open a door. */
function patternsOf(stored: string): readonly string[] {
  const parsed: unknown = JSON.parse(stored);
  return Array.isArray(parsed) ? parsed.filter((pattern) => typeof pattern === "string") : [];
}
