import { z } from "zod";
import { lineDifference } from "../config/line-difference.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { ConfigurationRevisionRow } from "../storage/schema.ts";
import { page, pageOf, pageQuery, placeOf } from "./page.ts";
import { type AdminParts, adminResource } from "./resource.ts";
import { refuseStale, revisionGiven } from "./revision.ts";
import { isRemote, makeRevision } from "./revisions/make-revision.ts";
import { configurationView, shownConfiguration } from "./views/configuration.ts";
import { problemView, revisionView, shownProblem, shownRevision } from "./views/revision.ts";

const section = "Configuration";
const path = "/admin/v1/config";
const LARGEST = 1024 * 1024;

const text = z.string().max(LARGEST).describe("The whole configuration, as gatehouse.yaml has it");
const note = z.string().min(1).max(500).optional().describe("Why, for whoever reads the list");
const shownText = z.string().describe("YAML; secrets written in it are masked");
const difference = z
  .string()
  .describe("In the unified form of diff, secrets masked; empty where the texts are the same");

/** What is in force. */
export const getConfiguration = adminResource({
  operation: "getConfiguration",
  method: "GET",
  path,
  section,
  summary: "Show what is in force, and what keeps something newer from it",
  role: "viewer",
  answer: configurationView,
  handle: async (_call, { configuration }) => {
    const state = await configuration.state();
    const row = state.number === undefined ? undefined : await configuration.revisions.find(state.number);
    return shownConfiguration(state, row && textShown(row, configuration));
  },
});

/** All revisions that are kept. */
export const listRevisions = adminResource({
  operation: "listRevisions",
  method: "GET",
  path: `${path}/revisions`,
  section,
  summary: "List revisions, newest first",
  role: "viewer",
  query: z.strictObject(pageQuery),
  answer: pageOf(revisionView),
  handle: async ({ query }, { configuration }) => {
    const before = placeOf("revisions", query.cursor);
    const rows = await configuration.revisions.list(
      before === undefined ? undefined : Number(before),
      query.limit + 1,
    );
    return page("revisions", rows, {
      limit: query.limit,
      place: ({ number }) => String(number),
      show: shownRevision,
    });
  },
});

/** One revision with its text. */
export const getRevision = adminResource({
  operation: "getRevision",
  method: "GET",
  path: `${path}/revisions/:number`,
  section,
  summary: "Show a revision",
  role: "viewer",
  parameters: z.strictObject({ number: z.string().describe("The revision's number") }),
  answer: revisionView.extend({ text: shownText }).meta({ id: "ConfigurationRevisionWithText" }),
  errors: ["not_found"],
  handle: async ({ parameters }, { configuration }) => {
    const row = await presentRevision(configuration, parameters.number);
    return { ...shownRevision(row), text: textShown(row, configuration) };
  },
});

/** What differs between two revisions. */
export const compareRevisions = adminResource({
  operation: "compareRevisions",
  method: "GET",
  path: `${path}/diff`,
  section,
  summary: "Compare two revisions",
  role: "viewer",
  query: z.strictObject({
    from: z.int().min(1).optional().describe("Left out: the one before"),
    to: z.int().min(1).optional().describe("Left out: the newest"),
  }),
  answer: z
    .strictObject({ from: z.int(), to: z.int(), diff: difference })
    .meta({ id: "ConfigurationDifference" }),
  errors: ["not_found"],
  handle: async ({ query }, { configuration }) => {
    const { revisions } = configuration;
    const to = query.to === undefined ? await revisions.latest() : await revisions.find(query.to);
    if (to === undefined) throw noRevision(query.to);
    const wanted = query.from ?? Math.max(to.number - 1, 1);
    const from = await revisions.find(wanted);
    if (from === undefined) throw noRevision(wanted);
    const diff = differenceBetween(revisions.textOf(from), revisions.textOf(to), configuration);
    return { from: from.number, to: to.number, diff };
  },
});

