/** Who keeps a response, and what it was asked of. */
export interface ResponseHome {
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

/** Where it is remembered who keeps which response, each project for itself. */
export interface ResponseHomes {
  /** Found at once; kept a moment later. */
  note(project: string, id: string, home: ResponseHome, nowMs: number): void;
  /** Undefined for a response that no call of the project was answered with, or that is too old. */
  find(project: string, id: string, nowMs: number): ResponseHome | undefined;
  /** Whether a call of another project was answered with it, however long ago, and none of this one. */
  isOfAnother(project: string, id: string): boolean;
}
