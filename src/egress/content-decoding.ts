import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import type { Answer, AnswerSink } from "./answer.ts";
import type { AnswerHead } from "./answer-head.ts";
import { EgressFailure } from "./failure.ts";
import { collect } from "./incoming-body.ts";

/** RFC 9110, 8.4.1; RFC 7932; RFC 8878. */
const DECODERS: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
  ["zstd", createZstdDecompress],
]);

/**
 * The answer with its content coding taken off. We ask for none (`accept-encoding: identity`); some servers code all
 * the same. A coding that we can't read is `invalid`.
 */
export function decoded(head: AnswerHead, answer: Answer): Answer {
  const coding = head.get("content-encoding")?.toLowerCase() ?? "identity";
  if (coding === "identity" || coding === "") return answer;
  const open = DECODERS.get(coding);
  if (open !== undefined) return new DecodedAnswer(answer, open());
  throw new EgressFailure("invalid", "UNKNOWN_CODING", "the answer is in a coding that was not asked for");
}

/** A coded body, decoded as it comes. What a small read may swell to is bounded by whoever takes it. */
class DecodedAnswer implements Answer {
  readonly #answer: Answer;
  readonly #decoder: Transform;

  constructor(answer: Answer, decoder: Transform) {
    this.#answer = answer;
    this.#decoder = decoder;
  }

  get status(): number {
    return this.#answer.status;
  }

  header(name: string): string | undefined {
    return this.#answer.header(name);
  }

  allHeaders(): Headers {
    return this.#answer.allHeaders();
  }

  /** It has to be decoded. */
  bytesHere(): undefined {
    return undefined;
  }

  bytes(limitBytes: number, onPart?: () => void): Promise<Uint8Array> {
    return collect(this, limitBytes, onPart);
  }

  flowTo(sink: AnswerSink): void {
    const decoder = this.#decoder;
    const answer = this.#answer;
    let isOver = false;
    const over = (tell: () => void): void => {
      if (isOver) return;
      isOver = true;
      tell();
    };
    decoder.on("data", (bytes: Buffer) => {
      if (!isOver) sink.data(new Uint8Array(bytes));
    });
    decoder.on("end", () => over(() => sink.end()));
    decoder.on("drain", () => answer.resume());
    decoder.on("error", (problem: Error) => {
      over(() => sink.fail(new EgressFailure("invalid", "BROKEN_CODING", problem.message, problem)));
      answer.abort();
    });
    answer.flowTo({
      data(bytes) {
        if (!decoder.write(bytes)) answer.pause();
      },
      end: () => decoder.end(),
      fail(failure) {
        over(() => sink.fail(failure));
        decoder.destroy();
      },
    });
  }

  /** The decoder's own buffer then fills, and with it the connection is held back. */
  pause(): void {
    this.#decoder.pause();
  }

  resume(): void {
    this.#decoder.resume();
  }

  abort(): void {
    this.#answer.abort();
  }
}
