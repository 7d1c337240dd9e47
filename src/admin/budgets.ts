import { z } from "zod";
import type { BudgetState } from "../model/budget-state.ts";
import { formatDollars } from "../model/money.ts";
import type { ScopedPolicy } from "../model/policy.ts";
import { policyMembers } from "../policy/document/policy-schema.ts";
import { writeBudget } from "../policy/document/write-policy.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { type AdminParts, adminResource } from "./resource.ts";
import { policyOfKey } from "./views/key.ts";
import { momentOrNull, shownMomentOrNull } from "./views/moment.ts";
import { policyOfProject } from "./views/project.ts";

const dollars = z.string().describe("Dollars, an exact decimal");

const budgetView = z
  .strictObject({
    scope: z.enum(["project", "key", "token"]),
    id: z.string().describe("The project's name or the key's id"),
    name: z.string(),
    amount_usd: dollars,
    window: policyMembers.budgets.element.shape.window,
    window_start: momentOrNull.describe("Null where everything ever spent counts"),
    resets_at: momentOrNull.describe(
      "When what was spent no longer counts; null where it never does so at once",
    ),
    spent_usd: dollars,
    reserved_usd: dollars.describe("Held for calls in flight"),
    left_usd: dollars.describe("Never below 0"),
    used_percent: z.number().describe("Spent and reserved, of the amount; rounded down to a hundredth"),
    alert_percents: policyMembers.budgets.element.shape.alert_percents,
  })
  .meta({ id: "BudgetState" });

/** How the budgets of projects and keys stand. */
export const listBudgets = adminResource({
  operation: "listBudgets",
  method: "GET",
  path: "/admin/v1/budgets",
  section: "Budgets",
  summary: "Tell how budgets stand",
  description: "Budgets are members of policies: they are set by changing a project or a key.",
  role: "viewer",
  query: z.strictObject({
    ...pageQuery,
    project: z.string().optional().describe("Of that project and its keys only"),
    key_id: z.string().optional().describe("Of that key only"),
  }),
  answer: pageOf(budgetView),
  handle: async ({ query }, { store, budgets }) => {
    const after = placeOf("budgets", query.cursor);
    const all = (await budgeted(store, query)).filter(({ place }) => after === undefined || place > after);
    const { limit } = query;
    const taken = all.slice(0, limit + 1);
    const states = await budgets.read(
      taken.map(({ scoped }) => scoped),
      Date.now(),
    );
    return page("budgets", states, { limit, place: placeOfState, show: shown });
  },
});

interface OneBudget {
  readonly place: string;
  /** A policy with that budget alone. */
  readonly scoped: ScopedPolicy;
}

/** Every budget by itself, in the order of the list: by scope, owner and name. */
async function budgeted(
  store: AdminParts["store"],
  { project, key_id }: { readonly project?: string | undefined; readonly key_id?: string | undefined },
): Promise<OneBudget[]> {
  let projects = store.selectFrom("projects").selectAll().where("deleted_at_ms", "is", null);
  let keys = store.selectFrom("virtual_keys").selectAll().where("revoked_at_ms", "is", null);
  projects = projects.where("policy", "like", '%"budgets"%');
  keys = keys.where("policy", "like", '%"budgets"%');
  if (project !== undefined) {
    projects = projects.where("name", "=", project);
    keys = keys.where("project", "=", project);
  }
  if (key_id !== undefined) keys = keys.where("id", "=", key_id);
  const scoped = [
    ...(key_id === undefined ? (await projects.execute()).map(policyOfProject) : []),
    ...(await keys.execute()).map(policyOfKey),
  ];
  return scoped.flatMap(single).sort((one, other) => (one.place < other.place ? -1 : 1));
}

function single({ scope, id, policy }: ScopedPolicy): OneBudget[] {
  return (policy.budgets ?? []).map((budget) => ({
    place: placeOfState({ scope, id, budget }),
    scoped: { scope, id, policy: { budgets: [budget] } },
  }));
}

/** Projects before keys; no name or id holds the character between. */
function placeOfState({ scope, id, budget }: Pick<BudgetState, "scope" | "id" | "budget">): string {
  return [scope === "project" ? 0 : 1, id, budget.name].join("\n");
}

function shown(state: BudgetState): z.output<typeof budgetView> {
  const { name, amount_usd, window, alert_percents } = writeBudget(state.budget);
  const amount = BigInt(state.budget.amount);
  const used = state.spent + state.reserved;
  const left = amount - used;
  return {
    scope: state.scope,
    id: state.id,
    name,
    amount_usd,
    window,
    window_start: shownMomentOrNull(state.windowStartMs ?? null),
    resets_at: shownMomentOrNull(state.resetsAtMs ?? null),
    spent_usd: formatDollars(state.spent),
    reserved_usd: formatDollars(state.reserved),
    left_usd: formatDollars(left > 0n ? left : 0n),
    used_percent: amount === 0n ? 100 : Number((used * 10_000n) / amount) / 100,
    alert_percents,
  };
}
