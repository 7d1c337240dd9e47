import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import { policyPatch } from "../policy/document/policy-patch.ts";
import { policyDocument } from "../policy/document/policy-schema.ts";
import {
  updateProject as alterProject,
  findProject,
  PLAIN_PROJECT,
  type ProjectTerms,
} from "../policy/identity/project-store.ts";
import { change } from "../storage/change.ts";
import { patchedForm, storedForm } from "./changes/policy.ts";
import { everProject, makeProject, presentProject, refuseLiveKeys } from "./changes/project.ts";
import { actionOf, blocking, isAlready } from "./changes/terms.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { recordChange } from "./record-change.ts";
import { adminResource } from "./resource.ts";
import { refuseStale, revisionGiven } from "./revision.ts";
import { deletedView } from "./views/deleted.ts";
import { markupGiven, markupText } from "./views/markup.ts";
import { projectView, shownProject } from "./views/project.ts";

const section = "Projects";
const parameters = z.strictObject({ name: z.string().describe("The project's name") });

/** What a project may be called: it stands in paths, rows and reports. */
export const projectName = z
  .string()
  .regex(/^[\p{L}\p{N}]([\p{L}\p{N} ._:@+-]{0,98}[\p{L}\p{N}._:@+-])?$/u, {
    error: "must be a name of up to 100 characters",
  })
  .meta({
    description: "A service, such as main-backend",
    mend: "Begin with a letter or digit; dots, dashes, spaces and _ : @ + may follow: main-backend.",
  });

const title = z.string().trim().min(1).max(200).describe("As people call it");
const retentionDays = z.int().min(1).max(36_500).describe("How long its rows are kept; left out for ever");

/** Projects, by name. */
export const listProjects = adminResource({
  operation: "listProjects",
  method: "GET",
  path: "/admin/v1/projects",
  section,
  summary: "List projects",
  role: "viewer",
  query: z.strictObject(pageQuery),
  answer: pageOf(projectView),
  handle: async ({ query: { limit, cursor } }, { store }) => {
    const after = placeOf("projects", cursor);
    let rows = store.selectFrom("projects").selectAll().where("deleted_at_ms", "is", null);
    if (after !== undefined) rows = rows.where("name", ">", after);
    const found = await rows
      .orderBy("name")
      .limit(limit + 1)
      .execute();
    return page("projects", found, { limit, place: ({ name }) => name, show: shownProject });
  },
});

/** One project. */
export const getProject = adminResource({
  operation: "getProject",
  method: "GET",
  path: "/admin/v1/projects/:name",
  section,
  summary: "Get a project",
  role: "viewer",
  parameters,
  answer: projectView,
  errors: ["not_found"],
  handle: async ({ parameters: { name } }, { store }) => shownProject(await presentProject(store, name)),
});

/** A new project. */
export const createProject = adminResource({
  operation: "createProject",
  method: "POST",
  path: "/admin/v1/projects",
  section,
  summary: "Create a project",
  description:
    "A deleted project of that name comes back with what is said here; its ledger is still its own.",
  role: "operator",
  body: z.strictObject({
    name: projectName,
    title: title.optional(),
    policy: policyDocument.optional(),
    markup: markupGiven.optional(),
    retention_days: retentionDays.optional(),
    blocked: z.boolean().optional(),
  }),
  status: 201,
  answer: projectView,
  errors: ["already_exists"],
  handle: async ({ body, asker }, { store, changed }) => {
    const project = await change(store, async (made) => {
      if ((await findProject(made.transaction, body.name)) !== undefined) {
        throw new GatewayError("already_exists", {
          message: `There is a project ${body.name} already.`,
          mend: `Choose another name, or change that one: PATCH /admin/v1/projects/${encodeURIComponent(body.name)}.`,
          field: "name",
        });
      }
      return makeProject(made, asker, body.name, {
        title: body.title ?? null,
        policy: storedForm(body.policy ?? {}),
        markup: markupText(body.markup ?? PLAIN_PROJECT.markup),
        retention_days: body.retention_days ?? null,
        blocked_at_ms: body.blocked === true ? made.atMs : null,
      });
    });
    await changed();
    return shownProject(project);
  },
});

/** Changes a project: what is left out stays. */
export const updateProject = adminResource({
  operation: "updateProject",
  method: "PATCH",
  path: "/admin/v1/projects/:name",
  section,
  summary: "Change a project",
  description: "Takes effect within a second, on all its keys.",
  role: "operator",
  parameters,
  body: z.strictObject({
    title: title.nullable().optional(),
    policy: policyPatch.optional(),
    markup: markupGiven.optional(),
    retention_days: retentionDays.nullable().optional(),
    blocked: z.boolean().optional().describe("A blocked project's keys open nothing"),
    revision: revisionGiven,
  }),
  takesIfMatch: true,
  answer: projectView,
  errors: ["not_found", "conflict", "stale_revision"],
  handle: async (call, { store, changed }) => {
    const { body, asker } = call;
    const { name } = call.parameters;
    const project = await change(store, async (made) => {
      const before = await presentProject(made.transaction, name);
      refuseStale(before.revision, call, body.revision);
      const terms: Partial<ProjectTerms> = {
        ...(body.title === undefined ? {} : { title: body.title }),
        ...(body.policy === undefined ? {} : { policy: patchedForm(before.policy, body.policy) }),
        ...(body.markup === undefined ? {} : { markup: markupText(body.markup) }),
        ...(body.retention_days === undefined ? {} : { retention_days: body.retention_days }),
        ...blocking(before.blocked_at_ms, body.blocked, made.atMs),
      };
      if (isAlready(before, terms)) return before;
      const after = await alterProject(made, name, terms);
      await recordChange(made, asker, {
        action: actionOf(terms),
        resource: "project",
        id: name,
        before: shownProject(before),
        after: shownProject(after),
      });
      return after;
    });
    await changed();
    return shownProject(project);
  },
});

/** Deletes a project whose keys are all revoked. */
export const deleteProject = adminResource({
  operation: "deleteProject",
  method: "DELETE",
  path: "/admin/v1/projects/:name",
  section,
  summary: "Delete a project",
  description: "Only when all its keys are revoked. Its rows in the ledger stay.",
  role: "operator",
  parameters,
  takesIfMatch: true,
  answer: deletedView,
  errors: ["not_found", "conflict", "stale_revision"],
  handle: async (call, { store, changed }) => {
    const { name } = call.parameters;
    await change(store, async (made) => {
      const before = await everProject(made.transaction, name);
      if (before.deleted_at_ms !== null) return;
      refuseStale(before.revision, call);
      await refuseLiveKeys(made, name);
      await alterProject(made, name, { deleted_at_ms: made.atMs });
      await recordChange(made, call.asker, {
        action: "delete",
        resource: "project",
        id: name,
        before: shownProject(before),
      });
    });
    await changed();
    return { id: name, deleted: true };
  },
});
