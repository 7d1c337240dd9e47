import { z } from "zod";
import { effectivePolicy, effectivePolicySchema } from "../policy/document/effective-policy.ts";
import { presentKey } from "./changes/key.ts";
import { everProject, presentProject } from "./changes/project.ts";
import { adminResource } from "./resource.ts";
import { policiesOver } from "./views/key.ts";
import { policyView, shownPolicy } from "./views/policy.ts";
import { policyOfProject } from "./views/project.ts";

const section = "Policies";

const answer = z
  .strictObject({
    policies: z
      .array(
        z.strictObject({
          scope: z.enum(["project", "key", "token"]),
          id: z.string().describe("The project's name or the key's id"),
          policy: policyView,
        }),
      )
      .describe("All that are over the call, the widest first"),
    effective: effectivePolicySchema,
  })
  .meta({ id: "PoliciesInForce" });

/** What holds for a project's calls. */
export const getProjectPolicy = adminResource({
  operation: "getProjectPolicy",
  method: "GET",
  path: "/admin/v1/projects/:name/effective",
  section,
  summary: "Tell what holds for a project's calls",
  role: "viewer",
  parameters: z.strictObject({ name: z.string().describe("The project's name") }),
  answer,
  errors: ["not_found"],
  handle: async ({ parameters: { name } }, { store }) => {
    const project = await presentProject(store, name);
    return {
      policies: [{ scope: "project", id: name, policy: shownPolicy(project.policy) }],
      effective: effectivePolicy([policyOfProject(project)]),
    };
  },
});

/** What holds for a key's calls: its project's policy and its own together. */
export const getKeyPolicy = adminResource({
  operation: "getKeyPolicy",
  method: "GET",
  path: "/admin/v1/keys/:id/effective",
  section,
  summary: "Tell what holds for a key's calls",
  description:
    "The project's policy and the key's own hold together; `narrowed` says where the key's grants more.",
  role: "viewer",
  parameters: z.strictObject({ id: z.string().describe("The key's id") }),
  answer,
  errors: ["not_found"],
  handle: async ({ parameters: { id } }, { store }) => {
    const key = await presentKey(store, id);
    const project = await everProject(store, key.project);
    return {
      policies: [
        { scope: "project", id: project.name, policy: shownPolicy(project.policy) },
        { scope: "key", id, policy: shownPolicy(key.policy) },
      ],
      effective: effectivePolicy(policiesOver(key, project)),
    };
  },
});
