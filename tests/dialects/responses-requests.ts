import { encodeRequest } from "../../src/dialects/openai-responses/encode-request.ts";
import type { Conversation } from "../../src/model/conversation.ts";
import type { EncodedRequest, EncodeTarget } from "../../src/model/dialect.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { responsesRequest } from "./responses.ts";

/** A server without quirks. */
export const target: EncodeTarget = { model: "m", quirks: {} };

/** What a request says, in canonical words. */
export const conversationOf = (body: JsonObject): Conversation => responsesRequest(body).content();

/** A client's request, written again for another server of this dialect. */
export const encoded = (body: JsonObject, quirks: EncodeTarget["quirks"] = {}): EncodedRequest =>
  encodeRequest(responsesRequest(body), { model: "m", quirks });

/** The body of that. */
export const sent = (body: JsonObject): JsonObject => JSON.parse(encoded(body).body);

/** An item that is a message. */
export const said = (role: string, content: unknown): JsonObject => ({ type: "message", role, content });
