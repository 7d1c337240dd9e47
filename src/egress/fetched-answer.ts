import type { Answer, AnswerSink } from "./answer.ts";
import { codeOf, EgressFailure } from "./failure.ts";
import { collect } from "./incoming-body.ts";

/** An answer in the runtime's form, as fetch and local providers give it, behind the same face as our own. */
export class FetchedAnswer implements Answer {
  readonly #response: Response;
  readonly #controller: AbortController;
  #resumed: PromiseWithResolvers<void> | undefined;

  /** `controller` is what ends the call that the response came from. */
  constructor(response: Response, controller: AbortController) {
    this.#response = response;
    this.#controller = controller;
  }

  get status(): number {
    return this.#response.status;
  }

  header(name: string): string | undefined {
    return this.#response.headers.get(name) ?? undefined;
  }

  allHeaders(): Headers {
    return this.#response.headers;
  }

  /** The runtime gives it by and by. */
  bytesHere(): undefined {
    return undefined;
  }

  bytes(limitBytes: number, onPart?: () => void): Promise<Uint8Array> {
    return collect(this, limitBytes, onPart);
  }

  flowTo(sink: AnswerSink): void {
    void this.#flow(sink);
  }

  pause(): void {
    this.#resumed ??= Promise.withResolvers<void>();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  abort(): void {
    this.#controller.abort();
  }

  async #flow(sink: AnswerSink): Promise<void> {
    const reader = this.#response.body?.getReader();
    // Aborting alone does not end a body that is not being read.
    const aborted = () => void reader?.cancel().catch(() => {});
    const { signal } = this.#controller;
    signal.addEventListener("abort", aborted);
    try {
      for (;;) {
        await this.#resumed?.promise;
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (signal.aborted) throw signal.reason;
        if (done) return sink.end();
        sink.data(value);
      }
    } catch (thrown) {
      sink.fail(asFailure(thrown, signal));
    } finally {
      signal.removeEventListener("abort", aborted);
    }
  }
}

/** What fetch or a local provider threw, as a failure of ours. */
export function asFailure(thrown: unknown, signal: AbortSignal): EgressFailure {
  if (thrown instanceof EgressFailure) return thrown;
  if (signal.aborted) return new EgressFailure("aborted", "ABORTED", "the call was given up", thrown);
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new EgressFailure(faultOf(codeOf(thrown)), codeOf(thrown), message, thrown);
}

/** Codes that Bun's fetch gives to a connection that was never made: nothing of the request went out. */
const NEVER_CONNECTED = new Set([
  "ConnectionRefused",
  "ECONNREFUSED",
  "FailedToOpenSocket",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

function faultOf(code: string): EgressFailure["fault"] {
  if (/CERT|SSL|TLS|SELF_SIGNED/.test(code)) return "untrusted";
  return NEVER_CONNECTED.has(code) ? "unreachable" : "interrupted";
}
