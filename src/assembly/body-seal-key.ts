import type { SealKey } from "../ledger/bodies/body-seal.ts";
import type { MasterKey } from "./master-key.ts";

/** What recorded bodies are sealed under. */
export function bodySealKey(masterKey: MasterKey): SealKey {
  return { id: masterKey.id, bytes: masterKey.derive("recorded bodies") };
}
