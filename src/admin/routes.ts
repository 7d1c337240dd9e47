import { z } from "zod";
import { NEEDS } from "../model/condition.ts";
import { OPERATIONS } from "../model/operation.ts";
import { compileKeyPolicy, compileProjectPolicy, knownCaller } from "../policy/identity/known-caller.ts";
import { permittedTargets } from "../policy/permitted-targets.ts";
import { chooseArm } from "../routing/arms.ts";
import { explainRoute as explain } from "../routing/explain.ts";
import { capablePart, resolve } from "../routing/resolve.ts";
import { askedFacts } from "./asked-facts.ts";
import { presentKey } from "./changes/key.ts";
import { everProject } from "./changes/project.ts";
import { adminResource } from "./resource.ts";

const body = z.strictObject({
  model: z.string().describe("What the request names as its model: a route's alias or a target"),
  key_id: z.string().describe("The virtual key that it would be made with"),
  operation: z.enum(OPERATIONS).default("chat"),
  dialect: z.string().default("openai-chat").describe("The wire format that it would come in"),
  stream: z.boolean().default(false),
  input_tokens: z.int().min(0).default(100).describe("How long its prompt is"),
  max_output_tokens: z.int().min(1).optional(),
  needs: z.array(z.enum(NEEDS)).default([]),
  end_user: z.string().optional(),
  conversation: z.string().optional().describe("The cache key that it names, for cache-affinity"),
  headers: z.record(z.string(), z.string()).default({}).describe("By their lower-case names"),
  request_id: z
    .string()
    .default("")
    .describe("Decides what chance would decide: a call that had this id would go the same way"),
});

const target = z.strictObject({
  target: z.string(),
  tier: z.int().describe("From 0"),
  strategy: z.string(),
  standing: z
    .enum(["well", "resting", "unfit", "forbidden"])
    .describe("Resting ones are tried where none is well, unfit ones where no other may be"),
  score: z.number().optional().describe("What the strategy makes of it, the lowest first"),
  because: z.string().optional().describe("Why it is not well"),
});

/** Tells how a request would be routed. */
export const explainRoute = adminResource({
  operation: "explainRoute",
  method: "POST",
  path: "/admin/v1/routes/explain",
  section: "Providers and models",
  summary: "Explain how a request would be routed",
  description:
    "Why each target of its route would be tried or passed over now, by what this process has learnt. Changes nothing, and asks no provider.",
  role: "operator",
  body,
  answer: z
    .strictObject({
      route: z.string(),
      arm: z.string().optional().describe("The way it would go, where the route divides its calls"),
      first: z
        .strictObject({ target: z.string(), credential: z.string().optional(), reason: z.string() })
        .optional()
        .describe("The target that would be tried first; absent where none may be"),
      targets: z.array(target),
    })
    .meta({ id: "RouteExplanation" }),
  errors: ["unknown_model", "ambiguous_model", "not_found"],
  handle: async ({ body: asked }, { store, snapshot, prices, routing }) => {
    const key = await presentKey(store, asked.key_id);
    const project = await everProject(store, key.project);
    const known = { row: project, policy: compileProjectPolicy(project) };
    const caller = knownCaller(key, known, compileKeyPolicy(key));
    const { operation, request_id: seed } = asked;
    const described = {
      operation,
      dialect: asked.dialect,
      stream: asked.stream,
      inputTokens: asked.input_tokens,
      maxOutputTokens: asked.max_output_tokens,
      needs: asked.needs,
      endUser: asked.end_user,
      conversation: asked.conversation,
      headers: asked.headers,
    };
    const state = routing();
    const facts = askedFacts(described, caller, prices(), state.clock());
    const named = resolve(snapshot(), asked.model, operation);
    const arm = chooseArm(named, facts, seed, state.rollouts);
    const route = capablePart(arm, named.alias, operation);
    const permitted = permittedTargets(caller, route);
    const states = { states: state.targets, routeState: state.routes.of(route) };
    const explained = explain({ route, permitted, facts, ...states, seed }, state);
    return { ...explained, targets: [...explained.targets] };
  },
});
