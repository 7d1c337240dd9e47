import type { Need } from "../model/condition.ts";
import type { ContentPart, MediaSource } from "../model/content-part.ts";
import type { Conversation, Message } from "../model/conversation.ts";
import { valueDigest } from "./value-digest.ts";

const HOUR_MS = 3_600_000;

/** What routes go by of what a request says, taken from it in one walk. */
export interface RequestOutline {
  readonly needs: ReadonlySet<Need>;
  /** A digest of what the turns of this conversation have in common: instructions, tools and the first question. */
  readonly conversation: string | undefined;
  /** How long the provider's cache is asked to keep its beginning; undefined where nothing is said. */
  readonly cacheMs: number | undefined;
}

/** Outlines a conversation. Pure. */
export function outlineOf(content: Conversation): RequestOutline {
  const walk = new Walk();
  for (const tool of content.tools) {
    if (tool.kind !== "vendor") walk.text(`${tool.name}\n${tool.description ?? ""}`);
    if (tool.kind === "function") walk.text(JSON.stringify(tool.parameters ?? {}));
  }
  for (const message of content.messages) walk.message(message);
  return {
    needs: needsOf(content, walk.media),
    conversation: content.cacheKey === undefined ? walk.digest() : valueDigest(content.cacheKey),
    cacheMs: walk.cacheMs,
  };
}

function needsOf(content: Conversation, media: ReadonlySet<Need>): ReadonlySet<Need> {
  const needs = new Set(media);
  if (content.tools.length > 0 && content.toolChoice?.kind !== "none") needs.add("tools");
  if (content.responseFormat?.kind === "json-schema") needs.add("json-schema");
  if (content.logProbabilities !== undefined) needs.add("log-probabilities");
  if (wantsReasoning(content)) needs.add("reasoning");
  return needs;
}

function wantsReasoning({ reasoning }: Conversation): boolean {
  return reasoning !== undefined && reasoning.mode !== "off" && reasoning.effort !== "none";
}

/** Gathers the outline on the way through the messages. */
class Walk {
  readonly media = new Set<Need>();
  cacheMs: number | undefined;
  /** What stands before the first answer, as far as it goes into the digest. */
  #beginning = "";
  #isBeginning = true;

  message(message: Message): void {
    if (message.role === "assistant" || message.role === "tool") this.#isBeginning = false;
    for (const part of message.content) this.#part(part);
    if (message.role === "user") this.#isBeginning = false;
  }

  text(text: string): void {
    if (this.#isBeginning) this.#beginning += `${text}\n`;
  }

  digest(): string | undefined {
    if (this.#beginning === "") return undefined;
    return valueDigest(this.#beginning);
  }

  #part(part: ContentPart): void {
    if ("cache" in part && part.cache?.ttl === "1h") this.cacheMs = HOUR_MS;
    switch (part.kind) {
      case "text":
      case "reasoning":
      case "refusal":
        this.text(part.text);
        break;
      case "tool-call":
        this.text(part.arguments);
        break;
      case "image":
        this.#brought("images", part.source);
        break;
      case "audio":
        this.#brought("audio", part.source);
        break;
      case "video":
        this.#brought("video", part.source);
        break;
      case "document":
        this.#brought("documents", part.source);
        break;
      case "other":
        break;
    }
  }

  #brought(need: Need, source: MediaSource): void {
    this.media.add(need);
    if (source.from === "text") this.text(source.text);
    if (!this.#isBeginning) return;
    if (source.from === "url") this.#beginning += `${source.url}\n`;
    if (source.from === "base64") this.#beginning += `${source.data.slice(0, 256)}\n`;
  }
}
