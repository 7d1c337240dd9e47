import type { Usage } from "../../model/usage.ts";

/**
 * How many of each unit a call is charged for, in the order of `PRICED_UNITS`. Each token is counted once, as the most
 * special part it belongs to; parts that claim more than their whole are cut to it. Called once per call.
 */
export function countUnits(usage: Usage): readonly number[] {
  const counts: number[] = [];
  countInput(counts, usage);
  countOutput(counts, usage);
  counts.push(ranAtAll(usage) ? 1 : 0);
  countToolCalls(counts, usage);
  return counts;
}

/** A call that was refused, or never reached its provider, is recorded as an estimate of nothing: no fee is due. */
function ranAtAll({ source, inputTokens, outputTokens }: Usage): boolean {
  return source === "reported" || inputTokens > 0 || outputTokens > 0;
}

function countInput(counts: number[], usage: Usage): void {
  const input = count(usage.inputTokens);
  let cached = Math.min(count(usage.cachedInputTokens), input);
  const write5m = Math.min(count(usage.cacheWrite5mTokens), input - cached);
  const write1h = Math.min(count(usage.cacheWrite1hTokens), input - cached - write5m);
  let plain = input - cached - write5m - write1h;

  const allAudio = count(usage.inputAudioTokens);
  const cachedAudio = cachedPart(allAudio, count(usage.cachedInputAudioTokens), cached, plain);
  const audio = Math.min(allAudio - cachedAudio, plain);
  cached -= cachedAudio;
  plain -= audio;

  const allImage = count(usage.inputImageTokens);
  const cachedImage = cachedPart(allImage, count(usage.cachedInputImageTokens), cached, plain);
  const image = Math.min(allImage - cachedImage, plain);
  cached -= cachedImage;
  plain -= image;

  const video = Math.min(count(usage.inputVideoTokens), plain);
  counts.push(plain - video, cached, write5m, write1h, audio, cachedAudio, image, cachedImage, video);
}

/**
 * How much of the sound, or of the images, was cached. Where nobody tells, what doesn't fit beside the cached tokens
 * must be among them, and the rest is taken to be not cached.
 */
function cachedPart(all: number, told: number, cached: number, plain: number): number {
  const beside = Math.min(all - Math.min(told, all, cached), plain);
  return Math.min(all - beside, cached);
}

function countOutput(counts: number[], usage: Usage): void {
  let output = count(usage.outputTokens);
  const audio = Math.min(count(usage.outputAudioTokens), output);
  output -= audio;
  const image = Math.min(count(usage.outputImageTokens), output);
  output -= image;
  const video = Math.min(count(usage.outputVideoTokens), output);
  output -= video;
  const reasoning = Math.min(count(usage.reasoningTokens), output);
  counts.push(output - reasoning, reasoning, audio, image, video);
}

function countToolCalls(counts: number[], { billedTools, billedToolCalls }: Usage): void {
  const webSearch = count(billedTools?.webSearch);
  const fileSearch = count(billedTools?.fileSearch);
  const codeExecution = count(billedTools?.codeExecution);
  const socialSearch = count(billedTools?.socialSearch);
  const ofKnownKind = webSearch + fileSearch + codeExecution + socialSearch;
  const others = Math.max(0, count(billedToolCalls) - ofKnownKind);
  counts.push(webSearch, fileSearch, codeExecution, socialSearch, others);
}

/** Counts come from providers: what is no count must neither throw here nor lower a bill. */
function count(reported: number | undefined): number {
  if (reported === undefined || !(reported > 0)) return 0;
  return reported <= Number.MAX_SAFE_INTEGER ? Math.ceil(reported) : 0;
}
