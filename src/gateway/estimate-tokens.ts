import { estimateTokenCount } from "tokenx";
import type { ContentPart, MediaSource } from "../model/content-part.ts";
import type { Conversation } from "../model/conversation.ts";
import type { Tool } from "../model/tool.ts";
import { imageSize } from "./image-size.ts";

/** Longer text is measured by samples of it and scaled, so that counting never holds up other calls. */
const SAMPLES = 4;
const SAMPLE_CHARACTERS = 8_192;

/** What a turn and a tool's description take beside their text. */
const TOKENS_PER_MESSAGE = 4;
const TOKENS_PER_TOOL = 8;

/**
 * Images as Anthropic counts them (https://platform.claude.com/docs/en/build-with-claude/vision, "image costs"); other
 * vendors come to about as many.
 */
const PIXELS_PER_TOKEN = 750;
const LONGEST_EDGE = 1_568;
const TOKENS_OF_UNKNOWN_IMAGE = 1_600;

/** A page of a PDF is 1,500 to 3,000 tokens (.../docs/en/build-with-claude/pdf-support), and about so many bytes. */
const TOKENS_PER_PAGE = 2_250;
const BYTES_PER_PAGE = 75_000;

/** Sound of usual quality at Google's 32 tokens a second (https://ai.google.dev/gemini-api/docs/tokens); film alike. */
const BYTES_PER_AUDIO_TOKEN = 500;
const BYTES_PER_VIDEO_TOKEN = 1_000;
const TOKENS_OF_UNKNOWN_RECORDING = 1_000;

/** About how many tokens a conversation is as input, for providers that don't count. */
export function estimateTokens({ messages, tools, responseFormat }: Conversation): number {
  const texts: string[] = [];
  let tokens = messages.length * TOKENS_PER_MESSAGE + tools.length * TOKENS_PER_TOOL;
  for (const message of messages) for (const part of message.content) tokens += measure(part, texts);
  for (const tool of tools) texts.push(JSON.stringify(describe(tool)));
  if (responseFormat?.kind === "json-schema") texts.push(JSON.stringify(responseFormat.schema));
  return tokens + tokensOfText(texts.join("\n"));
}

/** Tokens of what is no text; what is text is collected. */
function measure(part: ContentPart, texts: string[]): number {
  switch (part.kind) {
    case "text":
    case "reasoning":
    case "refusal":
      texts.push(part.text);
      return 0;
    case "tool-call":
      texts.push(part.name, part.arguments);
      return 0;
    case "image":
      return tokensOfImage(part.source);
    case "document":
      texts.push(part.name ?? "", part.context ?? "");
      return tokensOfDocument(part.source, texts);
    case "audio":
      return tokensOfRecording(part.source, BYTES_PER_AUDIO_TOKEN);
    case "video":
      return tokensOfRecording(part.source, BYTES_PER_VIDEO_TOKEN);
    case "other":
      texts.push(JSON.stringify(part.value) ?? "");
      return 0;
  }
}

function describe(tool: Tool): object {
  return tool.kind === "vendor" ? tool.value : { ...tool, kind: undefined, cache: undefined };
}

function tokensOfImage(source: MediaSource): number {
  const size = source.from === "base64" ? imageSize(source.data) : undefined;
  if (size === undefined) return TOKENS_OF_UNKNOWN_IMAGE;
  const scale = Math.min(1, LONGEST_EDGE / Math.max(size.width, size.height));
  return Math.ceil((size.width * scale * size.height * scale) / PIXELS_PER_TOKEN);
}

function tokensOfDocument(source: MediaSource, texts: string[]): number {
  switch (source.from) {
    case "text":
      texts.push(source.text);
      return 0;
    case "base64":
      return Math.max(1, Math.ceil(byteLength(source.data) / BYTES_PER_PAGE)) * TOKENS_PER_PAGE;
    case "url":
    case "file":
      return TOKENS_PER_PAGE;
  }
}

function tokensOfRecording(source: MediaSource, bytesPerToken: number): number {
  return source.from === "base64"
    ? Math.ceil(byteLength(source.data) / bytesPerToken)
    : TOKENS_OF_UNKNOWN_RECORDING;
}

const byteLength = (base64: string): number => (base64.length * 3) / 4;

function tokensOfText(text: string): number {
  const sampled = SAMPLES * SAMPLE_CHARACTERS;
  if (text.length <= sampled) return estimateTokenCount(text);
  const step = (text.length - SAMPLE_CHARACTERS) / (SAMPLES - 1);
  let tokens = 0;
  for (let sample = 0; sample < SAMPLES; sample++) {
    const start = Math.floor(sample * step);
    tokens += estimateTokenCount(text.slice(start, start + SAMPLE_CHARACTERS));
  }
  return Math.ceil((tokens * text.length) / sampled);
}
