import type { Need } from "../model/condition.ts";
import type { Conversation } from "../model/conversation.ts";
import type { InferenceRequest } from "../model/inference-request.ts";
import { roughTokens } from "../model/rough-tokens.ts";
import type { MeasuredFacts } from "../model/routing-record.ts";
import type { Writable } from "../model/writable.ts";
import type { KnownCaller } from "../policy/identity/key-directory.ts";
import type { RequestFacts } from "../routing/request-facts.ts";
import { outlineOf, type RequestOutline } from "../routing/request-outline.ts";
import { valueDigest } from "../routing/value-digest.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import type { IncomingCall } from "./incoming-call.ts";
import type { Parts } from "./parts.ts";
import { PlainFacts } from "./plain-facts.ts";

const MEASURED_FROM_BYTES = 65_536;

/** Words of which a request has at least one that needs something, in every dialect. */
const WORDS: { readonly [N in Need]: readonly Buffer[] } = {
  tools: words("tool", "function", "mcp"),
  images: words("image", "inline", "file"),
  audio: words("audio", "inline", "file"),
  video: words("video", "inline", "file"),
  documents: words("document", "inline", "file"),
  "json-schema": words("schema", "Schema"),
  reasoning: words("reasoning", "thinking"),
  "log-probabilities": words("logprobs", "Logprobs"),
};

function words(...texts: readonly string[]): readonly Buffer[] {
  return texts.map((text) => Buffer.from(text));
}

const NO_TAGS: RequestFacts["tags"] = Object.freeze({});
const NO_NEEDS: ReadonlySet<Need> = new Set();

/** What of a call is looked at. */
interface ReadCall {
  readonly incoming: IncomingCall;
  readonly caller: KnownCaller;
  readonly request: InferenceRequest;
  readonly parts: Parts;
}

/** What routes may go by of one call; what is dear to know is worked out when it is asked for. */
export class FactsOfCall extends PlainFacts implements RequestFacts {
  readonly #call: ReadCall;
  readonly #request: InferenceRequest;
  #outline: RequestOutline | undefined;
  #isOutlined = false;
  #inputTokens: number | undefined;
  #headers: { readonly [name: string]: string } | undefined;

  constructor(call: ReadCall) {
    super(call.caller, call.request, call.parts.prices, call.parts.routing.clock());
    this.#call = call;
    this.#request = call.request;
  }

  get tags(): RequestFacts["tags"] {
    return this.#call.caller.tags ?? NO_TAGS;
  }

  /** Whom a browser token is for was said by the backend: no page moves itself to another's targets. */
  get endUser(): string | undefined {
    return this.#call.caller.token?.endUser ?? this.#request.endUser;
  }

  get maxOutputTokens(): number | undefined {
    return this.#request.maxOutputTokens;
  }

  get inputTokens(): number {
    this.#inputTokens ??= this.#estimate();
    return this.#inputTokens;
  }

  /** By the size of the body; where that is large it may be of images, and is measured. */
  get roughInputTokens(): number {
    const { bodyBytes } = this.#request;
    if (this.#inputTokens !== undefined || bodyBytes > MEASURED_FROM_BYTES) return this.inputTokens;
    return roughTokens(bodyBytes);
  }

  get needs(): ReadonlySet<Need> {
    return this.#outlined()?.needs ?? NO_NEEDS;
  }

  mayNeed(need: Need): boolean {
    const bytes = this.#request.original?.bytes;
    if (bytes === undefined || this.#isOutlined) return this.needs.has(need);
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return WORDS[need].some((word) => body.includes(word));
  }

  get conversation(): string | undefined {
    return this.#outlined()?.conversation;
  }

  get cacheMs(): number | undefined {
    return this.#outlined()?.cacheMs;
  }

  header(name: string): string | undefined {
    const value = this.#call.incoming.headers.get(name);
    if (value === null) return undefined;
    const digest = valueDigest(value);
    this.#headers = { ...this.#headers, [name]: digest };
    return digest;
  }

  /** What had to be worked out, for the record; undefined where nothing had to be. */
  measured(): MeasuredFacts | undefined {
    const { maxOutputTokens } = this.#request;
    const isPlain = this.#inputTokens === undefined && this.#headers === undefined;
    if (isPlain && maxOutputTokens === undefined && this.#outline === undefined) return undefined;
    const facts: Writable<MeasuredFacts> = {};
    if (this.#inputTokens !== undefined) facts.inputTokens = this.#inputTokens;
    if (maxOutputTokens !== undefined) facts.maxOutputTokens = maxOutputTokens;
    if (this.#headers !== undefined) facts.headers = this.#headers;
    return this.#outline === undefined ? facts : { ...facts, ...outlineFacts(this.#outline) };
  }

  #estimate(): number {
    const request = this.#request;
    const rough = roughTokens(request.bodyBytes);
    return isConversation(request) ? (readable(request, estimateTokens) ?? rough) : rough;
  }

  #outlined(): RequestOutline | undefined {
    if (this.#isOutlined) return this.#outline;
    this.#isOutlined = true;
    const request = this.#request;
    if (isConversation(request)) this.#outline = readable(request, outlineOf);
    return this.#outline;
  }
}

function outlineFacts({ needs, conversation, cacheMs }: RequestOutline): MeasuredFacts {
  return {
    needs: [...needs],
    ...(conversation === undefined ? {} : { conversation }),
    ...(cacheMs === undefined ? {} : { cacheMs }),
  };
}

function isConversation(request: InferenceRequest): request is InferenceRequest<"chat"> {
  return request.operation === "chat" || request.operation === "count-tokens";
}

/** What can't be read canonically is the provider's to judge, where its bytes pass through. */
function readable<Result>(
  request: InferenceRequest<"chat">,
  read: (content: Conversation) => Result,
): Result | undefined {
  try {
    return read(request.content());
  } catch {
    return undefined;
  }
}
