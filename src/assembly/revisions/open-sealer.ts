import { Sealer } from "../../config/sealing.ts";
import type { MasterKey } from "../master-key.ts";
import type { MasterKeys } from "../master-keys.ts";

const PURPOSE = "sealed in the store";

/**
 * Gives the sealer of the moment: it seals with a key derived from the master key, and opens what the one before it has
 * sealed, where that is known.
 */
export function sealerOf(keys: MasterKeys): () => Sealer {
  let of: MasterKeys["all"] | undefined;
  let sealer: Sealer | undefined;
  return () => {
    if (sealer !== undefined && of === keys.all) return sealer;
    const [current, ...others] = keys.all;
    of = keys.all;
    sealer = new Sealer([sealingKey(current), ...others.map(sealingKey)]);
    return sealer;
  };
}

function sealingKey(masterKey: MasterKey) {
  return { id: masterKey.id, key: masterKey.derive(PURPOSE) };
}
