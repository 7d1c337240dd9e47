import { BucketCounts } from "./bucket-counts.ts";
import type { AttemptFacts } from "./call-facts.ts";

/** What has happened on one model of one provider: plain numbers, since they are changed with every call. */
export class TargetMeter {
  readonly provider: string;
  readonly model: string;
  readonly outcomes = new Map<string, number>();
  readonly latency = new BucketCounts();
  readonly firstToken = new BucketCounts();
  inputTokens = 0;
  cachedTokens = 0;
  outputTokens = 0;
  costNanoDollars = 0;

  constructor(provider: string, model: string) {
    this.provider = provider;
    this.model = model;
  }

  note(facts: AttemptFacts): void {
    this.outcomes.set(facts.outcome, (this.outcomes.get(facts.outcome) ?? 0) + 1);
    this.latency.observe(facts.totalMs / 1000);
    if (facts.firstTokenMs !== undefined) this.firstToken.observe(facts.firstTokenMs / 1000);
    this.inputTokens += facts.usage.inputTokens;
    this.cachedTokens += facts.usage.cachedInputTokens;
    this.outputTokens += facts.usage.outputTokens;
    this.costNanoDollars += facts.cost ?? 0;
  }
}
