import { Egress } from "../../egress/egress.ts";
import { askModelList } from "../../gateway/ask-model-list.ts";
import { handle } from "../../gateway/handle.ts";
import type { IncomingCall, Reply } from "../../gateway/incoming-call.ts";
import { parseJsonBytes } from "../../gateway/parse-answer.ts";
import type { Parts } from "../../gateway/parts.ts";
import type { AttemptClosing } from "../../model/attempt.ts";
import { nonEmptyText } from "../../model/caller.ts";
import type { Conversation } from "../../model/conversation.ts";
import { asGatewayError, GatewayError } from "../../model/gateway-error.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { InferenceResponse } from "../../model/inference-response.ts";
import type { Snapshot, Upstream } from "../../model/snapshot.ts";
import { Budgets } from "../../policy/budgets/budgets.ts";
import type { SpendHistory } from "../../policy/budgets/spend-history.ts";
import type { KnownCaller } from "../../policy/identity/key-directory.ts";
import { ConcurrencyLimit } from "../../policy/limits/concurrency.ts";
import { openLog } from "../../telemetry/log.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { EventLoopDelay } from "../event-loop-delay.ts";
import { gatewayParts } from "../gatehouse.ts";
import { openPriceBook } from "../price-book.ts";
import { CanonicalFace } from "./canonical-face.ts";
import { MemoryLedger } from "./memory-ledger.ts";

/** What a provider is asked. */
export interface Question {
  /** `provider/model`. */
  readonly model: string;
  readonly conversation: Conversation;
  readonly stream?: boolean;
  readonly endUser?: string;
}

/** How it went. */
export interface CheckAnswer {
  /** As far as it came; empty where it failed at once. */
  readonly answer: InferenceResponse;
  readonly failure?: GatewayError;
  /** Undefined where no call was made. */
  readonly attempt?: AttemptClosing;
}

/** A client inside this process, whose calls take the way of any client's, from the request's reading to its settlement. */
export class CheckClient {
  readonly #ledger = new MemoryLedger();
  readonly #delay = new EventLoopDelay();
  readonly #parts: Parts;
  readonly #snapshot: Snapshot;

  constructor(settings: Settings, snapshot: Snapshot) {
    this.#snapshot = snapshot;
    this.#parts = gatewayParts({
      running: { current: { number: 0, settings, snapshot }, problems: [] },
      configuredOrigins: new Set(),
      concurrency: new ConcurrencyLimit(snapshot.limits.maxInFlight),
      keys: NO_KEYS,
      tokens: NO_TOKENS,
      answers: undefined,
      storedResponses: undefined,
      ledger: this.#ledger,
      prices: openPriceBook(settings),
      budgets: new Budgets(NO_HISTORY, () => {}),
      egress: new Egress(),
      logs: openLog("silent"),
      delay: this.#delay,
    });
    this.#parts.ticker.start();
  }

  /** Never throws for what the provider does. */
  async ask(question: Question): Promise<CheckAnswer> {
    const face = new CanonicalFace(requestOf(question));
    const thrown = await this.#call(face).catch((error: unknown) => asGatewayError(error));
    const failure = thrown ?? face.failure;
    const { attempt } = this.#ledger.take();
    return {
      answer: face.answer(),
      ...(failure === undefined ? {} : { failure }),
      ...(attempt === undefined ? {} : { attempt }),
    };
  }

  /** The names of a provider's models; undefined where it answers with something else. Throws what it refuses with. */
  async listModels(upstream: Upstream): Promise<readonly string[] | undefined> {
    const { modelList, provider } = upstream;
    const list = await askModelList(upstream, this.#snapshot.limits.answerBytes, this.#parts);
    const face = modelList && this.#parts.dialects.get(modelList.dialect)?.upstream;
    return list && face?.modelList?.names(parseJsonBytes(list, provider));
  }

  close(): void {
    this.#parts.ticker.stop();
    this.#parts.egress.close();
    this.#delay.stop();
  }

  async #call(face: CanonicalFace): Promise<undefined> {
    const reply = await handle(incomingCall(face), OPERATOR, this.#parts);
    await readOut(reply);
  }
}

/** A check is under no budget. */
const NO_HISTORY: SpendHistory = { spentSince: async () => [] };

/** The operator needs no virtual key: whoever runs the check holds the providers' own. */
const OPERATOR: KnownCaller = Object.freeze({
  project: nonEmptyText("operator"),
  keyId: nonEmptyText("check"),
  keyName: "gatehouse check",
  policies: [],
  mayUse: () => true,
  mayReach: () => true,
});

const NO_KEYS: Parts["keys"] = {
  caller() {
    throw new GatewayError("invalid_key");
  },
};

const NO_TOKENS: Parts["tokens"] = {
  ...NO_KEYS,
  mint() {
    throw new GatewayError("wrong_kind_of_key");
  },
};

/** `generate` is no provider's dialect, so that nothing passes through and each request is said in the provider's words. */
function incomingCall(face: CanonicalFace): IncomingCall {
  return {
    requestId: `check_${Bun.randomUUIDv7()}`,
    receivedAtMs: Date.now(),
    headers: new Headers(),
    dialect: "generate",
    inbound: face,
    operation: "chat",
    pathRest: "",
    query: () => new URLSearchParams(),
    readBody: async () => new Uint8Array(),
    clientSignal: () => new AbortController().signal,
  };
}

function requestOf({ model, conversation, stream = false, endUser }: Question): InferenceRequest<"chat"> {
  const { maxOutputTokens } = conversation.sampling;
  return {
    operation: "chat",
    dialect: "generate",
    model,
    stream,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...(endUser === undefined ? {} : { endUser }),
    bodyBytes: JSON.stringify(conversation.messages).length,
    content: () => conversation,
  };
}

async function readOut({ body }: Reply): Promise<void> {
  if (typeof body === "string" || body instanceof Uint8Array) return;
  for await (const _bytes of body);
}
