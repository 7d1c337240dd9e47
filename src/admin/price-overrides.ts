import { z } from "zod";
import type { PriceOverride } from "../ledger/prices/price-override.ts";
import { change } from "../storage/change.ts";
import type { PriceOverrideRow } from "../storage/schema.ts";
import { presentPrice, priceTerms, refuseUnknownProvider, wasDeleted } from "./changes/price-override.ts";
import { isAlready } from "./changes/terms.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { madeBy, recordChange } from "./record-change.ts";
import { adminResource } from "./resource.ts";
import { refuseStale, revisionGiven } from "./revision.ts";
import { deletedView } from "./views/deleted.ts";
import { momentGiven } from "./views/moment.ts";
import { priceOverrideView, shownPriceOverride } from "./views/price-override.ts";

const section = "Price overrides";
const parameters = z.strictObject({ id: z.string().describe("The price's id") });
const path = "/admin/v1/price-overrides";

const providerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]*$/, { error: "must be a provider's id" })
  .meta({
    description: "The provider's id",
    mend: "Write it as before the slash of a model's name: openai.",
  });

const modelName = z
  .string()
  .max(200)
  .regex(/^\S+$/, { error: "must be a model's name, without spaces" })
  .meta({
    description: "The provider's own name of the model",
    mend: "Write it as behind the slash: gpt-4.1.",
  });

const validFrom = momentGiven.describe("From then on; left out or null: ever since");
const validUntil = momentGiven.describe("Before then; left out or null: for ever");

/**
 * Stored prices: they win over the price data and the configuration, at once and without a restart. `price` is the
 * schema of a price in the configuration.
 */
export function priceOverrideResources(price: z.ZodType<PriceOverride>) {
  return {
    list: adminResource({
      operation: "listPriceOverrides",
      method: "GET",
      path,
      section,
      summary: "List stored prices",
      role: "viewer",
      query: z.strictObject({ ...pageQuery, provider: z.string().optional(), model: z.string().optional() }),
      answer: pageOf(priceOverrideView),
      handle: async ({ query }, { store }) => {
        const before = placeOf("price-overrides", query.cursor);
        let rows = store.selectFrom("price_overrides").selectAll();
        if (before !== undefined) rows = rows.where("id", "<", before);
        if (query.provider !== undefined) rows = rows.where("provider", "=", query.provider);
        if (query.model !== undefined) rows = rows.where("model", "=", query.model);
        const found = await rows
          .orderBy("id", "desc")
          .limit(query.limit + 1)
          .execute();
        const { limit } = query;
        return page("price-overrides", found, { limit, place: ({ id }) => id, show: shownPriceOverride });
      },
    }),
    get: adminResource({
      operation: "getPriceOverride",
      method: "GET",
      path: `${path}/:id`,
      section,
      summary: "Get a stored price",
      role: "viewer",
      parameters,
      answer: priceOverrideView,
      errors: ["not_found"],
      handle: async ({ parameters: { id } }, { store }) => shownPriceOverride(await presentPrice(store, id)),
    }),
    create: adminResource({
      operation: "createPriceOverride",
      method: "POST",
      path,
      section,
      summary: "Store a price",
      description:
        "Wins over the price data and the configuration within a second. Of several that hold for a model, the one that begins latest counts, of equals the newest; a name goes before a pattern.",
      role: "operator",
      body: z.strictObject({
        provider: providerName,
        model: modelName,
        price,
        valid_from: validFrom.nullable().optional(),
        valid_until: validUntil.nullable().optional(),
      }),
      status: 201,
      answer: priceOverrideView,
      handle: async ({ body, asker }, parts) => {
        refuseUnknownProvider(body.provider, parts);
        const terms = priceTerms(body.provider, body.model, body);
        const row = await change(parts.store, async (made) => {
          const row: PriceOverrideRow = {
            ...terms,
            id: `prc_${Bun.randomUUIDv7()}`,
            provider: body.provider,
            model: body.model,
            created_at_ms: made.atMs,
            created_by: madeBy(asker),
            updated_at_ms: made.atMs,
            revision: made.revision,
          };
          await made.transaction.insertInto("price_overrides").values(row).execute();
          const after = shownPriceOverride(row);
          await recordChange(made, asker, {
            action: "create",
            resource: "price_override",
            id: row.id,
            after,
          });
          return row;
        });
        await parts.changed();
        return shownPriceOverride(row);
      },
    }),
    update: adminResource({
      operation: "updatePriceOverride",
      method: "PATCH",
      path: `${path}/:id`,
      section,
      summary: "Change a stored price",
      role: "operator",
      parameters,
      body: z.strictObject({
        price: price.optional().describe("The whole price: what is left out of it is no more"),
        valid_from: validFrom.nullable().optional(),
        valid_until: validUntil.nullable().optional(),
        revision: revisionGiven,
      }),
      takesIfMatch: true,
      answer: priceOverrideView,
      errors: ["not_found", "stale_revision"],
      handle: async (call, { store, changed }) => {
        const { body, asker } = call;
        const { id } = call.parameters;
        const row = await change(store, async (made) => {
          const before = await presentPrice(made.transaction, id);
          refuseStale(before.revision, call, body.revision);
          const shown = shownPriceOverride(before);
          const terms = priceTerms(before.provider, before.model, {
            price: body.price ?? JSON.parse(before.price),
            valid_from: body.valid_from === undefined ? shown.valid_from : body.valid_from,
            valid_until: body.valid_until === undefined ? shown.valid_until : body.valid_until,
          });
          if (isAlready(before, terms)) return before;
          const after = await made.transaction
            .updateTable("price_overrides")
            .set({ ...terms, updated_at_ms: made.atMs, revision: made.revision })
            .where("id", "=", id)
            .returningAll()
            .executeTakeFirstOrThrow();
          await recordChange(made, asker, {
            action: "update",
            resource: "price_override",
            id,
            before: shown,
            after: shownPriceOverride(after),
          });
          return after;
        });
        await changed();
        return shownPriceOverride(row);
      },
    }),
    delete: adminResource({
      operation: "deletePriceOverride",
      method: "DELETE",
      path: `${path}/:id`,
      section,
      summary: "Delete a stored price",
      description: "What was charged by it stays as it is. Deleting one that is deleted answers the same.",
      role: "operator",
      parameters,
      takesIfMatch: true,
      answer: deletedView,
      errors: ["not_found", "stale_revision"],
      handle: async (call, { store, changed }) => {
        const { id } = call.parameters;
        await change(store, async (made) => {
          if (await wasDeleted(made.transaction, id)) return;
          const before = await presentPrice(made.transaction, id);
          refuseStale(before.revision, call);
          await made.transaction.deleteFrom("price_overrides").where("id", "=", id).execute();
          await recordChange(made, call.asker, {
            action: "delete",
            resource: "price_override",
            id,
            before: shownPriceOverride(before),
          });
        });
        await changed();
        return { id, deleted: true };
      },
    }),
  } as const;
}

export type PriceOverrideResources = ReturnType<typeof priceOverrideResources>;
