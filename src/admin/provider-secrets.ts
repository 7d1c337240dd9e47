import { z } from "zod";
import { hasMember } from "../config/set-member.ts";
import { GatewayError } from "../model/gateway-error.ts";
import { change } from "../storage/change.ts";
import { refusedField } from "./judge.ts";
import { madeBy } from "./record-change.ts";
import { type AdminParts, adminResource } from "./resource.ts";
import { invalidConfiguration, isRemote } from "./revisions/make-revision.ts";
import { usualOrigin } from "./revisions/provider-origin.ts";
import { recordSecret } from "./revisions/record-secret.ts";
import { deletedView } from "./views/deleted.ts";
import { secretGiven, secretView, shownSecret } from "./views/provider-secret.ts";

const section = "Providers and models";
const parameters = z.strictObject({ id: z.string().describe("The provider's id") });

const origin = z
  .string()
  .refine((text) => URL.canParse(text) && new URL(text).origin === text, { error: "must be an origin" })
  .meta({
    description: "Where it may be sent: scheme, host and port. Left out: where the provider is now",
    mend: "Write scheme, host and port, no path: https://llm.example.com.",
  });

/** Which providers have a secret that was entered, and for which origin. */
export const listProviderSecrets = adminResource({
  operation: "listProviderSecrets",
  method: "GET",
  path: "/admin/v1/provider-secrets",
  section,
  summary: "List providers' secrets that were entered; never the secrets themselves",
  role: "viewer",
  answer: z.strictObject({ data: z.array(secretView) }),
  handle: async (_call, { configuration }) => ({
    data: (await configuration.secrets.list()).map(shownSecret),
  }),
});

/** Enters a provider's secret, or another in its place. */
export const setProviderSecret = adminResource({
  operation: "setProviderSecret",
  method: "POST",
  path: "/admin/v1/providers/:id/secret",
  section,
  summary: "Enter a provider's secret, or another in place of the one before",
  description:
    "Encrypted at rest and never shown again. It is sent to that origin alone: a provider that moves needs it entered again. Calls in flight finish with the one before.",
  role: "operator",
  parameters,
  body: z.strictObject({ secret: secretGiven, origin: origin.optional() }),
  status: 201,
  answer: secretView,
  errors: ["not_found", "conflict"],
  handle: async ({ parameters: { id }, body, asker }, parts) => {
    const { configuration, store } = parts;
    const where = originFor(id, body.origin, parts);
    await refuseWrittenKey(id, parts);
    const order = { provider: id, origin: where, secret: body.secret, enteredBy: madeBy(asker) };
    const row = await change(store, async (made) => {
      const { before, row: kept } = await configuration.secrets.put(made, order);
      await recordSecret(made, asker, before, kept);
      return kept;
    });
    await parts.changed();
    return shownSecret(row);
  },
});

/** Forgets a provider's secret. */
export const deleteProviderSecret = adminResource({
  operation: "deleteProviderSecret",
  method: "DELETE",
  path: "/admin/v1/providers/:id/secret",
  section,
  summary: "Forget a provider's secret",
  description: "Refused while the configuration needs it. Forgetting one that isn't there answers the same.",
  role: "operator",
  parameters,
  query: z.strictObject({ origin: origin.optional() }),
  answer: deletedView,
  errors: ["not_found", "invalid_configuration"],
  handle: async ({ parameters: { id }, query, asker }, parts) => {
    const { configuration, store } = parts;
    const where = originFor(id, query.origin, parts);
    const current = await configuration.revisions.latest();
    const text = current === undefined ? "" : configuration.revisions.textOf(current);
    const secret = { provider: id, origin: where, secret: undefined };
    const problems = await configuration.judge(text, { isRemote: isRemote(asker), secret });
    if (problems.length > 0) throw invalidConfiguration(problems);
    await change(store, async (made) => {
      const before = await configuration.secrets.remove(made, id, where);
      if (before !== undefined) await recordSecret(made, asker, before, undefined);
    });
    await parts.changed();
    return { id, deleted: true };
  },
});

/** Throws `not_found` for a provider that is not known, and `invalid_request` where nobody knows where it is. */
function originFor(id: string, given: string | undefined, { configuration }: AdminParts): string {
  const { isKnown, origin: usual } = usualOrigin(id, configuration);
  if (given !== undefined && isKnown) return given;
  if (!isKnown) {
    const mend = "Add the provider first, or write it into the configuration.";
    throw new GatewayError("not_found", { message: `There is no provider "${id}".`, mend });
  }
  if (usual !== undefined) return usual;
  throw refusedField(["origin"], "is missing: the provider's address is not known", "Send its origin.");
}

/** Throws `conflict` where the configuration holds a key, which would go before. */
async function refuseWrittenKey(id: string, { configuration }: AdminParts): Promise<void> {
  const { revisions } = configuration;
  const current = await revisions.latest();
  const text = current === undefined ? "" : revisions.textOf(current);
  if (!["key", "keys", "credentials"].some((name) => hasMember(text, ["providers", id, name]))) return;
  throw new GatewayError("conflict", {
    message: `The configuration holds a key of ${id}, which goes before one that is entered.`,
    mend: `Remove it from providers.${id} in the configuration, then enter it here.`,
  });
}
