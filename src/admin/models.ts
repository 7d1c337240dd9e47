import { z } from "zod";
import { targetName } from "../model/target-name.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { adminResource } from "./resource.ts";

const modelView = z
  .strictObject({
    name: z.string().describe("As requests name it: `provider/model`"),
    provider: z.string(),
    model: z.string().describe("The provider's own name of it"),
    context_window: z.int().nullable().describe("In tokens; null where unknown"),
    price_source: z
      .string()
      .nullable()
      .describe("Who says what it costs; null where it has no price, so that a budget refuses it"),
  })
  .meta({ id: "Model" });

/** The models that the configured providers are known to serve, by name. */
export const listModels = adminResource({
  operation: "listModels",
  method: "GET",
  path: "/admin/v1/models",
  section: "Providers and models",
  summary: "List models",
  role: "viewer",
  query: z.strictObject({ ...pageQuery, provider: z.string().optional().describe("Of one provider only") }),
  answer: pageOf(modelView),
  handle: async ({ query }, { snapshot, prices }) => {
    const after = placeOf("models", query.cursor);
    const nowMs = Date.now();
    const found = snapshot()
      .catalog.map((known) => ({ ...known, name: targetName(known.provider, known.model) }))
      .filter(({ provider }) => query.provider === undefined || provider === query.provider)
      .filter(({ name }) => after === undefined || name > after)
      .sort((one, other) => (one.name < other.name ? -1 : 1));
    return page("models", found, {
      limit: query.limit,
      place: ({ name }) => name,
      show: ({ name, provider, model, contextWindow }) => ({
        name,
        provider,
        model,
        context_window: contextWindow ?? null,
        price_source: prices().price(provider, model, nowMs)?.source ?? null,
      }),
    });
  },
});
