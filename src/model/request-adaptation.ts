/**
 * What a request needs at one endpoint beyond its dialect, whoever wrote it: a client whose bytes pass through, or an
 * encoder. Absent members change nothing.
 */
export interface RequestAdaptation {
  /** Top-level members that the body must not have. */
  readonly removeMembers?: readonly string[];
  /** Top-level members that the body must have, in place of the same ones of the client's. */
  readonly setMembers?: { readonly [name: string]: string };
  /** Headers, lower case, that are not sent on. */
  readonly removeHeaders?: readonly string[];
  /** True where the client's query means nothing, or is refused. */
  readonly withoutQuery?: boolean;
}
