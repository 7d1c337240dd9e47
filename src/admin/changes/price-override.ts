import type { Kysely } from "kysely";
import { createPriceBook } from "../../ledger/prices/price-book.ts";
import type { PriceOverride } from "../../ledger/prices/price-override.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import { targetName } from "../../model/target-name.ts";
import { providers } from "../../providers/catalog.ts";
import type { PriceOverrideRow, Tables } from "../../storage/schema.ts";
import { refusedField } from "../judge.ts";
import type { AdminParts } from "../resource.ts";

interface Terms {
  readonly price: PriceOverride;
  readonly valid_from?: string | null | undefined;
  readonly valid_until?: string | null | undefined;
}

/** The columns that a price is. Throws `invalid_request` where it can't be reckoned with, or never holds. */
export function priceTerms(
  provider: string,
  model: string,
  { price, valid_from: from, valid_until: until }: Terms,
) {
  const name = targetName(provider, model);
  try {
    createPriceBook({ priceDataIds: new Map(), overrides: new Map([[name, price]]) });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw refusedField(["price"], `is not one: ${cause.message}`, "Correct what the message names.");
  }
  const fromMs = from === undefined || from === null ? null : Date.parse(from);
  const untilMs = until === undefined || until === null ? null : Date.parse(until);
  if (fromMs !== null && untilMs !== null && fromMs >= untilMs)
    throw refusedField(["valid_until"], "must be after valid_from", "Write a later moment, or leave it out.");
  return { price: JSON.stringify(price), valid_from_ms: fromMs, valid_until_ms: untilMs };
}

/** Throws `invalid_request` where nothing here is called so. */
export function refuseUnknownProvider(provider: string, { snapshot }: AdminParts): void {
  if (providers.has(provider) || snapshot().upstreams.has(provider)) return;
  const known = [...new Set([...snapshot().upstreams.keys(), ...providers.keys()])].join(", ");
  throw refusedField(["provider"], "must name a provider that is known here", `Known here: ${known}.`);
}

/** The stored price of that id. Throws `not_found`. */
export async function presentPrice(store: Kysely<Tables>, id: string): Promise<PriceOverrideRow> {
  const row = await store.selectFrom("price_overrides").selectAll().where("id", "=", id).executeTakeFirst();
  if (row !== undefined) return row;
  throw new GatewayError("not_found", {
    message: `There is no stored price "${id}".`,
    mend: "GET /admin/v1/price-overrides (`gatehouse prices overrides`) lists them.",
  });
}

/** Whether a price of that id was deleted: its row is gone, but that was written down. */
export async function wasDeleted(store: Kysely<Tables>, id: string): Promise<boolean> {
  const entry = await store
    .selectFrom("audit_log")
    .select("id")
    .where("resource", "=", "price_override")
    .where("resource_id", "=", id)
    .where("action", "=", "delete")
    .executeTakeFirst();
  return entry !== undefined;
}
