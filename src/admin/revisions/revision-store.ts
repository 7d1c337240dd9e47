import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { Problem } from "../../config/problem.ts";
import type { Sealer } from "../../config/sealing.ts";
import type { Change } from "../../storage/change.ts";
import { patiently } from "../../storage/patiently.ts";
import type { ConfigurationRevisionRow, Tables } from "../../storage/schema.ts";
import type { Asker } from "../asker.ts";

/** How a revision came to be. */
export const REVISION_SOURCES = ["file", "api", "command-line"] as const;

export type RevisionSource = (typeof REVISION_SOURCES)[number];

/** A revision to be made. */
export interface RevisionOrder {
  readonly text: string;
  readonly source: RevisionSource;
  readonly asker: Asker;
  readonly note?: string | undefined;
  /** The number of the revision whose text this is. */
  readonly restores?: number | undefined;
}

/** Older ones are let go. */
const MOST_KEPT = 500;

/** What a text is known by: SHA-256, as `sha256sum` prints it. */
export function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The revisions of the configuration as they are stored, their texts sealed. */
export class RevisionStore {
  readonly #store: Kysely<Tables>;
  readonly #sealer: () => Sealer;

  /** `sealer` is asked for when there is something to seal or to open. */
  constructor(store: Kysely<Tables>, sealer: () => Sealer) {
    this.#store = store;
    this.#sealer = sealer;
  }

  /** The newest that no gateway has refused: the one to run. Within a change it must be asked by its transaction. */
  latest(
    within: Pick<Kysely<Tables>, "selectFrom"> = this.#store,
  ): Promise<ConfigurationRevisionRow | undefined> {
    return newest(within).where("state", "!=", "refused").executeTakeFirst();
  }

  /** The newest that a gateway has run. */
  latestApplied(): Promise<ConfigurationRevisionRow | undefined> {
    return this.#newest().where("state", "=", "applied").executeTakeFirst();
  }

  /** The newest that came from the file. */
  latestOfFile(): Promise<ConfigurationRevisionRow | undefined> {
    return this.#newest().where("source", "=", "file").executeTakeFirst();
  }

  find(number: number): Promise<ConfigurationRevisionRow | undefined> {
    return this.#newest().where("number", "=", number).executeTakeFirst();
  }

  /** The newest before that one that was in force: what a rollback goes back to. */
  before(number: number): Promise<ConfigurationRevisionRow | undefined> {
    return this.#newest().where("number", "<", number).where("state", "=", "applied").executeTakeFirst();
  }

  /** Newest first, those below a number. */
  list(below: number | undefined, limit: number): Promise<ConfigurationRevisionRow[]> {
    const rows = below === undefined ? this.#newest() : this.#newest().where("number", "<", below);
    return rows.limit(limit).execute();
  }

  /** The text. Throws SealBroken. */
  textOf({ number, sealed_text: sealed }: ConfigurationRevisionRow): string {
    return this.#sealer().open(sealed, placeOf(number));
  }

  /** Adds a revision within a change. */
  async add({ transaction, atMs }: Change, order: RevisionOrder): Promise<ConfigurationRevisionRow> {
    const last = await transaction
      .selectFrom("configuration_revisions")
      .select(({ fn }) => fn.max("number").as("number"))
      .executeTakeFirst();
    const number = (last?.number ?? 0) + 1;
    const { actor, requestId } = order.asker;
    const row: ConfigurationRevisionRow = {
      number,
      made_at_ms: atMs,
      source: order.source,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      request_id: requestId ?? null,
      note: order.note ?? null,
      restores: order.restores ?? null,
      digest: digestOf(order.text),
      sealed_text: this.#sealer().seal(order.text, placeOf(number)),
      state: "pending",
      settled_at_ms: null,
      problems: null,
    };
    await transaction.insertInto("configuration_revisions").values(row).execute();
    await transaction
      .deleteFrom("configuration_revisions")
      .where("number", "<=", number - MOST_KEPT)
      .execute();
    return row;
  }

  /** Notes that a gateway has taken a revision in, or what it had against it. */
  async settle(number: number, problems: readonly Problem[] = []): Promise<void> {
    const isRefused = problems.length > 0;
    const settled = this.#store
      .updateTable("configuration_revisions")
      .set({
        state: isRefused ? "refused" : "applied",
        settled_at_ms: Date.now(),
        problems: isRefused ? JSON.stringify(problems) : null,
      })
      .where("number", "=", number);
    await patiently(() => settled.execute());
  }

  /** Seals anew whatever another key sealed that is still known. */
  async reseal(): Promise<void> {
    for (const row of await this.#newest().execute()) {
      const sealed = this.#sealer().sealedAnew(row.sealed_text, placeOf(row.number));
      if (sealed === undefined) continue;
      const resealed = this.#store
        .updateTable("configuration_revisions")
        .set({ sealed_text: sealed })
        .where("number", "=", row.number);
      await patiently(() => resealed.execute());
    }
  }

  #newest() {
    return newest(this.#store);
  }
}

function newest(store: Pick<Kysely<Tables>, "selectFrom">) {
  return store.selectFrom("configuration_revisions").selectAll().orderBy("number", "desc");
}

/** Where a text is sealed: in that row and nowhere else. */
function placeOf(number: number): readonly string[] {
  return ["configuration revision", String(number)];
}
