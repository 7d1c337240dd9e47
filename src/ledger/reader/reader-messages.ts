import type { SealKey } from "../bodies/body-seal.ts";
import type { LedgerReader } from "./ledger-reader.ts";

/** The questions that the reading thread answers: the methods of LedgerReader. */
export type Question = {
  [Name in Exclude<keyof LedgerReader, "close">]: {
    readonly kind: Name;
    readonly input: Parameters<LedgerReader[Name]>[0];
  };
}[Exclude<keyof LedgerReader, "close">];

/** The first message to the reading thread, and told again when the keys have changed. */
export interface ReaderStart {
  readonly kind: "start";
  readonly storePath: string;
  /** What bodies may be sealed under. */
  readonly sealKeys: readonly SealKey[];
}

/** A question, and the number that its answer will bear. */
export interface Asked {
  readonly kind: "ask";
  readonly number: number;
  readonly question: Question;
}

export type ToReader = ReaderStart | Asked;

/** What the reading thread answers. */
export type FromReader =
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failure: string };
