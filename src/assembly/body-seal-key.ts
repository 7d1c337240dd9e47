import type { SealKey } from "../ledger/bodies/body-seal.ts";
import type { MasterKey } from "./master-key.ts";
import type { MasterKeys } from "./master-keys.ts";

/** What recorded bodies are sealed under, newest first. */
export function bodySealKeys({ all: [current, ...others] }: MasterKeys): readonly [SealKey, ...SealKey[]] {
  return [sealKey(current), ...others.map(sealKey)];
}

function sealKey(masterKey: MasterKey): SealKey {
  return { id: masterKey.id, bytes: masterKey.derive("recorded bodies") };
}
