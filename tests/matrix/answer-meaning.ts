import type { Citation, CitedPlace } from "../../src/model/citation.ts";
import type { MediaSource } from "../../src/model/content-part.ts";
import type { DialectId } from "../../src/model/dialect-id.ts";
import type { Block, Choice, InferenceResponse } from "../../src/model/inference-response.ts";
import { isJsonObject } from "../../src/model/json.ts";
import type { FinishReason } from "../../src/model/stream-event.ts";
import type { ProbableToken } from "../../src/model/token-probability.ts";
import type { Usage } from "../../src/model/usage.ts";

/** What an answer can say and some dialect can't, each with what becomes of it. */
export const ANSWER_FEATURES = {
  choices: "only the first of several answers is given",
  "created-at": "when it was made is not told",
  "service-tier": "the tier that served it is not told",
  "block-order": "reasoning, text, refusals, images and calls come each in a row of their own",
  reasoning: "reasoning is not shown",
  "reasoning-signature": "the proof of reasoning is left out",
  "text-signature": "the proof of a text is left out",
  "call-signature": "the proof of a call is left out",
  refusal: "a refusal is text",
  "tool-calls": "calls are left out",
  "free-form-call": "a free-form call is a call of a function with the argument `input`",
  image: "images are left out",
  "image-block": "an image is Markdown in the text",
  "token-probabilities": "log probabilities are left out",
  "token-alternatives": "what else could have stood in a token's place is left out",
  "url-citation": "web sources are left out",
  "document-citation": "sources in documents are left out",
  "citation-place": "which stretch of the text a source supports is not told",
  "cited-text": "the words of a source are not told",
  "document-place": "where in its document a source stands is not told",
  "document-id": "a document is told under a made-up name where it has none, and not by its number",
  "document-stretch": "the stretch of text that a document supports is told as its end alone",
  "stop-sequence": "which stop sequence came is not told",
} as const;

export type AnswerFeature = keyof typeof ANSWER_FEATURES;

/** What can't be said where another thing can't. */
export const IMPLIED: { readonly [F in AnswerFeature]?: readonly AnswerFeature[] } = {
  "block-order": ["reasoning"],
  "reasoning-signature": ["reasoning"],
  "call-signature": ["tool-calls"],
  "free-form-call": ["tool-calls"],
  "image-block": ["image"],
  "token-alternatives": ["token-probabilities"],
  "citation-place": ["url-citation"],
  "cited-text": ["url-citation"],
  "document-place": ["document-citation"],
  "document-id": ["document-citation"],
  "document-stretch": ["document-citation", "citation-place"],
};

/** What a dialect's answers can't say: the one list per dialect that the comparison goes by. */
export interface Unsayable {
  readonly features: readonly AnswerFeature[];
  /** Finish reasons without a word of their own, and what they become. */
  readonly finishReasons: { readonly [R in FinishReason]?: FinishReason };
  /** Words for the tier that served; another is not told. */
  readonly serviceTiers?: readonly string[];
  /** What a refusal in words ends with, whatever the vendor called it. */
  readonly refusedInWords?: FinishReason;
  /** Counts of the usage that have no member. */
  readonly usage: readonly (keyof Usage)[];
  /** Counts that are told within another. */
  readonly usageWithin?: { readonly [count in keyof Usage]?: keyof Usage };
  /** The same, in a stream whose provider tells its usage last. */
  readonly usageWithinInStreams?: { readonly [count in keyof Usage]?: keyof Usage };
}

/** What a stream of the dialect can't say. */
export function unsayableInStreams(unsayable: Unsayable): Unsayable {
  const { usageWithin, usageWithinInStreams } = unsayable;
  return { ...unsayable, usageWithin: { ...usageWithin, ...usageWithinInStreams } };
}

/** Everything that its own dialect says of an answer. */
export const ALL_SAYABLE: Unsayable = { features: [], finishReasons: {}, usage: [] };

/**
 * What an answer means to whoever reads it in a dialect that can say all but `unsayable`: two answers mean the same where
 * these are equal. Runs of one kind are joined, since where a provider cuts its text says nothing.
 */
