import {
  createVirtualKey,
  type IssuedKey,
  listVirtualKeys,
  revokeVirtualKey,
  type VirtualKeyOrder,
} from "../policy/identity/key-store.ts";
import { openSqlite } from "../storage/open-sqlite.ts";
import type { VirtualKeyRow } from "../storage/schema.ts";

export type { VirtualKeyOrder };

/** What the command line does with keys. */
export interface KeyCommands {
  create(order: VirtualKeyOrder): Promise<IssuedKey>;
  list(): Promise<VirtualKeyRow[]>;
  revoke(idOrName: string): Promise<string | undefined>;
}

/** Opens the store of a data folder for one piece of work on its keys, and closes it after. */
export async function withKeyStore<Result>(
  dataFolder: string,
  work: (keys: KeyCommands) => Promise<Result>,
): Promise<Result> {
  const store = await openSqlite(dataFolder);
  try {
    return await work({
      create: (order) => createVirtualKey(store, order),
      list: () => listVirtualKeys(store),
      revoke: (idOrName) => revokeVirtualKey(store, idOrName),
    });
  } finally {
    await store.destroy();
  }
}
