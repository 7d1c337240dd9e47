import { getKey, listKeys, type RunOperation } from "../assembly/administration.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { everyPage } from "./every-page.ts";
import { UsageError } from "./usage-error.ts";

/**
 * The id of the key that was named: by its id, or by its name where only one key that isn't revoked has it. An id goes
 * before a name, so that a key which was named like another's id does not shield it.
 */
export async function keyId(run: RunOperation, idOrName: string): Promise<string> {
  if (idOrName.startsWith("key_") && (await exists(run, idOrName))) return idOrName;
  const named = await everyPage(run, listKeys, { name: idOrName });
  const unrevoked = named.filter(({ state }) => state !== "revoked");
  const [only] = unrevoked;
  if (only !== undefined && unrevoked.length === 1) return only.id;
  throw new UsageError(
    unrevoked.length > 1
      ? `${unrevoked.length} keys are called "${idOrName}".`
      : `no single live key is called "${idOrName}".`,
    "`./gatehouse keys list` shows their ids.",
  );
}

async function exists(run: RunOperation, id: string): Promise<boolean> {
  try {
    await run(getKey, { parameters: { id } });
    return true;
  } catch (thrown) {
    if (thrown instanceof GatewayError && thrown.code === "not_found") return false;
    throw thrown;
  }
}
