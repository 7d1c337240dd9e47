import type { CallBodies } from "../model/recorded-body.ts";
import type { SealKey } from "./bodies/body-seal.ts";

/** What the store writer's thread is started with. */
export interface WriterStart {
  readonly kind: "start";
  readonly storePath: string;
  readonly journalFolder: string;
  readonly memory: SharedArrayBuffer;
  readonly sealKey: SealKey | undefined;
}

/** Bodies to keep. */
export interface KeepBodies {
  readonly kind: "keep-bodies";
  readonly bodies: CallBodies;
}

/** Bodies that come from now on are sealed under this. */
export interface TakeSealKey {
  readonly kind: "seal-key";
  readonly sealKey: SealKey;
}

/** Move everything, let go of the store and answer `stopped`. */
export interface WriterStop {
  readonly kind: "stop";
}

/** How it stands; sent when it changes. */
export interface WriterState {
  readonly kind: "state";
  readonly failure: string | undefined;
  readonly rejectedLines: number;
}

/** Everything was moved and the store is closed. */
export interface WriterStopped {
  readonly kind: "stopped";
}

/** So many bytes of bodies have been written. */
export interface BodiesKept {
  readonly kind: "bodies-kept";
  readonly bytes: number;
}

export type ToWriter = WriterStart | WriterStop | KeepBodies | TakeSealKey;
export type FromWriter = WriterState | WriterStopped | BodiesKept;
