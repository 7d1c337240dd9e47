import { z } from "zod";
import { fieldTraits } from "../../config/field.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import type { ErrorClass } from "../../model/error-class.ts";
import { FEATURES } from "../../model/loss.ts";
import { MODALITIES } from "../../model/snapshot.ts";
import { CONTINUATION_WAYS } from "../../providers/continuations.ts";
import { baseUrlRules, proxyRules } from "./address.ts";
import { timeoutOverrides } from "./bounds-sections.ts";
import { text, wholeNumber } from "./fields.ts";
import { headers, isHeaderValue } from "./header-fields.ts";
import { OPTION_VALUE } from "./provider-options.ts";
import { regionName } from "./region-field.ts";

const PROVIDER_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Names that mean something else where a provider's id may stand. */
const RESERVED: ReadonlySet<string> = new Set(["auto", "default", "gatehouse", "route", "routes"]);

const ERROR_CLASSES = [
  "caller",
  "auth",
  "quota",
  "rate_limit",
  "overloaded",
  "context_too_long",
  "content_filter",
  "server",
  "network",
  "timeout",
  "invalid_answer",
] as const satisfies readonly ErrorClass[];

const providerId = text({
  description: "The provider's id: the part before the slash of a model's name",
  mend: "Use lower-case letters, digits and hyphens, beginning with a letter or digit.",
  pattern: { form: PROVIDER_ID, message: "can't be a provider's id" },
  rules: [["is a reserved name", (id) => !RESERVED.has(id)]],
});

/** True for a text that may be a provider's id. */
export function isProviderId(id: string): boolean {
  return PROVIDER_ID.test(id) && !RESERVED.has(id);
}

const baseUrl = text({
  description: "Where the provider's API begins, such as http://10.0.0.5:8000/v1",
  mend: "Write the address up to where the API's own paths begin, such as http://10.0.0.5:8000/v1.",
  rules: baseUrlRules,
});

/** True for a text that can be a key: one word that a header can carry. */
export function isKey(key: string): boolean {
  return isHeaderValue(key) && !/\s/.test(key);
}

const key = text({
  description: `The provider's key: a \${VARIABLE} or file: reference. Left out: the usual variable of a built-in provider.`,
  mend: `Write "key: \${NAME}" for an environment variable, or "key: file:path" for a file that holds the key alone.`,
  secret: true,
  rules: [["must be one word of plain ASCII", isKey]],
});

const MOST_IN_FLIGHT = 1_000_000;

const maxInFlight = (whose: string) =>
  wholeNumber(
    1,
    MOST_IN_FLIGHT,
    `The most calls at once ${whose}; more wait in \`routing.queue\``,
  ).optional();

const credentialName = text({
  description: "What the key is called in records and explanations. Left out: its place in the list, from 1",
  mend: "Use letters, digits, dots, underscores and hyphens.",
  pattern: { form: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, message: "can't be a key's name" },
});

const pooledKey = z.union([
  key,
  z.strictObject({
    key,
    name: credentialName.optional(),
    weight: z
      .number()
      .min(0.000001)
      .max(1_000_000)
      .default(1)
      .describe("Its share of the calls, relative to the other keys"),
    max_in_flight: maxInFlight("with this key"),
  }),
]);

/** One of several keys as it is written. */
export type WrittenKey = z.output<typeof pooledKey>;
const partName = text({
  description: "Name of the option or part",
  mend: "Use lower-case letters and underscores, such as region or access_key_id.",
  pattern: { form: /^[a-z][a-z_]{0,63}$/, message: "can't be the name of one" },
});

const optionValue = text({
  description: "A part of the provider's address, such as its region or a project",
  mend: "Write letters, digits and hyphens, such as eu-west-1.",
  pattern: { form: OPTION_VALUE, message: "must be letters, digits and hyphens" },
});

const credential = text({
  description: `A part of the credentials: a \${VARIABLE} or file: reference. Left out: the usual variable.`,
  mend: `Write "\${NAME}" for an environment variable, or "file:path" for a file that holds it alone.`,
  secret: true,
});

const certificates = text({
  description:
    "Certificates (PEM) to trust for this provider in place of the system's: file:path, or the text itself",
  mend: "Write `ca: file:ca.pem`; the file holds one or more PEM certificates.",
  file: true,
  rules: [["must hold a PEM certificate", (pem) => pem.includes("-----BEGIN CERTIFICATE-----")]],
});

