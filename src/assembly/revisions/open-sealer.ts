import { Sealer, type SealingKey } from "../../config/sealing.ts";
import { type MasterKey, previousMasterKey } from "../master-key.ts";

const PURPOSE = "sealed in the store";

/**
 * Seals with a key derived from the master key. What the previous master key sealed, where the environment has that too,
 * can still be opened.
 */
export function openSealer(
  masterKey: MasterKey,
  environment: { readonly [name: string]: string | undefined },
): Sealer {
  const previous = previousMasterKey(environment);
  const current = sealingKey(masterKey);
  return new Sealer(previous === undefined ? [current] : [current, sealingKey(previous)]);
}

function sealingKey(masterKey: MasterKey): SealingKey {
  return { id: masterKey.id, key: masterKey.derive(PURPOSE) };
}
