/** What a request may bring or ask for that not every model can do. */
export const NEEDS = [
  "tools",
  "images",
  "audio",
  "video",
  "documents",
  "json-schema",
  "reasoning",
  "log-probabilities",
] as const;

export type Need = (typeof NEEDS)[number];

/** The days of a week, as conditions name them. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export type Weekday = (typeof WEEKDAYS)[number];

/** Numbers from one to another, both included; an absent end is open. */
export interface NumberRange {
  readonly from?: number;
  readonly to?: number;
}

/** A stretch of the day in a named zone. One that ends before it begins goes over midnight. */
export interface TimeOfDay {
  /** Minutes since midnight. */
  readonly fromMinute: number;
  /** Minutes since midnight; not included. */
  readonly toMinute: number;
  /** Absent: every day. A stretch over midnight belongs to the day on which it begins. */
  readonly days?: readonly Weekday[];
  /** An IANA name. */
  readonly zone: string;
}

/**
 * What must hold of a request for a part of a route to be used. Everything that is named must hold; of patterns (`*`
 * for any run of characters) one must fit. Data, so that nothing of a configuration is ever run.
 */
export interface Condition {
  readonly project?: readonly string[];
  /** The virtual key's name or id. */
  readonly key?: readonly string[];
  readonly tags?: { readonly [name: string]: readonly string[] };
  readonly operation?: readonly string[];
  /** The client's wire format. */
  readonly dialect?: readonly string[];
  readonly endUser?: readonly string[];
  /** Holds where the policy over the caller binds it to regions, all of which fit. */
  readonly region?: readonly string[];
  readonly stream?: boolean;
  /** All of them are needed by the request. */
  readonly needs?: readonly Need[];
  /** The estimated length of the prompt. */
  readonly inputTokens?: NumberRange;
  readonly time?: TimeOfDay;
  readonly all?: readonly Condition[];
  readonly any?: readonly Condition[];
  readonly not?: Condition;
}
