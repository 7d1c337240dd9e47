/** How many tokens a conversation would take as input. */
export interface TokenCount {
  readonly inputTokens: number;
  /** Of them, what the provider's cache holds already, where it tells. */
  readonly cachedInputTokens?: number;
  /** `reported` by the provider, or `estimated` here because it counts none. */
  readonly source: "reported" | "estimated";
}
