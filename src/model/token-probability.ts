/** A token that was possible at one place of an answer. */
export interface ProbableToken {
  readonly token: string;
  /** Natural logarithm. */
  readonly logProbability: number;
  /** The token in UTF-8, where the vendor tells: a token may be part of a character. */
  readonly bytes?: readonly number[];
}

/** A token of the answer, and what else could have stood there. */
export interface TokenProbability extends ProbableToken {
  readonly alternatives: readonly ProbableToken[];
}
