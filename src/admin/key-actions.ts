import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import { rotateVirtualKey, updateVirtualKey } from "../policy/identity/key-store.ts";
import { change } from "../storage/change.ts";
import type { VirtualKeyRow } from "../storage/schema.ts";
import { changeableKey, changeKey, presentKey, recordKey, shownWithEffect } from "./changes/key.ts";
import { blocking } from "./changes/terms.ts";
import { adminResource } from "./resource.ts";
import { refuseStale } from "./revision.ts";
import { keyWithEffectView } from "./views/key.ts";
import { momentShown, shownMoment } from "./views/moment.ts";

const section = "Virtual keys";
const parameters = z.strictObject({ id: z.string().describe("The key's id") });

const DAY_SECONDS = 86_400;
const LONGEST_GRACE_SECONDS = 30 * DAY_SECONDS;

/** A new secret for a key that stays what it is: its id, its policy, what it has used. */
export const rotateKey = adminResource({
  operation: "rotateKey",
  method: "POST",
  path: "/admin/v1/keys/:id/rotate",
  section,
  summary: "Give a virtual key a new secret",
  description:
    "Both secrets are taken until the time of grace is over. Id, policy, budgets and limits stay the same, so a rotation spends and resets nothing.",
  role: "operator",
  parameters,
  body: z.strictObject({
    grace_seconds: z
      .int()
      .min(0)
      .max(LONGEST_GRACE_SECONDS)
      .default(DAY_SECONDS)
      .describe("How long the secret that there is goes on to be taken; 0 ends it at once"),
  }),
  isBodyOptional: true,
  takesIfMatch: true,
  answer: keyWithEffectView
    .extend({ key: z.string().describe("The new secret: in this one answer and nowhere else") })
    .meta({ id: "RotatedKey" }),
  errors: ["not_found", "conflict", "stale_revision"],
  handle: async (call, { store, changed }) => {
    const graceMs = call.body.grace_seconds * 1000;
    const answer = await change(store, async (made) => {
      const before = await changeableKey(made.transaction, call.parameters.id);
      refuseStale(before.revision, call);
      refuseThirdSecret(before, graceMs, made.atMs);
      const { row, secret } = await rotateVirtualKey(made, before, graceMs);
      await recordKey(made, call.asker, "rotate", before, row);
      return { ...(await shownWithEffect(made, row)), key: secret };
    });
    await changed();
    return answer;
  },
});

/** A key has two secrets at most: what was promised to the older one must not be cut short in passing. */
function refuseThirdSecret(key: VirtualKeyRow, graceMs: number, nowMs: number): void {
  if (graceMs === 0 || key.previous_until_ms === null || key.previous_until_ms <= nowMs) return;
  throw new GatewayError("conflict", {
    message: `The secret before the last rotation is still taken until ${shownMoment(key.previous_until_ms)}, and a key has two at most.`,
    mend: "Wait until then, or rotate with `grace_seconds` 0: that ends both old secrets at once.",
    field: "grace_seconds",
  });
}

/** A key that opens nothing until it is unblocked. */
export const blockKey = adminResource({
  operation: "blockKey",
  method: "POST",
  path: "/admin/v1/keys/:id/block",
  section,
  summary: "Block a virtual key",
  description: "It is refused until it is unblocked. Blocking one that is blocked changes nothing.",
  role: "operator",
  parameters,
  takesIfMatch: true,
  answer: keyWithEffectView,
  errors: ["not_found", "conflict", "stale_revision"],
  handle: (call, parts) =>
    changeKey(call, parts, undefined, ({ blocked_at_ms: since }, atMs) => ({
      action: "block",
      terms: blocking(since, true, atMs),
    })),
});

/** A blocked key that opens again what it did. */
export const unblockKey = adminResource({
  operation: "unblockKey",
  method: "POST",
  path: "/admin/v1/keys/:id/unblock",
  section,
  summary: "Unblock a virtual key",
  role: "operator",
  parameters,
  takesIfMatch: true,
  answer: keyWithEffectView,
  errors: ["not_found", "conflict", "stale_revision"],
  handle: (call, parts) =>
    changeKey(call, parts, undefined, ({ blocked_at_ms: since }, atMs) => ({
      action: "unblock",
      terms: blocking(since, false, atMs),
    })),
});

/** Revokes a virtual key, for ever, at once on this process. */
export const revokeKey = adminResource({
  operation: "revokeKey",
  method: "DELETE",
  path: "/admin/v1/keys/:id",
  section,
  summary: "Revoke a virtual key",
  description:
    "For ever, and both its secrets. Revoking one that is revoked answers the same and changes nothing.",
  role: "operator",
  parameters,
  takesIfMatch: true,
  answer: z.strictObject({ id: z.string(), revoked: z.literal(true), revoked_at: momentShown }),
  errors: ["not_found", "stale_revision"],
  handle: async (call, { store, changed }) => {
    const row = await change(store, async (made) => {
      const before = await presentKey(made.transaction, call.parameters.id);
      if (before.revoked_at_ms !== null) return before;
      refuseStale(before.revision, call);
      const after = await updateVirtualKey(made, before.id, { revoked_at_ms: made.atMs });
      await recordKey(made, call.asker, "revoke", before, after);
      return after;
    });
    await changed();
    return { id: row.id, revoked: true, revoked_at: shownMoment(row.revoked_at_ms ?? row.updated_at_ms) };
  },
});