const proxy = text({
  description: "HTTP proxy to reach this provider through, such as http://proxy:3128",
  mend: "Write scheme, host and port: http://proxy:3128.",
  secret: true,
  rules: proxyRules,
});

const model = text({
  description: "A model, by the provider's own name",
  mend: "Write the model's name as the provider has it.",
  rules: [["must not hold spaces", (name) => !/\s/.test(name)]],
});

const tokens = (description: string) => wholeNumber(1, 1_000_000_000, description).optional();

const writtenModel = z.union([
  model,
  z
    .strictObject({
      name: model,
      context_window: tokens("How many tokens the model takes in all"),
      output_limit: tokens("How many tokens an answer may have"),
      input: z
        .array(z.enum(MODALITIES))
        .min(1)
        .optional()
        .describe("What it takes; what is left out is not sent to it"),
    })
    .describe("A model and what is known of it"),
]);

/** A model as it is listed: its name alone, or with what is known of it. */
export type WrittenModel = z.output<typeof writtenModel>;

/** The name of a listed model. */
export function nameOfModel(written: WrittenModel): string {
  return typeof written === "string" ? written : written.name;
}

const features = (description: string) =>
  z.array(z.enum(FEATURES)).default([]).describe(`${description}; docs/translation.md explains the words`);

const modelPattern = text({
  description: "A model's name, * standing for any run of characters",
  mend: "Write a model's name as the provider has it, or a pattern such as llama-*.",
});

const capabilities = z
  .array(
    z.strictObject({
      models: z.array(modelPattern).min(1).optional().describe("The models meant. Left out: all"),
      lacks: features("What they are not to be sent"),
      has: features("What they take, whatever is built in says"),
      continues: z
        .enum(["no", ...CONTINUATION_WAYS])
        .optional()
        .describe(
          "How they go on with an answer that broke off, given as a last turn of the assistant's: from that alone (last-turn), or with `prefix: true` or `partial: true` in it, or `continue_final_message: true` beside it. Left out: as is built in",
        ),
    }),
  )
  .describe("What models of this provider can and can't; `gatehouse check` finds out. A later entry wins")
  .register(fieldTraits, { mend: "Write `- lacks: [tools]` lines, indented below it." });

const vendorCode = text({
  description: "An error code of the vendor, or a status as text",
  mend: "Write the vendor's `error.code`.",
});

/** One provider. Every member is optional for a built-in one; a custom one needs `dialect` and `base_url`. */
function providerSettings(dialects: readonly DialectId[]) {
  return z
    .strictObject({
      enabled: z
        .boolean()
        .default(true)
        .describe("false leaves the provider out, even where its variable is set"),
      dialect: z.enum(dialects).optional().describe("The wire format that the provider speaks"),
      base_url: baseUrl.optional(),
      key: key.optional(),
      keys: z
        .array(pooledKey)
        .min(1)
        .max(64)
        .optional()
        .describe("In place of `key`: several keys, among which the calls are balanced"),
      max_in_flight: maxInFlight("with its key, or with each of its `keys`"),
      region: regionName.optional(),
      options: z
        .record(partName, optionValue)
        .default({})
        .describe("Parts of a built-in provider's address: its region, project, resource, api_version"),
      credentials: z
        .record(partName, credential)
        .default({})
        .describe(
          "In place of a key, what AWS, Google or Microsoft have: access_key_id, service_account, ...",
        ),
      headers: headers.default({}),
      ca: certificates.optional(),
      proxy: proxy.optional(),
      models: z
        .array(writtenModel)
        .min(1)
        .optional()
        .describe("The models listed for this provider, and no others"),
      default_model: model.optional().describe("Model for calls of /generate that name this provider only"),
      capabilities: capabilities.default([]),
      timeouts: timeoutOverrides.prefault({}),
      error_classes: z
        .record(vendorCode, z.enum(ERROR_CLASSES))
        .default({})
        .describe("What the vendor's own error codes mean, where their HTTP status doesn't say it"),
    })
    .describe("A provider: for a built-in one only what differs is written");
}

/** The providers by id. */
export function providersSection(dialects: readonly DialectId[]) {
  return z
    .record(providerId, providerSettings(dialects))
    .describe("Providers by id. Built-in ones whose usual variable is set are there without being written.");
}

/** What is written about one provider. */
export type ProviderSettings = z.output<ReturnType<typeof providerSettings>>;
