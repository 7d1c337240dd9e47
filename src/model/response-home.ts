/** Who keeps a response: the provider, and what its credential is called where it has several; empty where it has one. */
export interface ResponseHome {
  readonly provider: string;
  readonly credential: string;
}

/** Where it is remembered who keeps which response, each project for itself. */
export interface ResponseHomes {
  /** Throws where it can't be written. */
  note(project: string, id: string, home: ResponseHome, nowMs: number): void;
  /** Undefined for a response that no call of the project was answered with, or that is too old. */
  find(project: string, id: string, nowMs: number): ResponseHome | undefined;
}
