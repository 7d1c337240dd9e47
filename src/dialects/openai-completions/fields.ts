import type { Feature } from "../../model/loss.ts";

/** The members of a legacy completion request, by what they say. */
export const FIELDS: { readonly [F in Feature]?: string } = Object.freeze({
  temperature: "temperature",
  "top-p": "top_p",
  stop: "stop",
  seed: "seed",
  "max-output-tokens": "max_tokens",
  "frequency-penalty": "frequency_penalty",
  "presence-penalty": "presence_penalty",
  choices: "n",
  "log-probabilities": "logprobs",
  "end-user": "user",
});
