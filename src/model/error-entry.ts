/** Who must act: the caller, whoever set the policy, the provider, or this gateway's operator. */
export type ErrorSource = "caller" | "policy" | "upstream" | "gateway";

/** One kind of error: its status, who must act, whether the same call may succeed later, what it is and how to mend it. */
export interface ErrorEntry {
  readonly status: number;
  readonly source: ErrorSource;
  readonly retryable: boolean;
  readonly sentence: string;
  readonly mend: string;
}

/** An entry of the table of errors. */
export function entry(
  status: number,
  source: ErrorSource,
  retryable: boolean,
  sentence: string,
  mend: string,
): ErrorEntry {
  return Object.freeze({ status, source, retryable, sentence, mend });
}
