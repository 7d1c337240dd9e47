/** Which of a call's two bodies. */
export type BodyPart = "request" | "answer";

/** The beginning of a body, as the client sent or was given it. */
export interface RecordedBody {
  readonly part: BodyPart;
  readonly contentType: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole body, of which `bytes` may be only the beginning. */
  readonly totalBytes: number;
}

/** What is kept of one call, for as long as its project's policy says. Times are milliseconds since 1970. */
export interface CallBodies {
  readonly requestId: string;
  readonly project: string;
  readonly recordedAtMs: number;
  readonly expiresAtMs: number;
  readonly bodies: readonly RecordedBody[];
}
