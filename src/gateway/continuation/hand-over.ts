import type { StreamEncoder } from "../../model/dialect.ts";
import type { AnswerSoFar } from "./answer-so-far.ts";

/** An answer that breaks off where another target could go on with it. */
export interface ContinuableAnswer {
  /** Costs as much as the answer is long: for whoever has found a target. */
  handOver(): HandOver;
}

/** What it takes to go on with a client's stream in the middle of it. */
export interface HandOver {
  /** What the client has been given. */
  readonly soFar: AnswerSoFar;
  /** Says the rest, knowing what was said. */
  readonly encoder: StreamEncoder;
}
