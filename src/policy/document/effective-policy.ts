import { z } from "zod";
import { nameMatcher } from "../../model/name-pattern.ts";
import type { ScopedPolicy } from "../../model/policy.ts";
import { type PolicyDocument, policyMembers } from "./policy-schema.ts";
import { writePolicy } from "./write-policy.ts";

const scope = z.enum(["project", "key", "token"]).describe("Whose policy says so");

const allOf = (what: string) =>
  z
    .array(z.array(z.string()))
    .optional()
    .describe(`${what}: a name must fit a pattern of every list; absent means any`);

/** What several policies together come to. */
export const effectivePolicySchema = z
  .strictObject({
    models: allOf("Models"),
    providers: allOf("Providers"),
    regions: allOf("Regions"),
    operations: allOf("Operations"),
    max_output_tokens: policyMembers.max_output_tokens.optional(),
    max_concurrent: z
      .array(z.strictObject({ scope, limit: z.int() }))
      .describe("Calls in flight at once, counted for each scope; all hold"),
    rate_limits: z
      .array(z.strictObject({ scope, ...policyMembers.rate_limits.element.shape }))
      .describe("Counted for each scope; all hold"),
    budgets: z
      .array(z.strictObject({ scope, ...policyMembers.budgets.element.shape, amount_usd: z.string() }))
      .describe("Counted for each scope; all hold"),
    origins: z.array(z.string()).optional(),
    recording: policyMembers.recording.optional(),
    narrowed: z
      .array(
        z.strictObject({
          member: z.string().describe("The member of the policy that grants more than it can"),
          scope,
          sentence: z.string(),
        }),
      )
      .describe("What a narrower policy grants beyond a wider one, and so does not"),
  })
  .meta({ id: "EffectivePolicy", description: "What holds: all policies over a call together" });

export type EffectivePolicy = z.output<typeof effectivePolicySchema>;
type Narrowing = EffectivePolicy["narrowed"][number];

interface ScopedDocument {
  readonly scope: ScopedPolicy["scope"];
  readonly document: PolicyDocument;
}

/** What policies come to, the widest first. A narrower one that grants more is told in `narrowed`. */
export function effectivePolicy(policies: readonly ScopedPolicy[]): EffectivePolicy {
  const scoped = policies.map(({ scope, policy }) => ({ scope, document: writePolicy(policy) }));
  const documents = scoped.map(({ document }) => document);
  const outputBounds = documents.flatMap(({ max_output_tokens: most }) => most ?? []);
  const origins = intersection(documents.flatMap(({ origins }) => (origins === undefined ? [] : [origins])));
  const recording = leastRecording(documents);
  return {
    ...patternLists(documents),
    ...(outputBounds.length === 0 ? {} : { max_output_tokens: Math.min(...outputBounds) }),
    max_concurrent: scoped.flatMap(({ scope, document: { max_concurrent: limit } }) =>
      limit === undefined ? [] : [{ scope, limit }],
    ),
    rate_limits: scoped.flatMap(({ scope, document }) =>
      (document.rate_limits ?? []).map((limit) => ({ scope, ...limit })),
    ),
    budgets: scoped.flatMap(({ scope, document }) =>
      (document.budgets ?? []).map((budget) => ({ scope, ...budget, amount_usd: String(budget.amount_usd) })),
    ),
    ...(origins === undefined ? {} : { origins }),
    ...(recording === undefined ? {} : { recording }),
    narrowed: scoped.flatMap((narrow, index) =>
      scoped.slice(0, index).flatMap((wide) => narrowings(wide, narrow)),
    ),
  };
}

const PATTERN_MEMBERS = ["models", "providers", "regions", "operations"] as const;

function patternLists(documents: readonly PolicyDocument[]) {
  return Object.fromEntries(
    PATTERN_MEMBERS.flatMap((member) => {
      const kept = narrowest(documents.flatMap(({ [member]: list }) => (list === undefined ? [] : [list])));
      return kept.length === 0 ? [] : [[member, kept] as const];
    }),
  );
}

/** Lists that another one makes superfluous are left out. */
function narrowest(lists: readonly string[][]): string[][] {
  return lists.filter((list, index) => {
    const isSuperfluous = lists.some((other, place) => {
      if (place === index || !coversAll(list, other)) return false;
      // Of two that say the same, the first stays.
      return !coversAll(other, list) || place < index;
    });
    return !isSuperfluous;
  });
}

