import { BOUNDS as ANTHROPIC } from "../../src/dialects/anthropic-messages/bounds.ts";
import { BOUNDS as GEMINI } from "../../src/dialects/gemini/bounds.ts";
import { BOUNDS as RESPONSES } from "../../src/dialects/openai-responses/bounds.ts";
import type { ContentPart } from "../../src/model/content-part.ts";
import type { Conversation, Message } from "../../src/model/conversation.ts";
import type { EncodeTarget } from "../../src/model/dialect.ts";
import type { DialectId } from "../../src/model/dialect-id.ts";
import { quirksOf } from "../dialects/anthropic.ts";
import type { Sayable } from "../dialects/any-conversation.ts";

/** What a dialect says of conversations, both ways. */
export interface ConversationRow {
  readonly sayable: Sayable;
  /** A provider that can do whatever the dialect has words for. */
  readonly target: EncodeTarget;
  /** The conversation as the dialect gives it back: without what it has no place for and takes no notice of. */
  asSaid(conversation: Conversation): Conversation;
}

const all = ["none", "minimal", "low", "medium", "high", "xhigh"] as const;

/** One row for each dialect in which conversations are asked for and answered. */
export const CONVERSATION_ROWS: { readonly [Id in DialectId]?: ConversationRow } = {
  "openai-chat": {
    sayable: {
      lacks: [],
      signatures: ["anthropic", "google", "openai"],
      vendor: "openai",
      maxTemperature: 2,
      efforts: all,
    },
    target: {
      model: "m",
      quirks: {
        has: ["document-context", "top-k", "cache-marker", "tool-result-media"],
        signatures: ["anthropic", "google", "openai"],
        reasoningHistory: "reasoning_details",
      },
    },
    asSaid: withDocumentNames,
  },
  "openai-responses": {
    sayable: {
      lacks: RESPONSES.lacks,
      signatures: ["openai"],
      vendor: "openai",
      maxTemperature: 2,
      minOutputTokens: 16,
      efforts: [...all, "max"],
    },
    target: { model: "m", quirks: {} },
    asSaid: withDocumentNames,
  },
  "anthropic-messages": {
    sayable: {
      lacks: [...ANTHROPIC.lacks, "top-p"],
      signatures: ["anthropic"],
      vendor: "anthropic",
      maxTemperature: 1,
      efforts: [],
      closedSchema: { name: "answer" },
      isRich: true,
    },
    target: { model: "claude-sonnet-4-6", quirks: quirksOf("claude-sonnet-4-6") },
    asSaid: strictly,
  },
  gemini: {
    sayable: {
      lacks: GEMINI.lacks,
      signatures: ["google"],
      vendor: "google",
      maxTemperature: 2,
      efforts: ["minimal", "low", "medium", "high"],
    },
    target: { model: "m", quirks: { has: ["metadata", "service-tier", "store"] } },
    asSaid: withoutNames,
  },
};

/** OpenAI demands a name of each file. */
function withDocumentNames(conversation: Conversation): Conversation {
  const messages = conversation.messages.map((message) => ({
    ...message,
    content: message.content.map((part) =>
      part.kind === "document" && part.source.from === "base64" ? { name: "document.pdf", ...part } : part,
    ),
  }));
  return { ...conversation, messages };
}

/** Anthropic has one name for all schemas, and each binds. */
function strictly(conversation: Conversation): Conversation {
  const { responseFormat } = conversation;
  return responseFormat?.kind === "json-schema"
    ? { ...conversation, responseFormat: { ...responseFormat, name: "answer", strict: true } }
    : conversation;
}

/** A schema has a name of the dialect's own. */
function named(conversation: Conversation, name: string): Conversation {
  const { responseFormat } = conversation;
  return responseFormat?.kind === "json-schema"
    ? { ...conversation, responseFormat: { ...responseFormat, name } }
    : conversation;
}

/** Google has no names for documents and schemas, and has them for results; a schema always binds. */
function withoutNames(conversation: Conversation): Conversation {
  const names = new Map<string, string>();
  const messages = conversation.messages.map((message): Message => {
    for (const part of message.content) if (part.kind === "tool-call") names.set(part.id, part.name);
    if (message.role === "tool") return { ...message, toolName: names.get(message.toolCallId) ?? "" };
    return { ...message, content: message.content.map(unnamed) };
  });
  const { responseFormat, ...rest } = named(conversation, "response");
  if (responseFormat?.kind !== "json-schema")
    return { ...rest, ...(responseFormat && { responseFormat }), messages };
  const { strict: _always, ...format } = responseFormat;
  return { ...rest, responseFormat: format, messages };
}

function unnamed(part: ContentPart): ContentPart {
  return part.kind === "document" ? { kind: "document", source: part.source } : part;
}

/** What both dialects can say. */
export function sayableByBoth(one: Sayable, other: Sayable): Sayable {
  const closedSchema = one.closedSchema ?? other.closedSchema;
  return {
    lacks: [...one.lacks, ...other.lacks],
    signatures: one.signatures.filter((vendor) => other.signatures.includes(vendor)),
    maxTemperature: Math.min(one.maxTemperature, other.maxTemperature),
    minOutputTokens: Math.max(one.minOutputTokens ?? 1, other.minOutputTokens ?? 1),
    efforts: one.efforts.filter((effort) => other.efforts.includes(effort)),
    ...(closedSchema !== undefined && { closedSchema }),
    isUnforced: one.isUnforced === true || other.isUnforced === true,
    isRich: one.isRich === true && other.isRich === true,
  };
}
