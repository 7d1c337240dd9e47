import type { Filter } from "./filter.ts";

/** Prompts are measured by estimate; one that may just fit is sent. */
const SURELY_THERE = 0.85;

/** A prompt that is longer than a model takes would be refused there. */
export const contextWindow: Filter = {
  kind: "unfit",
  because({ target }, facts) {
    const window = target.known?.contextWindow;
    // No token is shorter than a byte, so most prompts need no measuring.
    if (window === undefined || facts.bodyBytes <= window || facts.inputTokens * SURELY_THERE <= window)
      return undefined;
    return `it takes ${window} tokens, and the prompt has about ${facts.inputTokens}`;
  },
};
