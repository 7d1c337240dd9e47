import { encodeRequest } from "../../src/dialects/gemini/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import type { Quirks } from "../../src/model/quirks.ts";
import type { Upstream } from "../../src/model/snapshot.ts";
import { google } from "../../src/providers/google.ts";
import { targetOf } from "../../src/routing/target.ts";
import { chatRequest } from "./chat.ts";
import { googleRequest } from "./google.ts";
import { expectRequest } from "./google-schema.ts";

/** The least that is said, and a request with it. */
export const user = { role: "user", parts: [{ text: "hi" }] };
export const asked = (rest: JsonObject): JsonObject => ({ contents: [user], ...rest });
export const conversationOf = (body: JsonObject): Conversation => googleRequest(body).content();

/** Google's own service, as far as its quirks go. */
const GOOGLE: Upstream = {
  provider: google.id,
  endpoints: [],
  origin: "https://google.test",
  headers: {},
  timeouts: { connectMs: 1, firstByteMs: 1, betweenBytesMs: 1, totalMs: 1 },
  quirks: google.quirks ?? [],
  errorClasses: {},
};

/** A server that can do whatever the dialect has words for. */
export const ABLE: Quirks = { has: ["metadata", "service-tier", "store"] };

/** A request as it goes to Google, held against Google's description. */
export function encoded(request: Parameters<typeof encodeRequest>[0], quirks: Quirks = ABLE) {
  const { body, losses, form } = encodeRequest(request, { model: "m", quirks });
  const sent: JsonObject = JSON.parse(body);
  expectRequest(sent);
  return { sent, losses, form };
}

/** A request of Google's own client, read and written again. */
export const again = (body: JsonObject, quirks?: Quirks): JsonObject =>
  encoded(googleRequest(body), quirks).sent;

/** A request of a client of OpenAI's chat. */
export const fromChat = (rest: JsonObject, quirks?: Quirks) =>
  encoded(chatRequest({ model: "m", messages: [{ role: "user", content: "hi" }], ...rest }), quirks);

/** What holds for a model of Google's own. */
export function quirksFor(model: string): Quirks {
  return targetOf(GOOGLE, model).quirks;
}

/** Another vendor's signature as Google's clients carry it, before base64. */
export const wrapped = (vendor: string): string =>
  `gatehouse:${vendor}:${Buffer.from(JSON.stringify({ value: "v" })).toString("base64url")}`;
