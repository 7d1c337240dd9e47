import { z } from "zod";
import { hasMember, setMember, UnchangeableText } from "../config/set-member.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { refusedField } from "./judge.ts";
import { type AdminCall, type AdminParts, adminResource } from "./resource.ts";
import { refuseStale, revisionGiven } from "./revision.ts";
import { makeRevision, type NewText } from "./revisions/make-revision.ts";
import { usualOrigin } from "./revisions/provider-origin.ts";
import { secretGiven } from "./views/provider-secret.ts";

const section = "Providers and models";
const path = "/admin/v1/providers";
const parameters = z.strictObject({ id: z.string().describe("The provider's id") });

const settings = z
  .record(z.string(), z.json())
  .describe("As under `providers.<id>` of the configuration, without `key`: that is sent as `secret`");
const note = z.string().min(1).max(500).optional().describe("Why, for the list of revisions");
const secret = secretGiven.optional();

const changedView = z
  .strictObject({
    id: z.string(),
    revision: z.int().describe("The revision of the configuration that the change made; for If-Match"),
  })
  .meta({ id: "ChangedProvider" });

const errors = ["invalid_configuration", "stale_revision"] as const;

/** Adds a provider to the configuration. */
export const createProvider = adminResource({
  operation: "createProvider",
  method: "POST",
  path,
  section,
  summary: "Add a provider, as a revision of the configuration",
  role: "operator",
  body: z.strictObject({ id: z.string().min(1), settings, secret, note, revision: revisionGiven }),
  takesIfMatch: true,
  status: 201,
  answer: changedView,
  errors: ["already_exists", ...errors],
  handle: async (call, parts) => {
    const { id, settings: members, ...more } = call.body;
    const edit = (text: string): string => {
      if (hasProvider(text, id)) throw alreadyThere(id);
      return edited(text, id, members);
    };
    return changed(call, parts, { id, edit, origin: originWritten(members) ?? originOf(id, parts), ...more });
  },
});

/** Changes what the configuration says of a provider. */
export const updateProvider = adminResource({
  operation: "updateProvider",
  method: "PATCH",
  path: `${path}/:id`,
  section,
  summary: "Change a provider, as a revision of the configuration",
  description:
    "Members of `settings` replace those of the same name; null takes one away. A provider that moves to another origin needs its secret entered again, in the same call.",
  role: "operator",
  parameters,
  body: z.strictObject({ settings: settings.default({}), secret, note, revision: revisionGiven }),
  takesIfMatch: true,
  answer: changedView,
  errors: ["not_found", ...errors],
  handle: async (call, parts) => {
    const { id } = call.parameters;
    refuseUnknown(id, parts);
    const { settings: members, ...more } = call.body;
    const edit = (text: string): string => edited(text, id, members);
    return changed(call, parts, { id, edit, origin: originWritten(members) ?? originOf(id, parts), ...more });
  },
});

/** Takes a provider out of the configuration. */
export const deleteProvider = adminResource({
  operation: "deleteProvider",
  method: "DELETE",
  path: `${path}/:id`,
  section,
  summary: "Take a provider out of the configuration, as a revision",
  description:
    "Calls in flight to it finish. Refused while a route names it. A built-in provider whose key is in the environment stays: `enabled: false` leaves it out.",
  role: "operator",
  parameters,
  takesIfMatch: true,
  answer: changedView,
  errors: ["not_found", ...errors],
  handle: async (call, parts) => {
    const { id } = call.parameters;
    const edit = (text: string): string => {
      if (!hasProvider(text, id)) throw unknown(id);
      return setIn(text, ["providers", id], undefined);
    };
    return changed(call, parts, { id, edit, origin: undefined });
  },
});

/** What is made of the configuration's text, and what is stored with it. */
interface ProviderEdit {
  readonly id: string;
  readonly edit: (text: string) => string;
  /** Where a secret that is sent along may go. */
  readonly origin: string | undefined;
  readonly secret?: string | undefined;
  readonly note?: string | undefined;
  readonly revision?: number | undefined;
}

async function changed(
  call: Pick<AdminCall, "ifMatch" | "asker">,
  parts: AdminParts,
  { id, edit, origin, secret: entered, note: why, revision }: ProviderEdit,
): Promise<z.output<typeof changedView>> {
  const { revisions } = parts.configuration;
  const current = await revisions.latest();
  refuseStale(current?.number ?? 0, call, revision);
  const order: NewText = {
    text: edit(current === undefined ? "" : revisions.textOf(current)),
    asker: call.asker,
    base: current?.number,
    note: why,
    secret: entered === undefined ? undefined : { provider: id, origin: known(origin), secret: entered },
  };
  const { number } = await makeRevision(order, parts);
  return { id, revision: number };
}

function edited(text: string, id: string, members: z.output<typeof settings>): string {
  if (members["key"] !== undefined && members["key"] !== null)
    throw refusedField(
      ["settings", "key"],
      "belongs elsewhere",
      "Send it as `secret`: it is stored encrypted.",
    );
  const whole = hasProvider(text, id) ? text : setIn(text, ["providers", id], {});
  return Object.entries(members).reduce(
    (made, [name, value]) => setIn(made, ["providers", id, name], value === null ? undefined : value),
    whole,
  );
}

function setIn(text: string, way: readonly string[], value: unknown): string {
  try {
    return setMember(text, way, value);
  } catch (thrown) {
    if (!(thrown instanceof UnchangeableText)) throw thrown;
    const message = `The configuration can't be changed there: ${thrown.message}.`;
    throw new GatewayError("conflict", {
      message,
      mend: "Change it in the configuration file.",
      cause: thrown,
    });
  }
}

function hasProvider(text: string, id: string): boolean {
  return hasMember(text, ["providers", id]);
}

function originWritten({ base_url: baseUrl }: z.output<typeof settings>): string | undefined {
  return typeof baseUrl === "string" ? URL.parse(baseUrl)?.origin : undefined;
}

function originOf(id: string, { configuration }: AdminParts): string | undefined {
  return usualOrigin(id, configuration).origin;
}

function known(origin: string | undefined): string {
  if (origin !== undefined) return origin;
  const mend = "Enter the secret by itself, with its origin, before the provider is added.";
  throw refusedField(["secret"], "can't be bound: the provider's address is not known", mend);
}

function refuseUnknown(id: string, { configuration }: AdminParts): void {
  if (!usualOrigin(id, configuration).isKnown) throw unknown(id);
}

function unknown(id: string): GatewayError {
  return new GatewayError("not_found", { message: `The configuration has no provider "${id}".` });
}

function alreadyThere(id: string): GatewayError {
  return new GatewayError("already_exists", {
    message: `The configuration has a provider "${id}" already.`,
    mend: `Change it: PATCH ${path}/${id}.`,
  });
}
