import type { RouteSettings } from "../model/route-settings.ts";
import type { Choice, FailedChoice, Plan } from "../routing/plan.ts";
import type { RouteState } from "../routing/route-state.ts";

/** Whose targets are tried, and by what. */
export interface PlannedRoute {
  readonly alias: string;
  readonly settings: RouteSettings;
  readonly state: RouteState;
  readonly plan: Plan;
}

/** Calls one target. */
export type Attempting<Answer> = (choice: Choice) => Promise<Answer>;

/** What an attempt, or one and another beside it, came to. */
export type Outcome<Answer> = { readonly answer: Answer } | { readonly failed: readonly FailedChoice[] };
