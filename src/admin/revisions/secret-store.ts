import type { Kysely } from "kysely";
import { SealBroken, type Sealer } from "../../config/sealing.ts";
import type { Change } from "../../storage/change.ts";
import { patiently } from "../../storage/patiently.ts";
import type { ProviderSecretRow, Tables } from "../../storage/schema.ts";

/** A secret to be kept. */
export interface SecretOrder {
  readonly provider: string;
  /** Where it may be sent: scheme, host and port. */
  readonly origin: string;
  readonly secret: string;
  /** Who enters it. */
  readonly enteredBy: string;
}

/** A secret that can't be opened. */
export interface BrokenSecret {
  readonly provider: string;
  readonly origin: string;
  readonly seal: SealBroken;
}

/** Secrets by provider and origin, and those that can't be opened. */
export interface OpenedSecrets {
  readonly secrets: ReadonlyMap<string, ReadonlyMap<string, string>>;
  readonly broken: readonly BrokenSecret[];
}

/** Providers' secrets that were entered here. Each is sealed for its row and for the origin that it may be sent to. */
export class SecretStore {
  readonly #store: Kysely<Tables>;
  readonly #sealer: () => Sealer;

  /** `sealer` is asked for when there is something to seal or to open. */
  constructor(store: Kysely<Tables>, sealer: () => Sealer) {
    this.#store = store;
    this.#sealer = sealer;
  }

  list(): Promise<ProviderSecretRow[]> {
    return this.#store.selectFrom("provider_secrets").selectAll().orderBy("id").execute();
  }

  /** The secrets of some rows. */
  opened(rows: readonly ProviderSecretRow[]): OpenedSecrets {
    const secrets = new Map<string, Map<string, string>>();
    const broken: BrokenSecret[] = [];
    for (const row of rows) {
      const ofProvider = secrets.get(row.provider) ?? new Map<string, string>();
      try {
        secrets.set(row.provider, ofProvider.set(row.origin, this.#secretOf(row)));
      } catch (thrown) {
        if (!(thrown instanceof SealBroken)) throw thrown;
        broken.push({ provider: row.provider, origin: row.origin, seal: thrown });
      }
    }
    return { secrets, broken };
  }

  /** Keeps a secret within a change, in place of the one before; gives that too. */
  async put(
    made: Change,
    { provider, origin, secret, enteredBy }: SecretOrder,
  ): Promise<{ readonly before: ProviderSecretRow | undefined; readonly row: ProviderSecretRow }> {
    const before = await this.remove(made, provider, origin);
    const id = `sec_${Bun.randomUUIDv7()}`;
    const row: ProviderSecretRow = {
      id,
      provider,
      origin,
      sealed_secret: this.#sealer().seal(secret, placeOf({ id, provider, origin })),
      entered_at_ms: made.atMs,
      entered_by: enteredBy,
      revision: made.revision,
    };
    await made.transaction.insertInto("provider_secrets").values(row).execute();
    return { before, row };
  }

  /** Forgets a secret within a change; gives it, where there was one. */
  remove({ transaction }: Change, provider: string, origin: string): Promise<ProviderSecretRow | undefined> {
    return transaction
      .deleteFrom("provider_secrets")
      .where("provider", "=", provider)
      .where("origin", "=", origin)
      .returningAll()
      .executeTakeFirst();
  }

  /** Seals anew whatever another key sealed that is still known. */
  async reseal(): Promise<void> {
    for (const row of await this.list()) {
      const sealed = this.#sealer().sealedAnew(row.sealed_secret, placeOf(row));
      if (sealed === undefined) continue;
      const resealed = this.#store
        .updateTable("provider_secrets")
        .set({ sealed_secret: sealed })
        .where("id", "=", row.id);
      await patiently(() => resealed.execute());
    }
  }

  #secretOf(row: ProviderSecretRow): string {
    return this.#sealer().open(row.sealed_secret, placeOf(row));
  }
}

function placeOf({ id, provider, origin }: Pick<ProviderSecretRow, "id" | "provider" | "origin">) {
  return ["provider secret", id, provider, origin];
}
