import type { AttemptClosing } from "../../model/attempt.ts";
import type { Conversation } from "../../model/conversation.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { Feature } from "../../model/loss.ts";
import type { Target } from "../../model/snapshot.ts";
import type { CheckAnswer, CheckClient } from "./check-client.ts";

/** What came of one probe. `not-offered`: the provider is said not to have it. `skipped`: it could not be asked. */
export type ProbeStatus = "pass" | "fail" | "not-offered" | "skipped";

/** What a probe found out. */
export interface Finding {
  readonly status: ProbeStatus;
  /** In a sentence. */
  readonly said: string;
  /** What the model was promised to have and has not: for the configuration. */
  readonly lacks?: readonly Feature[];
  /** True where nothing else can be asked either. */
  readonly fatal?: boolean;
}

/** A failed call. Only a refusal for what was asked tells that it is lacking; an overloaded server tells nothing. */
export function failed({ message, errorClass }: GatewayError, lacks: readonly Feature[] = []): Finding {
  const isRefusal = errorClass === "caller" && lacks.length > 0;
  return { status: "fail", said: message, ...(isRefusal ? { lacks } : {}) };
}

/** What a probe may take at most, in tokens. */
export interface TokenBound {
  readonly input: number;
  readonly output: number;
}

/** One thing that is found out about a provider, by asking it. */
export interface Probe {
  readonly name: string;
  /** Where one of these is lost on the way to the provider, the probe's question is not asked. */
  readonly features: readonly Feature[];
  /** The question that decides whether the provider is said to have it. */
  readonly question: Conversation;
  /** Undefined where the probe can't be made. */
  bound(context: ProbeContext): TokenBound | undefined;
  run(context: ProbeContext): Promise<Finding>;
}

/** How a question is put. */
export interface Manner {
  readonly stream?: boolean;
  readonly endUser?: string;
  /** Another model than the one that is checked. */
  readonly model?: string;
}

/** What the probes of one check have in common. Notes every attempt that is made. */
export class ProbeContext {
  readonly target: Target;
  readonly client: CheckClient;
  /** The same with a key that is none; absent where there is no key that could be wrong. */
  readonly stranger: CheckClient | undefined;
  /** In tokens, where it is known. */
  readonly contextWindow: number | undefined;
  readonly #attempts: AttemptClosing[] = [];

  constructor(parts: Pick<ProbeContext, "target" | "client" | "stranger" | "contextWindow">) {
    this.target = parts.target;
    this.client = parts.client;
    this.stranger = parts.stranger;
    this.contextWindow = parts.contextWindow;
  }

  /** Asks the model that is checked. */
  ask(conversation: Conversation, manner: Manner = {}): Promise<CheckAnswer> {
    return this.#ask(this.client, conversation, manner);
  }

  /** Asks with a wrong key. */
  askAsStranger(stranger: CheckClient, conversation: Conversation): Promise<CheckAnswer> {
    return this.#ask(stranger, conversation, {});
  }

  /** The attempts since the last time. */
  takeAttempts(): readonly AttemptClosing[] {
    return this.#attempts.splice(0);
  }

  async #ask(
    client: CheckClient,
    conversation: Conversation,
    { model = this.target.model, ...manner }: Manner,
  ): Promise<CheckAnswer> {
    const name = `${this.target.upstream.provider}/${model}`;
    const answered = await client.ask({ model: name, conversation, ...manner });
    if (answered.attempt !== undefined) this.#attempts.push(answered.attempt);
    return answered;
  }
}
