/** What can have a price of its own, in the order in which bills list it; counts and rates are kept in this order. */
export const PRICED_UNITS = [
  "input",
  "cachedInput",
  "cacheWrite5m",
  "cacheWrite1h",
  "inputAudio",
  "cachedInputAudio",
  "inputImage",
  "cachedInputImage",
  "inputVideo",
  "output",
  "reasoning",
  "outputAudio",
  "outputImage",
  "outputVideo",
  "request",
  "webSearch",
  "fileSearch",
  "codeExecution",
  "socialSearch",
  "toolCall",
] as const;

export type PricedUnit = (typeof PRICED_UNITS)[number];

/** What a price is for: tokens of one kind, or a request or a tool call as such. */
export interface Unit {
  /** For people. */
  readonly label: string;
  readonly kind: "token" | "fee";
  /** Whose price it is charged at where it has none of its own: the first that has one. */
  readonly chargedAs: readonly PricedUnit[];
}

const token = (label: string, ...chargedAs: PricedUnit[]): Unit => ({ label, kind: "token", chargedAs });
const fee = (label: string, ...chargedAs: PricedUnit[]): Unit => ({ label, kind: "fee", chargedAs });

/** Each unit. Tool calls whose kind nobody tells are taken for web searches, which nearly all of them are. */
export const UNITS: { readonly [Name in PricedUnit]: Unit } = Object.freeze({
  input: token("input"),
  cachedInput: token("cached input", "input"),
  cacheWrite5m: token("cache write (5 min)", "input"),
  cacheWrite1h: token("cache write (1 h)", "cacheWrite5m", "input"),
  inputAudio: token("audio input", "input"),
  cachedInputAudio: token("cached audio input", "cachedInput", "inputAudio", "input"),
  inputImage: token("image input", "input"),
  cachedInputImage: token("cached image input", "cachedInput", "inputImage", "input"),
  inputVideo: token("video input", "input"),
  output: token("output"),
  reasoning: token("reasoning", "output"),
  outputAudio: token("audio output", "output"),
  outputImage: token("image output", "output"),
  outputVideo: token("video output", "output"),
  request: fee("request"),
  webSearch: fee("web search", "toolCall"),
  fileSearch: fee("file search", "toolCall"),
  codeExecution: fee("code execution", "toolCall"),
  socialSearch: fee("social search", "toolCall"),
  toolCall: fee("tool call", "webSearch"),
});

/** Whether the unit at an index of `PRICED_UNITS` counts tokens. */
export function isToken(index: number): boolean {
  const unit = PRICED_UNITS[index];
  return unit !== undefined && UNITS[unit].kind === "token";
}
