import { sql } from "kysely";
import { z } from "zod";
import { policyPatch } from "../policy/document/policy-patch.ts";
import { policyDocument } from "../policy/document/policy-schema.ts";
import { insertVirtualKey } from "../policy/identity/key-store.ts";
import { tags } from "../policy/identity/tags.ts";
import { change } from "../storage/change.ts";
import { changeKey, presentKey, projectForKey, recordKey, shownWithEffect } from "./changes/key.ts";
import { patchedForm, storedForm } from "./changes/policy.ts";
import { everProject } from "./changes/project.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { projectName } from "./projects.ts";
import { madeBy } from "./record-change.ts";
import { adminResource } from "./resource.ts";
import { revisionGiven } from "./revision.ts";
import { KEY_STATES, keyView, keyWithEffectView, shownKey, shownKeyWithEffect } from "./views/key.ts";
import { momentToCome } from "./views/moment.ts";

const section = "Virtual keys";
const parameters = z.strictObject({ id: z.string().describe("The key's id") });

const name = z.string().trim().min(1).max(100).describe("What the key is called; need not be unique");
const description = z.string().trim().min(1).max(1000).describe("What it is for");

const issuedKeyView = keyWithEffectView
  .extend({
    key: z.string().describe("The secret: in this one answer and nowhere else"),
    project_created: z.boolean().describe("Whether the project was new and has been made too"),
  })
  .meta({ id: "CreatedKey" });

/** Virtual keys, newest first. */
export const listKeys = adminResource({
  operation: "listKeys",
  method: "GET",
  path: "/admin/v1/keys",
  section,
  summary: "List virtual keys",
  role: "viewer",
  query: z.strictObject({
    ...pageQuery,
    project: z.string().optional().describe("Of one project only"),
    name: z.string().optional().describe("Of that name only"),
    state: z.enum(KEY_STATES).optional(),
    tag: z
      .string()
      .regex(/^[A-Za-z0-9._-]+:.+$/s, { error: "must be a tag's name, a colon and its value" })
      .meta({ description: "Of that tag only, as `team:search`", mend: "Write team:search." })
      .optional(),
  }),
  answer: pageOf(keyView),
  handle: async ({ query }, { store }) => {
    const nowMs = Date.now();
    const before = placeOf("keys", query.cursor);
    let rows = store.selectFrom("virtual_keys").selectAll();
    if (before !== undefined) rows = rows.where("id", "<", before);
    if (query.project !== undefined) rows = rows.where("project", "=", query.project);
    if (query.name !== undefined) rows = rows.where("name", "=", query.name);
    if (query.state !== undefined) rows = rows.where(inState(query.state, nowMs));
    if (query.tag !== undefined) rows = rows.where(tagged(query.tag));
    const found = await rows
      .orderBy("id", "desc")
      .limit(query.limit + 1)
      .execute();
    const { limit } = query;
    return page("keys", found, { limit, place: ({ id }) => id, show: (row) => shownKey(row, nowMs) });
  },
});

/** One virtual key, and what its policy comes to. */
export const getKey = adminResource({
  operation: "getKey",
  method: "GET",
  path: "/admin/v1/keys/:id",
  section,
  summary: "Get a virtual key",
  role: "viewer",
  parameters,
  answer: keyWithEffectView,
  errors: ["not_found"],
  handle: async ({ parameters: { id } }, { store }) => {
    const row = await presentKey(store, id);
    return shownKeyWithEffect(row, await everProject(store, row.project), Date.now());
  },
});

/** A new virtual key; its secret is in this one answer and nowhere else. */
export const createKey = adminResource({
  operation: "createKey",
  method: "POST",
  path: "/admin/v1/keys",
  section,
  summary: "Create a virtual key",
  description:
    "The answer holds its secret, this once. A project that there is not yet is made, with no policy of its own.",
  role: "operator",
  body: z.strictObject({
    project: projectName,
    name,
    description: description.optional(),
    policy: policyDocument.optional(),
    tags: tags.optional(),
    expires_at: momentToCome.optional(),
  }),
  status: 201,
  answer: issuedKeyView,
  errors: ["not_found"],
  handle: async ({ body, asker }, { store, changed }) => {
    const answer = await change(store, async (made) => {
      const { isNew } = await projectForKey(made, asker, body.project);
      const { row, secret } = await insertVirtualKey(made, {
        project: body.project,
        name: body.name,
        description: body.description ?? null,
        policy: storedForm(body.policy ?? {}),
        tags: JSON.stringify(body.tags ?? {}),
        expires_at_ms: body.expires_at === undefined ? null : Date.parse(body.expires_at),
        createdBy: madeBy(asker),
      });
      await recordKey(made, asker, "create", undefined, row);
      return { ...(await shownWithEffect(made, row)), key: secret, project_created: isNew };
    });
    await changed();
    return answer;
  },
});

/** Changes a virtual key: what is left out stays. */
export const updateKey = adminResource({
  operation: "updateKey",
  method: "PATCH",
  path: "/admin/v1/keys/:id",
  section,
  summary: "Change a virtual key",
  description:
    "Takes effect within a second. A policy wider than the project's is taken and does not exceed it.",
  role: "operator",
  parameters,
  body: z.strictObject({
    name: name.optional(),
    description: description.nullable().optional(),
    policy: policyPatch.optional(),
    tags: tags.optional().describe("All of them: those left out are taken away"),
    expires_at: momentToCome.nullable().optional().describe("Null for never"),
    revision: revisionGiven,
  }),
  takesIfMatch: true,
  answer: keyWithEffectView,
  errors: ["not_found", "conflict", "stale_revision"],
  handle: (call, parts) => {
    const { body } = call;
    return changeKey(call, parts, body.revision, (before) => ({
      action: "update",
      terms: {
        ...(body.name === undefined ? {} : { name: body.name }),
        ...(body.description === undefined ? {} : { description: body.description }),
        ...(body.policy === undefined ? {} : { policy: patchedForm(before.policy, body.policy) }),
        ...(body.tags === undefined ? {} : { tags: JSON.stringify(body.tags) }),
        ...(body.expires_at === undefined
          ? {}
          : { expires_at_ms: body.expires_at === null ? null : Date.parse(body.expires_at) }),
      },
    }));
  },
});

function inState(state: (typeof KEY_STATES)[number], nowMs: number) {
  switch (state) {
    case "revoked":
      return sql<boolean>`revoked_at_ms is not null`;
    case "blocked":
      return sql<boolean>`revoked_at_ms is null and blocked_at_ms is not null`;
    case "expired":
      return sql<boolean>`revoked_at_ms is null and blocked_at_ms is null and expires_at_ms <= ${nowMs}`;
    case "live":
      return sql<boolean>`revoked_at_ms is null and blocked_at_ms is null
        and (expires_at_ms is null or expires_at_ms > ${nowMs})`;
  }
}

function tagged(tag: string) {
  const colon = tag.indexOf(":");
  return sql<boolean>`json_extract(tags, ${`$."${tag.slice(0, colon)}"`}) = ${tag.slice(colon + 1)}`;
}
