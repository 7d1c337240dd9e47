import { existsSync, unlinkSync } from "node:fs";
import { type AuditedChange, recordChange } from "../admin/record-change.ts";
import { RevisionStore } from "../admin/revisions/revision-store.ts";
import { SecretStore } from "../admin/revisions/secret-store.ts";
import { change } from "../storage/change.ts";
import { openSqlite } from "../storage/open-sqlite.ts";
import { commandLine } from "./command-line-asker.ts";
import { sealAnew } from "./follow-master-key.ts";
import { MASTER_KEY_VARIABLE, MasterKeyUnusable, masterKeyFiles, replaceMasterKey } from "./master-key.ts";
import { type Environment, MasterKeys } from "./master-keys.ts";
import { sealerOf } from "./revisions/open-sealer.ts";

/**
 * Replaces the master key in a data folder's file and seals anew what is stored. The old one stays beside it, and a running
 * gateway takes both in. Gives the new key's id. Throws MasterKeyUnusable where the key is not in that file, or the last
 * change isn't finished.
 */
export async function rotateMasterKey(dataFolder: string, environment: Environment): Promise<string> {
  const [current] = masterKeyFiles(dataFolder);
  refuseUnlessInFile(current, environment);
  replaceMasterKey(dataFolder);
  return await sealAllAnew(dataFolder, environment, "rotate");
}

/**
 * Forgets the master key before, once what is stored is sealed with the one that there is now. Gives that one's id.
 * Throws MasterKeyUnusable where there is none to forget.
 */
export async function forgetPreviousMasterKey(dataFolder: string, environment: Environment): Promise<string> {
  const [, previous] = masterKeyFiles(dataFolder);
  if (!existsSync(previous))
    throw new MasterKeyUnusable(
      `There is no ${previous}: no change of keys is under way here.`,
      "`gatehouse master-key rotate` begins one.",
    );
  const id = await sealAllAnew(dataFolder, environment, "delete");
  unlinkSync(previous);
  return id;
}

/** Seals everything with the current key, and notes in the audit log what is done. */
async function sealAllAnew(
  dataFolder: string,
  environment: Environment,
  action: AuditedChange["action"],
): Promise<string> {
  const masterKeys = new MasterKeys(dataFolder, environment);
  const { id } = masterKeys.current;
  const store = await openSqlite(dataFolder);
  try {
    const sealer = sealerOf(masterKeys);
    await sealAnew({ revisions: new RevisionStore(store, sealer), secrets: new SecretStore(store, sealer) });
    await change(store, (made) => recordChange(made, commandLine(), { action, resource: "master_key", id }));
  } finally {
    await store.destroy();
  }
  return id;
}

function refuseUnlessInFile(path: string, environment: Environment): void {
  if ((environment[MASTER_KEY_VARIABLE] ?? "").trim() !== "")
    throw new MasterKeyUnusable(
      `The master key is in ${MASTER_KEY_VARIABLE}, which no command can change.`,
      "Start with the new key there and the old one as GATEHOUSE_PREVIOUS_MASTER_KEY.",
    );
  if (!existsSync(path))
    throw new MasterKeyUnusable(
      `There is no ${path} yet.`,
      "It is made at the first start; name another data folder with GATEHOUSE_DATA.",
    );
}