/** Judges a text without changing anything. */
export const checkConfiguration = adminResource({
  operation: "checkConfiguration",
  method: "POST",
  path: `${path}/check`,
  section,
  summary: "Judge a configuration and compare it with what is in force; changes nothing",
  role: "operator",
  body: z.strictObject({ text }),
  answer: z
    .strictObject({ valid: z.boolean(), problems: z.array(problemView), diff: difference })
    .meta({ id: "ConfigurationCheck" }),
  handle: async ({ body, asker }, { configuration }) => {
    const problems = await configuration.judge(body.text, { isRemote: isRemote(asker) });
    const current = await configuration.revisions.latest();
    const before = current === undefined ? "" : configuration.revisions.textOf(current);
    return {
      valid: problems.length === 0,
      problems: problems.map(shownProblem),
      diff: differenceBetween(before, body.text, configuration),
    };
  },
});

/** Brings a text into force. */
export const applyConfiguration = adminResource({
  operation: "applyConfiguration",
  method: "POST",
  path: `${path}/apply`,
  section,
  summary: "Bring a configuration into force",
  description:
    "Judged in full first; one that can't run changes nothing. Calls in flight finish by the revision that they began with. Over the network a configuration can't bring in references to this machine's environment and files, nor addresses of its own network. The configuration file takes over again when it is changed.",
  role: "operator",
  body: z.strictObject({ text, note, revision: revisionGiven }),
  takesIfMatch: true,
  answer: revisionView,
  errors: ["invalid_configuration", "stale_revision"],
  handle: async (call, parts) => {
    const base = await baseOf(call, parts, call.body.revision);
    const row = await makeRevision({ ...call.body, asker: call.asker, base }, parts);
    return shownRevision(row);
  },
});

/** Brings an earlier text into force again. */
export const rollbackConfiguration = adminResource({
  operation: "rollbackConfiguration",
  method: "POST",
  path: `${path}/rollback`,
  section,
  summary: "Bring an earlier revision into force again, as a new one",
  role: "operator",
  body: z.strictObject({
    to: z.int().min(1).optional().describe("Its number; left out: the one that was in force before this"),
    note,
    revision: revisionGiven,
  }),
  isBodyOptional: true,
  takesIfMatch: true,
  answer: revisionView,
  errors: ["not_found", "invalid_configuration", "stale_revision"],
  handle: async (call, parts) => {
    const { revisions } = parts.configuration;
    const { to, note: why, revision } = call.body;
    const base = await baseOf(call, parts, revision);
    const current = await revisions.latest();
    const row = to === undefined ? await revisions.before(current?.number ?? 0) : await revisions.find(to);
    if (row === undefined) throw noRevision(to);
    const order = { text: revisions.textOf(row), restores: row.number, note: why, asker: call.asker, base };
    return shownRevision(await makeRevision(order, parts));
  },
});

/** The revision that a change is made on, where its maker says so. Throws `stale_revision`. */
async function baseOf(
  call: Parameters<typeof refuseStale>[1],
  { configuration }: AdminParts,
  given: number | undefined,
): Promise<number | undefined> {
  if (given === undefined && call.ifMatch === undefined) return undefined;
  const number = (await configuration.revisions.latest())?.number ?? 0;
  refuseStale(number, call, given);
  return number;
}

type Configuration = AdminParts["configuration"];

async function presentRevision(
  { revisions }: Configuration,
  number: string,
): Promise<ConfigurationRevisionRow> {
  const row = /^\d{1,9}$/.test(number) ? await revisions.find(Number(number)) : undefined;
  if (row === undefined) throw noRevision(number);
  return row;
}

function noRevision(number: string | number | undefined): GatewayError {
  const message = number === undefined ? "There is no earlier revision." : `There is no revision ${number}.`;
  return new GatewayError("not_found", { message, mend: "Name one of the list of revisions." });
}

function textShown(row: ConfigurationRevisionRow, { revisions, compared }: Configuration): string {
  return compared(revisions.textOf(row)).shown.join("\n");
}

function differenceBetween(before: string, after: string, { compared }: Configuration): string {
  return lineDifference(compared(before), compared(after));
}
