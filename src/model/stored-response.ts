/** A response that a provider stores for the next turn: where, and what was asked for it. */
export interface StoredResponse {
  readonly provider: string;
  /** What the provider's credential is called where it has several; empty where it has one. */
  readonly credential: string;
  /** The alias of the route that led there; the target's own name where none did. */
  readonly route: string;
  /** As the provider calls it. */
  readonly model: string;
  /** Whom it was made for, where it was asked with a browser token. */
  readonly endUser?: string;
}

/** Where it is remembered which provider stores which response, each project for itself. */
export interface StoredResponses {
  /** Found at once; written a moment later. */
  note(project: string, id: string, response: StoredResponse, nowMs: number): void;
  /** Undefined for a response that no call of the project was answered with, or that is too old. */
  find(project: string, id: string, nowMs: number): StoredResponse | undefined;
  /** Whether a call of another project was answered with it, however long ago, and none of this one. */
  isOfAnother(project: string, id: string): boolean;
}
