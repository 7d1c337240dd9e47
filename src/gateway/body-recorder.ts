import type { BodyRecording } from "../model/policy.ts";
import type { BodyPart, CallBodies, RecordedBody } from "../model/recorded-body.ts";

const DAY_MS = 86_400_000;

/** The beginnings of a call's two bodies, for the request log of a project that records them. Bounded. */
export class BodyRecorder {
  readonly #call: Pick<CallBodies, "requestId" | "project">;
  readonly #recording: BodyRecording;
  readonly #keep: (bodies: CallBodies) => void;
  readonly #request: BodyBeginning;
  readonly #answer: BodyBeginning;
  #isFinished = false;

  constructor(
    call: Pick<CallBodies, "requestId" | "project">,
    recording: BodyRecording,
    keep: (bodies: CallBodies) => void,
  ) {
    this.#call = call;
    this.#recording = recording;
    this.#keep = keep;
    this.#request = new BodyBeginning("request", recording.maxBytes);
    this.#answer = new BodyBeginning("answer", recording.maxBytes);
  }

  noteRequest(bytes: Uint8Array, contentType: string): void {
    this.#request.add(bytes);
    this.#request.contentType = contentType;
  }

  /** A part of the answer, or all of it. */
  noteAnswer(bytes: Uint8Array): void {
    this.#answer.add(bytes);
  }

  /** The call is over: what there is of it is handed on. A second end changes nothing. */
  finish(answerType: string): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.#answer.contentType = answerType;
    const recordedAtMs = Date.now();
    this.#keep({
      ...this.#call,
      recordedAtMs,
      expiresAtMs: recordedAtMs + this.#recording.keepDays * DAY_MS,
      bodies: [this.#request, this.#answer].flatMap((beginning) => beginning.body() ?? []),
    });
  }
}

/** The beginning of one body. */
class BodyBeginning {
  readonly #part: BodyPart;
  readonly #maxBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #kept = 0;
  #total = 0;
  contentType = "";

  constructor(part: BodyPart, maxBytes: number) {
    this.#part = part;
    this.#maxBytes = maxBytes;
  }

  /** Copies what is kept: the bytes' owner goes on to use them. */
  add(bytes: Uint8Array): void {
    this.#total += bytes.byteLength;
    const room = this.#maxBytes - this.#kept;
    if (room <= 0) return;
    const piece = bytes.slice(0, room);
    this.#pieces.push(piece);
    this.#kept += piece.byteLength;
  }

  /** Undefined where there was none. */
  body(): RecordedBody | undefined {
    if (this.#total === 0) return undefined;
    const bytes = new Uint8Array(this.#kept);
    let offset = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, offset);
      offset += piece.byteLength;
    }
    return { part: this.#part, contentType: this.contentType, bytes, totalBytes: this.#total };
  }
}
