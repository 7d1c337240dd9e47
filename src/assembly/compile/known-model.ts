/** A model as the price data knows it. */
export interface KnownModel {
  readonly id: string;
  /** In tokens; absent where unknown. */
  readonly contextWindow?: number;
}

/** The models of a provider, by its id in the price data; empty for one that it doesn't know. */
export type ModelsOf = (priceDataId: string) => readonly KnownModel[];
