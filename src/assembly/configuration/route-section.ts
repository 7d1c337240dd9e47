import { z } from "zod";
import type { StrategyId, TranslationMode } from "../../model/snapshot.ts";
import { modelName, text } from "./fields.ts";

const STRATEGIES = ["priority", "weighted"] as const satisfies readonly StrategyId[];

const alias = text({
  description: "The route's alias: what clients name as the model",
  mend: "Use letters, digits, dots, colons, underscores and hyphens; no slash, which belongs to `provider/model`.",
  pattern: { form: /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/, message: "can't be a route's alias" },
});

/** What is done where a provider can't carry out what a request asks. */
export const translationMode = z
  .enum(["warn", "strict"] as const satisfies readonly TranslationMode[])
  .describe(
    "What a target can't carry out: warn (it is done without, and x-gatehouse-warnings says so) or strict (refused)",
  );

const HEAVIEST = 1_000_000;

const target = z.union([
  modelName("A target: `provider/model`"),
  z.strictObject({
    model: modelName("A target: `provider/model`"),
    weight: z
      .number()
      .min(0.000001)
      .max(HEAVIEST)
      .default(1)
      .describe("Its share of the calls, relative to the other targets; for the strategy `weighted`"),
  }),
]);

/** A route: one alias, several targets. */
const route = z
  .strictObject({
    strategy: z
      .enum(STRATEGIES)
      .default("priority")
      .describe("priority: the first target that is well; weighted: at random by weight"),
    translation: translationMode.default("warn"),
    targets: z.array(target).min(1).max(64).describe("The models that may serve the call"),
  })
  .describe("A model alias: which targets may serve it and how one is chosen");

/** The routes by alias. */
export const routesSection = z.record(alias, route).describe("Model aliases of your own");
