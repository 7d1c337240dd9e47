import type { Change } from "../storage/change.ts";
import type { Asker } from "./resource.ts";

/** What can be changed, as the audit log calls it. */
export const AUDITED_RESOURCES = [
  "project",
  "key",
  "admin_key",
  "price_override",
  "configuration",
  "provider_secret",
  "recorded_body",
  "master_key",
] as const;

/** What can be done to it. */
export const AUDITED_ACTIONS = [
  "create",
  "update",
  "rotate",
  "block",
  "unblock",
  "revoke",
  "delete",
  "rollback",
  /** Of what is confidential: a recorded prompt or answer. */
  "read",
] as const;

/** A change, as it goes into the audit log. `before` and `after` are what the API shows: never a secret. */
export interface AuditedChange {
  readonly action: (typeof AUDITED_ACTIONS)[number];
  readonly resource: (typeof AUDITED_RESOURCES)[number];
  readonly id: string;
  readonly before?: object;
  readonly after?: object;
}

/** Writes a change into the audit log, in the change's own transaction: neither is without the other. */
export async function recordChange(change: Change, asker: Asker, audited: AuditedChange): Promise<void> {
  const { actor, requestId } = asker;
  const { before, after } = audited;
  await change.transaction
    .insertInto("audit_log")
    .values({
      id: `aud_${Bun.randomUUIDv7()}`,
      at_ms: change.atMs,
      actor_kind: actor.kind,
      actor_id: actor.id,
      actor_name: actor.name,
      request_id: requestId ?? null,
      action: audited.action,
      resource: audited.resource,
      resource_id: audited.id,
      before: before === undefined ? null : JSON.stringify(before),
      after: after === undefined ? null : JSON.stringify(after),
    })
    .execute();
}

/** Who made something, as its row and the API say it. */
export function madeBy({ actor }: Asker): string {
  return `${actor.kind}:${actor.id}`;
}