export function meaningOf(response: InferenceResponse, dialect: DialectId, unsayable: Unsayable): unknown {
  const cannot = new Set<AnswerFeature>(unsayable.features);
  const choices = cannot.has("choices") ? response.choices.slice(0, 1) : response.choices;
  return {
    id: response.id,
    model: response.model,
    ...(!cannot.has("created-at") && { createdAtS: response.createdAtS }),
    ...(!cannot.has("service-tier") && { serviceTier: tierOf(response.serviceTier, unsayable) }),
    choices: choices.map((choice) => meaningOfChoice(choice, dialect, unsayable, cannot)),
    usage: meaningOfUsage(response.usage, unsayable),
    error: response.error?.code,
  };
}

type Cannot = ReadonlySet<AnswerFeature>;

/** No tier is the usual one. */
function tierOf(tier = "default", { serviceTiers }: Unsayable): string {
  return serviceTiers === undefined || serviceTiers.includes(tier) ? tier : "default";
}

function meaningOfChoice(
  { blocks, finishReason, stopSequence }: Choice,
  dialect: DialectId,
  { finishReasons, refusedInWords }: Unsayable,
  cannot: Cannot,
): unknown {
  const said = blocks.flatMap((block) => sayable(block, dialect, cannot));
  const ordered = cannot.has("block-order")
    ? KINDS.flatMap((kind) => said.filter((one) => one.kind === kind))
    : said;
  const hasCalls = said.some(({ kind }) => kind === "tool-call");
  const isRefusal = blocks.some(({ kind, text }) => kind === "refusal" && text !== "");
  const isInWords = isRefusal && (finishReason === "stop" || finishReason === "refusal");
  const reason = isInWords ? (refusedInWords ?? finishReason) : finishReason;
  return {
    blocks: joined(ordered).map((block) => meaningOfBlock(block, cannot)),
    finishReason: finishOf(reason, finishReasons, hasCalls),
    ...(!cannot.has("stop-sequence") && { stopSequence }),
  };
}

const KINDS: readonly Block["kind"][] = ["reasoning", "text", "refusal", "image", "tool-call", "other"];

/** Without a word for calls the answer still stops for them. */
function finishOf(
  reason: FinishReason | undefined,
  others: Unsayable["finishReasons"],
  hasCalls: boolean,
): FinishReason | undefined {
  const said = reason && (others[reason] ?? reason);
  return said === "stop" && hasCalls ? "tool-calls" : said;
}

/** The block as the dialect can say it; nothing where it can't. */
function sayable(block: Block, dialect: DialectId, cannot: Cannot): readonly Block[] {
  const { signature, ...unsigned } = block;
  switch (block.kind) {
    case "text":
      return block.text === "" && !isSigned(block, cannot)
        ? []
        : [cannot.has("text-signature") ? unsigned : block];
    case "refusal":
      return block.text === "" ? [] : [cannot.has("refusal") ? { ...unsigned, kind: "text" } : unsigned];
    case "reasoning": {
      if (cannot.has("reasoning")) return [];
      const said = cannot.has("reasoning-signature") ? unsigned : block;
      return said.text === "" && !("signature" in said && said.signature) ? [] : [said];
    }
    case "tool-call":
      if (cannot.has("tool-calls")) return [];
      return [cannot.has("call-signature") ? unsigned : block];
    case "image":
      if (cannot.has("image")) return [];
      return [cannot.has("image-block") ? { kind: "text", text: asMarkdown(block.source) } : unsigned];
    case "other":
      return block.dialect === dialect ? [block] : [];
  }
}

function asMarkdown(source: MediaSource): string {
  if (source.from === "url") return `![image](${source.url})`;
  return source.from === "base64" ? `![image](data:${source.mediaType};base64,${source.data})` : "";
}

function isSigned({ signature }: Block, cannot: Cannot): boolean {
  return signature !== undefined && !cannot.has("text-signature");
}

/** Joins what follows one another of one kind; the places of citations move with their text. */
function joined(blocks: readonly Block[]): readonly Block[] {
  const runs: Block[] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    const isRun = block.kind === "text" || block.kind === "reasoning" || block.kind === "refusal";
    const continues = isRun && last?.kind === block.kind && last.signature === undefined;
    if (last === undefined || !continues) {
      runs.push(placed(block, 0));
      continue;
    }
    const next = placed(block, last.text.length);
    runs[runs.length - 1] = {
      ...last,
      text: last.text + next.text,
      ...(next.signature !== undefined && { signature: next.signature }),
      ...listed("citations", [...(last.citations ?? []), ...(next.citations ?? [])]),
      ...listed("tokenProbabilities", [
        ...(last.tokenProbabilities ?? []),
        ...(next.tokenProbabilities ?? []),
      ]),
    };
  }
  return runs;
}

