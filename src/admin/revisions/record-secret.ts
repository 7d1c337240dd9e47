import type { Change } from "../../storage/change.ts";
import type { ProviderSecretRow } from "../../storage/schema.ts";
import { recordChange } from "../record-change.ts";
import type { Asker } from "../resource.ts";
import { shownSecret } from "../views/provider-secret.ts";

/** Writes into the audit log that a secret was entered, entered anew, or (no `after`) taken away. Never the secret. */
export function recordSecret(
  made: Change,
  asker: Asker,
  before: ProviderSecretRow | undefined,
  after: ProviderSecretRow | undefined,
): Promise<void> {
  const row = after ?? before;
  const action = after === undefined ? "delete" : before === undefined ? "create" : "rotate";
  return recordChange(made, asker, {
    action,
    resource: "provider_secret",
    id: row === undefined ? "" : `${row.provider} ${row.origin}`,
    ...(before === undefined ? {} : { before: shownSecret(before) }),
    ...(after === undefined ? {} : { after: shownSecret(after) }),
  });
}
