import { z } from "zod";

/*
 * The rules across fields look at a configuration that may have any shape. This is what they need of it, and only
 * that; what has another shape is told by the schema, and is as if it weren't there here.
 */

const anyText = z.string().optional().catch(undefined);

const looseModel = z
  .union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)])
  .catch("");

const looseProvider = z
  .object({
    enabled: z.boolean().catch(true),
    dialect: z.unknown(),
    base_url: anyText,
    key: z.unknown(),
    keys: z.unknown(),
    options: z.record(z.string(), z.unknown()).catch({}),
    credentials: z.record(z.string(), z.unknown()).catch({}),
    headers: z.record(z.string(), z.unknown()).optional().catch(undefined),
    ca: z.unknown(),
    proxy: z.unknown(),
    models: z.array(looseModel).catch([]),
    default_model: anyText,
  })
  .partial()
  .catch({});

const looseTarget = z
  .union([z.string(), z.object({ model: z.string() }).transform(({ model }) => model)])
  .catch("");
const targetLists = {
  targets: z.array(looseTarget).optional().catch(undefined),
  tiers: z
    .array(z.object({ targets: z.array(looseTarget).catch([]) }).catch({ targets: [] }))
    .optional()
    .catch(undefined),
};
const looseTargets = z.object(targetLists).catch({});
const looseSide = z.object({ target: z.string() }).optional().catch(undefined);
const looseRoute = z
  .object({
    ...targetLists,
    canary: looseSide,
    shadow: looseSide,
    experiment: z
      .object({ arms: z.record(z.string(), looseTargets) })
      .optional()
      .catch(undefined),
  })
  .catch({});

const noAlerts = { webhook: { url: undefined } };

/** The shape that the rules read; it takes any value. */
export const looseDraft = z
  .object({
    server: z
      .object({ host: anyText, trusted_hosts: z.unknown().optional() })
      .catch({ host: undefined, trusted_hosts: undefined }),
    egress: z.object({ allow: z.array(z.string()).catch([]) }).catch({ allow: [] }),
    alerts: z.object({ webhook: z.object({ url: anyText }).catch(noAlerts.webhook) }).catch(noAlerts),
    default_model: anyText,
    providers: z.record(z.string(), looseProvider).catch({}),
    routes: z.record(z.string(), looseRoute).catch({}),
    prices: z.record(z.string(), z.unknown()).catch({}),
  })
  .catch({
    server: { host: undefined, trusted_hosts: undefined },
    egress: { allow: [] },
    alerts: noAlerts,
    default_model: undefined,
    providers: {},
    routes: {},
    prices: {},
  });

/** A configuration as the rules see it. */
export type LooseDraft = z.output<typeof looseDraft>;

/** A provider as the rules see it. */
export type LooseProvider = z.output<typeof looseProvider>;

/** A route as the rules see it. */
export type LooseRoute = z.output<typeof looseRoute>;

/** What names targets, as the rules see it. */
export type LooseTargets = z.output<typeof looseTargets>;
