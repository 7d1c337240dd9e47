import type { ErrorClass } from "../../model/error-class.ts";
import type { ErrorCode } from "../../model/error-table.ts";

/** What a call was answered with. */
interface KeptReply {
  readonly kind: "reply";
  readonly requestId: string;
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
}

/** What a call was refused with, by the provider. */
interface KeptFailure {
  readonly kind: "failure";
  readonly requestId: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly mend: string;
  readonly status: number;
  readonly field?: string;
  readonly errorClass?: ErrorClass;
  /** The provider's own answer, whose body is the kept one. */
  readonly upstream?: { readonly status: number; readonly contentType: string };
}

/** All of an answer but its body. */
export type AnswerHead = KeptReply | KeptFailure;

/** An answer as it is kept for whoever asks the same again. */
export interface KeptAnswer {
  readonly head: AnswerHead;
  readonly body: Uint8Array;
}

const LENGTH_BYTES = 4;

/** An answer as bytes: the length of its head, the head as JSON, the body. */
export function writeAnswer({ head, body }: KeptAnswer): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(text.byteLength);
  return Buffer.concat([length, text, body]);
}

/** The answer in bytes that `writeAnswer` made. */
export function readAnswer(bytes: Buffer): KeptAnswer {
  const bodyAt = LENGTH_BYTES + bytes.readUInt32BE();
  // Only bytes that this gateway sealed come here.
  const head: AnswerHead = JSON.parse(bytes.toString("utf8", LENGTH_BYTES, bodyAt));
  return { head, body: bytes.subarray(bodyAt) };
}