/** A citation without a place means all of its block. */
function placed(block: Block, offset: number): Block {
  const { citations, ...rest } = block;
  if (citations === undefined) return block;
  return {
    ...rest,
    citations: citations.map((citation) => ({
      ...citation,
      start: offset + (citation.start ?? 0),
      end: offset + (citation.end ?? block.text.length),
    })),
  };
}

function listed<Name extends string, T>(
  name: Name,
  values: readonly T[],
): { readonly [N in Name]?: readonly T[] } {
  return (values.length === 0 ? {} : { [name]: values }) as { readonly [N in Name]?: readonly T[] };
}

function meaningOfBlock(block: Block, cannot: Cannot): unknown {
  switch (block.kind) {
    case "tool-call":
      return meaningOfCall(block, cannot);
    case "text":
    case "refusal":
      return {
        kind: block.kind,
        text: block.text,
        ...(block.signature && { signature: block.signature }),
        ...listed(
          "citations",
          (block.citations ?? []).flatMap((one) => meaningOfCitation(one, cannot)),
        ),
        ...(!cannot.has("token-probabilities") && listed("tokens", tokensOf(block, cannot))),
      };
    case "reasoning":
      return { kind: block.kind, text: block.text, ...(block.signature && { signature: block.signature }) };
    default:
      return block;
  }
}

function tokensOf({ tokenProbabilities = [] }: Block, cannot: Cannot): readonly unknown[] {
  return tokenProbabilities.map(({ token, logProbability, bytes, alternatives }) =>
    cannot.has("token-alternatives")
      ? { token, logProbability }
      : { token, logProbability, bytes: bytesOf(token, bytes), alternatives: alternatives.map(withBytes) },
  );
}

/** A vendor that tells no bytes means those of the text. */
function bytesOf(token: string, bytes: readonly number[] | undefined): readonly number[] {
  return bytes ?? [...Buffer.from(token)];
}

function withBytes({ token, logProbability, bytes }: ProbableToken): unknown {
  return { token, logProbability, bytes: bytesOf(token, bytes) };
}

function meaningOfCall(block: Extract<Block, { kind: "tool-call" }>, cannot: Cannot): unknown {
  const { id, name, text, freeForm = false, signature } = block;
  const proof = signature && { signature };
  if (!freeForm) return { call: name, id, arguments: parsed(text === "" ? "{}" : text), ...proof };
  if (cannot.has("free-form-call")) return { call: name, id, arguments: { input: text }, ...proof };
  return { call: name, id, input: text, ...proof };
}

/** Arguments that are no JSON are what they are. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : text;
  } catch {
    return text;
  }
}

function meaningOfCitation(citation: Citation, cannot: Cannot): readonly unknown[] {
  const { source, citedText, start, end } = citation;
  if (cannot.has(source.kind === "url" ? "url-citation" : "document-citation")) return [];
  const place = cannot.has("citation-place") ? {} : { start, end };
  const words = cannot.has("cited-text") ? {} : { citedText };
  // Where a source has no title, its address stands for it.
  if (source.kind === "url")
    return [{ url: source.url, title: source.title ?? source.url, ...words, ...place }];
  const { index, title, fileId, location } = source;
  const where = cannot.has("document-place") ? {} : { location: isNowhere(location) ? undefined : location };
  const which = cannot.has("document-id") ? {} : { index: index ?? 0, fileId, title };
  const stretch = cannot.has("document-stretch") ? { end } : place;
  return [{ kind: "document", ...which, ...where, ...words, ...stretch }];
}

function isNowhere(location: CitedPlace | undefined): boolean {
  return location?.start === location?.end;
}

function meaningOfUsage(usage: Usage | undefined, { usage: untold, usageWithin = {} }: Unsayable): unknown {
  if (usage === undefined) return undefined;
  const { raw: _raw, source: _source, billedToolCalls: _calls, billedTools: _tools, ...counts } = usage;
  const told = new Map<string, number>();
  for (const [name, value = 0] of Object.entries(counts)) {
    if (typeof value !== "number" || untold.some((one) => one === name)) continue;
    const within = Object.entries(usageWithin).find(([part]) => part === name)?.[1] ?? name;
    told.set(within, (told.get(within) ?? 0) + value);
  }
  return Object.fromEntries([...told].filter(([, value]) => value > 0));
}
