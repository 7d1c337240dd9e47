import { z } from "zod";
import { GatewayError } from "../model/gateway-error.ts";
import { change } from "../storage/change.ts";
import { recordChange } from "./record-change.ts";
import { adminResource } from "./resource.ts";
import { bodySummaryView, shownBodySummary } from "./views/recorded-body.ts";

/** A recorded prompt or answer. */
export const getRequestBody = adminResource({
  operation: "getRequestBody",
  method: "GET",
  path: "/admin/v1/requests/:id/bodies/:part",
  section: "Requests",
  summary: "Read a recorded prompt or answer",
  description: "Kept where the project's policy records bodies. That it was read is in the audit log.",
  role: "operator",
  parameters: z.strictObject({
    id: z.string().describe("As `x-request-id` gave it"),
    part: z
      .enum(["request", "answer"])
      .describe("`request` is what the client sent, `answer` what it was given"),
  }),
  answer: bodySummaryView
    .extend({
      encoding: z.enum(["text", "base64"]).describe("base64 where it is no UTF-8"),
      content: z.string(),
    })
    .meta({ id: "RequestBody" }),
  errors: ["not_found"],
  handle: async ({ parameters: { id, part }, asker }, { reader, store }) => {
    const found = await reader.body({ requestId: id, part });
    if (found === undefined) throw notKept(id, part);
    if (found.bytes === undefined) throw sealedOtherwise(id, part, found.keyId);
    const audited = { action: "read", resource: "recorded_body", id: `${id}/${part}` } as const;
    // First it is in the log that it was read, then it is shown.
    await change(store, (own) => recordChange(own, asker, audited));
    return { ...shownBodySummary(found.summary), ...textOf(found.bytes) };
  },
});

function textOf(bytes: Uint8Array): { readonly encoding: "text" | "base64"; readonly content: string } {
  const text = new TextDecoder().decode(bytes);
  // What is cut off within a character ends with a replacement; anything else that is no UTF-8 is shown as bytes.
  const isText = !text.slice(0, -1).includes(REPLACEMENT);
  return isText
    ? { encoding: "text", content: text }
    : { encoding: "base64", content: Buffer.from(bytes).toString("base64") };
}

const REPLACEMENT = "\ufffd";

function notKept(id: string, part: string): GatewayError {
  return new GatewayError("not_found", {
    message: `No ${part} body is kept of request "${id}".`,
    mend: "Bodies are kept where the project's policy has `recording`, from then on and for as long as it says.",
  });
}

function sealedOtherwise(id: string, part: string, keyId: string): GatewayError {
  return new GatewayError("not_found", {
    message: `The ${part} body of request "${id}" is sealed under another master key (its id is ${keyId}).`,
    mend: "Start with the master key that was in use when it was recorded.",
  });
}
