import type { Logger } from "pino";
import { FileWatch } from "../config/file-watch.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { ReaderThread } from "../ledger/reader/reader-thread.ts";
import { bodySealKeys } from "./body-seal-key.ts";
import type { MasterKeys } from "./master-keys.ts";
import type { RevisionParts } from "./revisions/running-configuration.ts";

/** What a change of the master key reaches, beside what asks for it anew each time. */
export interface KeyedParts {
  readonly masterKeys: MasterKeys;
  readonly ledger: Ledger;
  readonly reader: ReaderThread;
  readonly stored: Pick<RevisionParts, "revisions" | "secrets">;
  readonly log: Logger;
}

/** Takes a changed master key in while calls go on: what it seals is sealed anew. Runs until it is stopped. */
export function followMasterKey(parts: KeyedParts): { stop(): void } {
  const { masterKeys, log } = parts;
  return new FileWatch(
    () => masterKeys.files,
    () =>
      takeMasterKeys(parts).catch((error: unknown) => {
        log.error({ cause: String(error) }, "changed master key not taken in");
        throw error;
      }),
  );
}

async function takeMasterKeys({ masterKeys, ledger, reader, stored, log }: KeyedParts): Promise<void> {
  const isOther = masterKeys.refresh();
  const sealKeys = bodySealKeys(masterKeys);
  ledger.sealBodiesWith(sealKeys[0]);
  reader.takeSealKeys(sealKeys);
  await sealAnew(stored);
  if (isOther) log.warn({ key_ids: masterKeys.all.map(({ id }) => id) }, "master key changed");
}

/** Seals with the current master key whatever the one before has sealed. */
export async function sealAnew({ revisions, secrets }: KeyedParts["stored"]): Promise<void> {
  await revisions.reseal();
  await secrets.reseal();
}
