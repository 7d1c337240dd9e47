import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import { adminResource } from "./resource.ts";
import { callSumsView, shownCallSums } from "./views/call-sums.ts";
import { momentAsked, momentShown, shownMoment } from "./views/moment.ts";

const DAY_MS = 86_400_000;

const count = z.int();

const shadowTarget = z.strictObject({
  target: z.string(),
  outcomes: z
    .strictObject({
      both_ok: count,
      only_shadow_failed: count,
      only_served_failed: count,
      both_failed: count,
    })
    .describe("Copies and the calls that they are copies of; what was not a failure counts as ok"),
  shadow: callSumsView.describe("The copies"),
  served: callSumsView.describe("The very calls that they are copies of, as their clients had them"),
});

/** How the arms of a route did, and its shadow. */
export const readRouteResults = adminResource({
  operation: "readRouteResults",
  method: "GET",
  path: "/admin/v1/routes/:route/results",
  section: "Providers and models",
  summary: "Compare the arms of a route, and its shadow",
  description:
    "Added up from the requests as they are in the ledger, so those that were deleted are not counted; a route that is configured no more can still be asked for. A route that is not divided has one arm, whose name is empty.",
  role: "viewer",
  parameters: z.strictObject({ route: z.string().describe("The route's alias") }),
  query: z.strictObject({
    since: momentAsked.optional().describe("Begun then or later. Left out: a day before `until`"),
    until: momentAsked.optional().describe("Begun before then. Left out: now"),
    project: z.string().optional(),
  }),
  answer: z
    .strictObject({
      route: z.string(),
      from: momentShown,
      to: momentShown,
      arms: z.array(z.strictObject({ arm: z.string(), ...callSumsView.shape })),
      shadow: z.strictObject({
        dropped: count.describe("Copies that were not made for want of a place, since this process began"),
        targets: z.array(shadowTarget),
      }),
    })
    .meta({ id: "RouteResults" }),
  errors: ["not_found"],
  handle: async ({ parameters: { route: alias }, query }, { reader, routing, snapshot }) => {
    const untilMs = query.until === undefined ? Date.now() : Date.parse(query.until);
    const sinceMs = query.since === undefined ? untilMs - DAY_MS : Date.parse(query.since);
    const { project } = query;
    const asked = { route: alias, sinceMs, untilMs, ...(project === undefined ? {} : { project }) };
    const { arms, shadows } = await reader.routeResults(asked);
    if (arms.length === 0 && !snapshot().routes.has(alias))
      throw new GatewayError("not_found", { message: `There is no route "${alias}", nor a call of it.` });
    return {
      route: alias,
      from: shownMoment(sinceMs),
      to: shownMoment(untilMs),
      arms: arms.map(({ arm, sums }) => ({ arm, ...shownCallSums(sums) })),
      shadow: {
        dropped: routing().routes.shadowsDropped(alias),
        targets: shadows.map(({ target, outcomes, shadow, served }) => ({
          target,
          outcomes: {
            both_ok: outcomes.bothOk,
            only_shadow_failed: outcomes.onlyShadowFailed,
            only_served_failed: outcomes.onlyServedFailed,
            both_failed: outcomes.bothFailed,
          },
          shadow: shownCallSums(shadow),
          served: shownCallSums(served),
        })),
      },
    };
  },
});
