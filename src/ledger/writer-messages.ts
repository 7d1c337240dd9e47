/** What the store writer's thread is started with. */
export interface WriterStart {
  readonly kind: "start";
  readonly storePath: string;
  readonly journalFolder: string;
  readonly memory: SharedArrayBuffer;
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

export type ToWriter = WriterStart | WriterStop;
export type FromWriter = WriterState | WriterStopped;
