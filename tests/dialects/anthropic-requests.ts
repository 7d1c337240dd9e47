import type { Conversation } from "../../src/model/conversation.ts";
import type { JsonObject } from "../../src/model/json.ts";
import { messageRequest, toAnthropic, USER } from "./anthropic.ts";
import { chatRequest } from "./chat.ts";

/** What a Messages request says, in canonical words. */
export const conversationOf = (rest: JsonObject): Conversation => messageRequest(rest).content();

/** Sent by a client of Anthropic's, said again for a model of Anthropic's. */
export const sent = (rest: JsonObject, model?: string): JsonObject =>
  toAnthropic(messageRequest(rest), model).parsed;

/** Sent by a client of OpenAI's chat. */
export const fromChat = (rest: JsonObject, model?: string) =>
  toAnthropic(chatRequest({ model: "m", messages: [USER], ...rest }), model);

/** The features that a client of OpenAI's chat loses on the way to Anthropic. */
export const lossesOf = (rest: JsonObject, model?: string): readonly string[] =>
  fromChat(rest, model).losses.map(({ feature }) => feature);
