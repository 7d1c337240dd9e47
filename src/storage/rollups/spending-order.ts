/** Whose spending is asked for, since when, and how finely. */
export interface SpendingOrder {
  readonly scope: "project" | "key" | "token";
  /** The project's name, the key's id, or the token's id. */
  readonly id: string;
  /** Milliseconds since 1970: what began then or later counts. */
  readonly sinceMs: number;
  /** The length of the stretches that it is added up by, in milliseconds; undefined for one sum, dated `sinceMs`. */
  readonly stretchMs: number | undefined;
  /** Ids of attempts that are left out; read only once the rows are. */
  leftOut(): ReadonlySet<string>;
}

/** What was spent in one stretch of time. */
export interface SpendingSum {
  readonly atMs: number;
  /** In nano-dollars. */
  readonly spent: bigint;
}
