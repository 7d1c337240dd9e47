import type { Kysely } from "kysely";
import { ADMIN_ROLES, type AdminRole } from "../../model/admin-role.ts";
import { type Administrator, nonEmptyText } from "../../model/caller.ts";
import type { ErrorCode } from "../../model/error-table.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { latestRevision } from "../../storage/change.ts";
import type { Follower } from "../../storage/change-watch.ts";
import type { AdminKeyRow, ProjectRow, Tables, VirtualKeyRow } from "../../storage/schema.ts";
import {
  type CompiledPolicy,
  compileKeyPolicy,
  compileProjectPolicy,
  type KnownCaller,
  type KnownProject,
  knownCaller,
} from "./known-caller.ts";
import { digestOf, kindOf } from "./secret-key.ts";

export type { KnownCaller };

interface Entry<Identity> {
  readonly identity: Identity;
  readonly expiresAtMs: number;
  /** Why it opens nothing, whatever the time; undefined where it does. */
  readonly refusal?: ErrorCode;
  /** It is the secret before the last rotation. */
  readonly replaced?: boolean;
}

/** How one secret of a virtual key stands. Another object each time that its key or project has changed. */
export interface SecretStanding {
  readonly identity: KnownCaller;
  /** Milliseconds since 1970; infinite where it does not expire. */
  readonly expiresAtMs: number;
  /** Why it opens nothing, whatever the time; absent where it does. */
  readonly refusal?: ErrorCode;
}

interface KnownKey {
  readonly row: VirtualKeyRow;
  readonly policy: CompiledPolicy;
}

interface ProjectEntry extends KnownProject {
  /** Ids of its keys. */
  readonly keys: Set<string>;
}

/**
 * All keys' digests in memory, so that a call is judged without the store, with the policies over each key compiled
 * once per change. Follows the store: a ChangeWatch tells it when to look.
 */
export class KeyDirectory implements Follower {
  readonly #callers = new Map<string, Entry<KnownCaller>>();
  readonly #administrators = new Map<string, Entry<Administrator>>();
  readonly #keys = new Map<string, KnownKey>();
  readonly #projects = new Map<string, ProjectEntry>();
  /** Web origins that policies list; put together when they are asked for after a change. */
  #origins: ReadonlySet<string> | undefined;
  readonly #store: Kysely<Tables>;
  #revision = -1;

  private constructor(store: Kysely<Tables>) {
    this.#store = store;
  }

  /** Loads every project and key. */
  static async open(store: Kysely<Tables>): Promise<KeyDirectory> {
    const directory = new KeyDirectory(store);
    await directory.refresh();
    return directory;
  }

