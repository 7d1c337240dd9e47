import { z } from "zod";
import { STRATEGIES } from "../../model/route-settings.ts";
import type { TranslationMode } from "../../model/snapshot.ts";
import { timeoutOverrides } from "./bounds-sections.ts";
import { condition } from "./condition-fields.ts";
import { modelName, text, wholeNumber } from "./fields.ts";
import { regionName } from "./region-field.ts";

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

const weight = (description: string) =>
  z.number().min(0.000001).max(HEAVIEST).default(1).describe(description);

const percent = (least: number, description: string) => z.number().min(least).max(100).describe(description);

const target = z.union([
  modelName("A target: `provider/model`"),
  z.strictObject({
    model: modelName("A target: `provider/model`"),
    weight: weight("Its share of the calls, relative to the other targets"),
    region: regionName.optional(),
    when: condition.optional(),
  }),
]);

const targets = z.array(target).min(1).max(64).describe("The models that may serve the call");

const strategy = z
  .enum(STRATEGIES)
  .default("priority")
  .describe(
    "How a target is chosen: in their order (priority), at random by weight (weighted), in turn (round-robin), the one with the fewest calls (least-in-flight), the fastest (lowest-latency), the cheapest for this request (cheapest), the one whose cache knows the conversation (cache-affinity), always the same for what `by` names (sticky)",
  );

/** Which calls belong together. */
const together = (usual: string) =>
  text({
    description: `Which calls belong together: key, project, end_user, conversation, header:NAME or tag:NAME. Left out: ${usual}`,
    mend: "Write key, project, end_user, conversation, header:x-session or tag:team.",
    pattern: {
      form: /^(?:key|project|end_user|conversation|header:[A-Za-z0-9-]{1,64}|tag:[\w.-]{1,64})$/,
      message: "names nothing that calls have in common",
    },
  }).optional();

const choice = {
  strategy,
  by: together("conversation"),
  cache_ttl: z
    .enum(["5m", "1h"])
    .default("5m")
    .describe("For cache-affinity: how long the providers' caches live after their last use"),
};

const tier = z
  .strictObject({ ...choice, when: condition.optional(), targets })
  .describe("Targets of one rank: those of the next are asked when these can't answer");

const tiers = z.array(tier).min(1).max(16).describe("In place of `targets`: several ranks of them");

const retries = z
  .strictObject({
    max_attempts: wholeNumber(1, 64, "Calls upstream for one call, the first included").default(5),
    backoff_ms: wholeNumber(0, 60_000, "First wait before the same target is asked again").default(100),
    max_wait_ms: wholeNumber(
      0,
      60_000,
      "Longest wait before another attempt, a provider's Retry-After included, in milliseconds",
    ).default(1000),
    refusals: z.boolean().default(false).describe("true: a content filter's refusal is tried elsewhere too"),
    continue_streams: z
      .boolean()
      .default(false)
      .describe("true: a text stream that breaks off is gone on with by another target that can do so"),
  })
  .describe("What is done when a target fails");

const hedge = z
  .strictObject({
    percent: percent(0.1, "At most so many calls of a hundred are made twice").default(5),
    after_ms: wholeNumber(
      1,
      600_000,
      "Silence after which another target is asked too. Left out: what 95 % of the route's calls stay below",
    ).optional(),
  })
  .describe("A second attempt while the first is silent; the first to answer wins, and both are paid for");

const canary = z
  .strictObject({
    target: modelName("What is tried: `provider/model`"),
    percent: percent(0.01, "Of a hundred calls"),
    by: together("the virtual key"),
    slower_percent: percent(0, "Slowness that is borne").default(10),
    false_alarm: z
      .number()
      .min(0.000001)
      .max(0.1)
      .default(0.01)
      .describe("The chance, of one, that a canary which is no worse is given up"),
  })
  .describe(
    "A share of the calls for another target, which is given up by itself when it fails more or is slower",
  );

const shadow = z
  .strictObject({
    target: modelName("What is sent the copies: `provider/model`"),
    percent: percent(0.01, "Of a hundred calls"),
    max_in_flight: wholeNumber(1, 10_000, "Copies at once; beyond that none is made").default(8),
  })
  .describe(
    "A share of the calls is copied to another target. Its answers are thrown away, and how it did is recorded",
  );

const armName = text({
  description: "The arm's name",
  mend: "Use letters, digits, dots, underscores and hyphens.",
  pattern: { form: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, message: "can't be an arm's name" },
});

const arm = z.strictObject({
  weight: weight("Its share of the calls, relative to the other arms"),
  ...choice,
  targets: targets.optional(),
  tiers: tiers.optional(),
});

const experiment = z
  .strictObject({
    name: text({ description: "What it is called: a new name divides anew", mend: "Write a name." }),
    by: together("the virtual key"),
    arms: z.record(armName, arm).describe("The ways among which calls are divided, by name"),
  })
  .describe("Calls are divided among several ways, and each row says which it went");

/** A route: one alias, several targets. */
const route = z
  .strictObject({
    ...choice,
    translation: translationMode.default("warn"),
    targets: targets.optional(),
    tiers: tiers.optional(),
    retries: retries.prefault({}),
    hedge: hedge.optional(),
    timeouts: timeoutOverrides.prefault({}),
    canary: canary.optional(),
    shadow: shadow.optional(),
    experiment: experiment.optional(),
  })
  .describe("A model alias: which targets may serve it and how one is chosen");

/** The routes by alias. */
export const routesSection = z.record(alias, route).describe("Model aliases of your own");

/** A route as it is written. */
export type WrittenRoute = z.output<typeof route>;

/** What says which targets there are and how one is chosen: a route, or an arm of one. */
export type WrittenTargets = Pick<WrittenRoute, "strategy" | "by" | "cache_ttl" | "targets" | "tiers">;

/** A target as it is written. */
export type WrittenTarget = z.output<typeof target>;