/**
 * Whether every name that fits a pattern of `narrow` also fits one of `wide`. A pattern that fits another, read as a
 * name, covers it: a star of the narrow one can only stand where the wide one has a star.
 */
function coversAll(wide: readonly string[], narrow: readonly string[]): boolean {
  return narrow.every(nameMatcher(wide));
}

function intersection(lists: readonly string[][]): string[] | undefined {
  const [first, ...rest] = lists;
  return first?.filter((entry) => rest.every((list) => list.includes(entry)));
}

function leastRecording(documents: readonly PolicyDocument[]): PolicyDocument["recording"] {
  const all = documents.flatMap(({ recording }) => recording ?? []);
  if (all.length === 0) return undefined;
  return {
    max_bytes: Math.min(...all.map(({ max_bytes }) => max_bytes)),
    keep_days: Math.min(...all.map(({ keep_days }) => keep_days)),
  };
}

function narrowings(wide: ScopedDocument, narrow: ScopedDocument): Narrowing[] {
  const say = (member: string, sentence: string) => ({ member, scope: narrow.scope, sentence });
  return [
    ...PATTERN_MEMBERS.flatMap((member) => {
      const beyond = beyondPatterns(wide.document[member], narrow.document[member]);
      if (beyond.length === 0) return [];
      const bound = (wide.document[member] ?? []).join(", ");
      return [say(member, `${beyond.join(", ")}: only what also fits the ${wide.scope}'s ${bound}.`)];
    }),
    ...(["max_output_tokens", "max_concurrent"] as const).flatMap((member) => {
      const [most, asked] = [wide.document[member], narrow.document[member]];
      if (most === undefined || asked === undefined || asked <= most) return [];
      return [say(member, `${asked} is more than the ${wide.scope}'s ${most}, which holds.`)];
    }),
    ...narrowedRates(wide, narrow).map((sentence) => say("rate_limits", sentence)),
    ...narrowedBudgets(wide, narrow).map((sentence) => say("budgets", sentence)),
    ...narrowedOrigins(wide, narrow).map((sentence) => say("origins", sentence)),
    ...narrowedRecording(wide, narrow).map((sentence) => say("recording", sentence)),
  ];
}

function beyondPatterns(
  wide: readonly string[] | undefined,
  narrow: readonly string[] | undefined,
): string[] {
  if (wide === undefined || narrow === undefined) return [];
  const covered = nameMatcher(wide);
  return narrow.filter((pattern) => !covered(pattern));
}

function narrowedRates(wide: ScopedDocument, narrow: ScopedDocument): string[] {
  return (narrow.document.rate_limits ?? []).flatMap(({ unit, limit, per }) =>
    (wide.document.rate_limits ?? [])
      .filter((bound) => bound.unit === unit && bound.per === per && bound.limit < limit)
      .map((bound) => `${limit} ${unit} per ${per} is more than the ${wide.scope}'s ${bound.limit}.`),
  );
}

function narrowedBudgets(wide: ScopedDocument, narrow: ScopedDocument): string[] {
  return (narrow.document.budgets ?? []).flatMap((budget) =>
    (wide.document.budgets ?? [])
      .filter(
        (bound) =>
          JSON.stringify(bound.window) === JSON.stringify(budget.window) &&
          Number(bound.amount_usd) < Number(budget.amount_usd),
      )
      .map(
        (bound) =>
          `${budget.name}: $${budget.amount_usd} is more than the ${wide.scope}'s $${bound.amount_usd} for the same time.`,
      ),
  );
}

function narrowedOrigins(wide: ScopedDocument, narrow: ScopedDocument): string[] {
  const allowed = wide.document.origins;
  if (allowed === undefined) return [];
  return (narrow.document.origins ?? [])
    .filter((origin) => !allowed.includes(origin))
    .map((origin) => `${origin} is not among the ${wide.scope}'s.`);
}

function narrowedRecording(wide: ScopedDocument, narrow: ScopedDocument): string[] {
  const [most, asked] = [wide.document.recording, narrow.document.recording];
  if (most === undefined || asked === undefined) return [];
  return (["max_bytes", "keep_days"] as const)
    .filter((member) => asked[member] > most[member])
    .map(
      (member) =>
        `${member}: ${asked[member]} is more than the ${wide.scope}'s ${most[member]}, which holds.`,
    );
}