  /**
   * The caller behind a virtual key. Throws `invalid_key`, `revoked_key`, `expired_key`, `blocked_key`,
   * `blocked_project`, `wrong_kind_of_key`.
   */
  caller(secret: string, nowMs: number): KnownCaller {
    return judge(this.#callers, "virtual", secret, nowMs);
  }

  /** The administrator behind an admin key. Throws `invalid_key`, `revoked_key`, `expired_key`, `wrong_kind_of_key`. */
  administrator(secret: string, nowMs: number): Administrator {
    return judge(this.#administrators, "admin", secret, nowMs);
  }

  /** How the secret of that digest stands; undefined where it is no virtual key's. */
  standing(digest: string): SecretStanding | undefined {
    return this.#callers.get(digest);
  }

  /** Digests of the secrets that a virtual key has; none where there is no such key. */
  digestsOfKey(id: string): readonly string[] {
    const key = this.#keys.get(id);
    return key === undefined ? [] : digestsOf(key.row);
  }

  /** Whether any policy of a project or of a key that may still open something lists a web origin. */
  listsOrigin(origin: string): boolean {
    this.#origins ??= new Set(
      [...this.#projects.values(), ...this.#keys.values()]
        .filter(({ row }) => !("revoked_at_ms" in row) || row.revoked_at_ms === null)
        .flatMap(({ policy }) => policy.scoped.policy.origins ?? []),
    );
    return this.#origins.has(origin);
  }

  async refresh(): Promise<void> {
    const latest = await latestRevision(this.#store);
    if (latest === this.#revision) return;
    const changed = await this.#changedRows();
    for (const row of changed.administrators) this.#administrators.set(row.digest, administratorEntry(row));
    const touched = new Set(changed.keys.map(({ id }) => id));
    for (const row of changed.projects) {
      for (const id of this.#takeProject(row).keys) touched.add(id);
    }
    for (const row of changed.keys) this.#takeKey(row);
    for (const id of touched) this.#compile(id);
    this.#origins = undefined;
    this.#revision = latest;
  }

  async #changedRows() {
    const since = this.#revision;
    return {
      projects: await this.#store.selectFrom("projects").selectAll().where("revision", ">", since).execute(),
      keys: await this.#store.selectFrom("virtual_keys").selectAll().where("revision", ">", since).execute(),
      administrators: await this.#store
        .selectFrom("admin_keys")
        .selectAll()
        .where("revision", ">", since)
        .execute(),
    };
  }

  #takeProject(row: ProjectRow): ProjectEntry {
    const keys = this.#projects.get(row.name)?.keys ?? new Set<string>();
    const project = { row, policy: compileProjectPolicy(row), keys };
    this.#projects.set(row.name, project);
    return project;
  }

  #takeKey(row: VirtualKeyRow): void {
    const before = this.#keys.get(row.id)?.row;
    for (const digest of before === undefined ? [] : digestsOf(before)) this.#callers.delete(digest);
    this.#keys.set(row.id, { row, policy: compileKeyPolicy(row) });
    this.#projects.get(row.project)?.keys.add(row.id);
  }

  /** A key whose project is not known yet is compiled when the project comes. */
  #compile(id: string): void {
    const key = this.#keys.get(id);
    const project = key === undefined ? undefined : this.#projects.get(key.row.project);
    if (key === undefined || project === undefined) return;
    const { row, policy } = key;
    const identity = knownCaller(row, project, policy);
    const refusal = refusalOf(row, project.row);
    const expiresAtMs = row.expires_at_ms ?? Number.POSITIVE_INFINITY;
    const entry = { identity, expiresAtMs, ...(refusal === undefined ? {} : { refusal }) };
    this.#callers.set(row.digest, entry);
    if (row.previous_digest === null || row.previous_until_ms === null) return;
    const previousExpiresAtMs = Math.min(expiresAtMs, row.previous_until_ms);
    this.#callers.set(row.previous_digest, { ...entry, expiresAtMs: previousExpiresAtMs, replaced: true });
  }
}

function judge<Identity>(
  known: ReadonlyMap<string, Entry<Identity>>,
  kind: string,
  secret: string,
  nowMs: number,
): Identity {
  const entry = known.get(digestOf(secret));
  if (entry === undefined) {
    const claimed = kindOf(secret);
    throw new GatewayError(claimed !== undefined && claimed !== kind ? "wrong_kind_of_key" : "invalid_key");
  }
  if (entry.refusal !== undefined) throw new GatewayError(entry.refusal);
  if (entry.expiresAtMs <= nowMs) throw expired(entry);
  return entry.identity;
}

function expired({ replaced }: Entry<unknown>): GatewayError {
  if (replaced !== true) return new GatewayError("expired_key");
  return new GatewayError("expired_key", {
    message: "This secret has expired: the key was rotated, and the time of grace is over.",
    mend: "Use the key's new secret.",
  });
}

function digestsOf({ digest, previous_digest }: VirtualKeyRow): string[] {
  return previous_digest === null ? [digest] : [digest, previous_digest];
}

/** What nobody can mend comes first. */
function refusalOf(key: VirtualKeyRow, project: ProjectRow): ErrorCode | undefined {
  if (key.revoked_at_ms !== null) return "revoked_key";
  if (key.blocked_at_ms !== null) return "blocked_key";
  return project.blocked_at_ms === null && project.deleted_at_ms === null ? undefined : "blocked_project";
}

function administratorEntry(row: AdminKeyRow): Entry<Administrator> {
  return {
    identity: Object.freeze({ keyId: nonEmptyText(row.id), keyName: row.name, role: roleOf(row.role) }),
    expiresAtMs: row.expires_at_ms ?? Number.POSITIVE_INFINITY,
    ...(row.revoked_at_ms === null ? {} : { refusal: "revoked_key" as const }),
  };
}

/** A role of a newer version must not become more than it is. */
function roleOf(stored: string): AdminRole {
  return ADMIN_ROLES.find((role) => role === stored) ?? "viewer";
}
