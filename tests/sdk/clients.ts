import Groq from "groq-sdk";
import OpenAI from "openai";

/** The least of a chat completion call. */
export const MESSAGES = [{ role: "user" as const, content: "Who stands at the gate?" }];

/** One side of a comparison: the gateway or the provider itself. */
export interface Side {
  readonly url: string;
  readonly key: string;
}

/** What an SDK made of one call: the answer, the chunks of a stream, or the error. */
export type Outcome =
  | { readonly answer: unknown }
  | { readonly chunks: readonly unknown[]; readonly error?: SdkError }
  | { readonly error: SdkError };

/** What an SDK's error tells, but for its headers, which differ. */
export interface SdkError {
  readonly name: string;
  readonly message: string;
  readonly status: unknown;
  readonly body: unknown;
  readonly code: unknown;
  readonly type: unknown;
  readonly param: unknown;
}

/** An SDK that calls one side. Nothing is retried, so that each test sees each answer. */
export interface Sdk {
  whole(model: string): Promise<Outcome>;
  streamed(model: string): Promise<Outcome>;
}

export function openaiClient({ url, key }: Side): OpenAI {
  return new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
}

export function openaiSdk(side: Side): Sdk {
  const { completions } = openaiClient(side).chat;
  return {
    whole: (model) => wholeOutcome(() => completions.create({ model, messages: MESSAGES })),
    streamed: (model) => streamOutcome(() => completions.create({ model, messages: MESSAGES, stream: true })),
  };
}

export function groqSdk({ url, key }: Side): Sdk {
  const { completions } = new Groq({ apiKey: key, baseURL: url, maxRetries: 0 }).chat;
  return {
    whole: (model) => wholeOutcome(() => completions.create({ model, messages: MESSAGES })),
    streamed: (model) => streamOutcome(() => completions.create({ model, messages: MESSAGES, stream: true })),
  };
}

async function wholeOutcome(call: () => Promise<unknown>): Promise<Outcome> {
  try {
    return { answer: await call() };
  } catch (thrown) {
    return { error: asSdkError(thrown) };
  }
}

async function streamOutcome(call: () => Promise<AsyncIterable<unknown>>): Promise<Outcome> {
  const chunks: unknown[] = [];
  try {
    for await (const chunk of await call()) chunks.push(chunk);
    return { chunks };
  } catch (thrown) {
    return { chunks, error: asSdkError(thrown) };
  }
}

function asSdkError(thrown: unknown): SdkError {
  if (!(thrown instanceof Error)) throw thrown;
  const { status, error, code, type, param } = thrown as Error & Readonly<Record<string, unknown>>;
  return { name: thrown.constructor.name, message: thrown.message, status, body: error, code, type, param };
}
