import type { ErrorClass } from "../../model/error-class.ts";
import type { GatewayError } from "../../model/gateway-error.ts";
import type { KeptAnswer } from "../../policy/idempotency/kept-answer.ts";
import type { KeptAnswers } from "../../policy/idempotency/kept-answers.ts";
import type { Reply } from "../incoming-call.ts";
import type { AnswerKeeping, LeadableStream } from "./answer-keeping.ts";
import { FollowedAnswer } from "./followed-answer.ts";

/** Refusals that say of the request itself what the provider will say again: they are its answer. */
const LASTING: ReadonlySet<ErrorClass | undefined> = new Set<ErrorClass | undefined>([
  "caller",
  "context_too_long",
  "content_filter",
]);

const NO_BYTES = new Uint8Array(0);
const encoder = new TextEncoder();

/** Keeps the answer of one call, or gives its claim up. Decided once. */
export class AnswerKeeper implements AnswerKeeping {
  readonly #answers: KeptAnswers;
  readonly #claim: string;
  readonly #requestId: string;
  readonly #onFailure: (error: unknown) => void;
  #isDecided = false;
  #failure: GatewayError | undefined;
  #head: Pick<Reply, "status" | "headers"> | undefined;
  #streamed: { readonly bytes: Uint8Array | undefined } | undefined;

  constructor(answers: KeptAnswers, claim: string, requestId: string, onFailure: (error: unknown) => void) {
    this.#answers = answers;
    this.#claim = claim;
    this.#requestId = requestId;
    this.#onFailure = onFailure;
  }

  settled(failure: GatewayError | undefined): void {
    this.#failure = failure;
  }

  follow(stream: LeadableStream): ReadableStream<Uint8Array> {
    const followed = new FollowedAnswer(this.#answers, {
      ended: (bytes) => {
        this.#streamed = { bytes };
        this.#decideStream();
      },
      unneeded: () => {
        stream.abandon();
        this.#release();
      },
    });
    stream.openTo(followed);
    return followed.body;
  }

  /** The call was answered: wholly, or with the head of a stream. */
  answered({ status, headers, body }: Reply): void {
    this.#head = { status, headers };
    if (body instanceof ReadableStream) {
      this.#decideStream();
      return;
    }
    const bytes = typeof body === "string" ? encoder.encode(body) : body;
    this.#keep({ head: this.#replyHead(status, headers), body: bytes });
  }

  /** The call was refused. */
  failed({ code, message, mend, status, field, errorClass, upstream }: GatewayError): void {
    if (!LASTING.has(errorClass)) {
      this.#release();
      return;
    }
    const head = {
      kind: "failure" as const,
      requestId: this.#requestId,
      code,
      message,
      mend,
      status,
      ...(field === undefined ? {} : { field }),
      ...(errorClass === undefined ? {} : { errorClass }),
      ...(upstream === undefined
        ? {}
        : { upstream: { status: upstream.status, contentType: upstream.contentType } }),
    };
    this.#keep({ head, body: upstream?.body ?? NO_BYTES });
  }

  /** A stream may have ended before its head was made. */
  #decideStream(): void {
    const streamed = this.#streamed;
    const head = this.#head;
    if (streamed === undefined || head === undefined) return;
    const { bytes } = streamed;
    if (this.#failure !== undefined) this.#release();
    else if (bytes === undefined) this.#decide(() => this.#answers.drop(this.#claim));
    else this.#keep({ head: this.#replyHead(head.status, head.headers), body: bytes });
  }

  #replyHead(status: number, headers: Reply["headers"]) {
    return { kind: "reply" as const, requestId: this.#requestId, status, headers };
  }

  #release(): void {
    this.#decide(() => this.#answers.release(this.#claim));
  }

  #keep(answer: KeptAnswer): void {
    this.#decide(() => this.#answers.keep(this.#claim, answer));
  }

  /** A file that can't be written must not take the answer from the client who is here. */
  #decide(write: () => void): void {
    if (this.#isDecided) return;
    this.#isDecided = true;
    try {
      write();
    } catch (error) {
      this.#onFailure(error);
    }
  }
}
