import type { ContentPart, DocumentPart, ImagePart, TextPart } from "../../model/content-part.ts";
import type { Message, SpokenMessage, ToolMessage } from "../../model/conversation.ts";
import type { Feature } from "../../model/loss.ts";
import type { Bounds } from "./bounds.ts";
import { dropLacking, type MemberRule } from "./drop-lacking.ts";
import { lackingForPart } from "./features-of-part.ts";
import type { Losses } from "./losses.ts";

/** What is said to the model in place of a part that its provider can't be sent. */
const STAND_INS: { readonly [F in Feature]?: string } = {
  audio: "an audio recording",
  video: "a video",
  "image-url": "an image",
  "image-base64": "an image",
  "document-url": "a document",
  "document-base64": "a document",
  "document-text": "a document",
  "uploaded-file": "a file",
};

const CACHE = { member: "cache", feature: "cache-marker" } as const;
const IMAGE_RULES: readonly MemberRule<ImagePart>[] = [
  CACHE,
  { member: "detail", feature: "image-detail", harmless: "auto" },
];
const DOCUMENT_RULES: readonly MemberRule<DocumentPart>[] = [
  CACHE,
  { member: "context", feature: "document-context" },
  { member: "citable", feature: "document-citations", harmless: false },
];
const SPOKEN_RULES: readonly MemberRule<SpokenMessage>[] = [{ member: "name", feature: "message-name" }];
const TOOL_RULES: readonly MemberRule<ToolMessage>[] = [
  CACHE,
  { member: "isError", feature: "tool-result-error", harmless: false },
];

/** The messages without what the provider can't be sent; one of which nothing is left goes with it. */
export function fitMessages(
  messages: readonly Message[],
  bounds: Bounds,
  losses: Losses,
): readonly Message[] {
  return messages.flatMap((message): readonly Message[] => {
    if (message.role === "tool") {
      const content = message.content.flatMap((part) => fitResultPart(part, bounds, losses));
      return [dropLacking({ ...message, content }, TOOL_RULES, bounds, losses)];
    }
    const content = message.content.flatMap((part) => fitPart(part, bounds, losses));
    if (content.length === 0 && message.content.length > 0) return [];
    return [dropLacking({ ...message, content }, SPOKEN_RULES, bounds, losses)];
  });
}

/** Some dialects take only text from a tool. */
function fitResultPart(part: ContentPart, bounds: Bounds, losses: Losses): readonly ContentPart[] {
  const isMedia =
    part.kind === "image" || part.kind === "document" || part.kind === "audio" || part.kind === "video";
  if (!isMedia || !bounds.lacks.has("tool-result-media")) return fitPart(part, bounds, losses);
  losses.add("tool-result-media", "left out, and the model was told so");
  return [standIn(`a ${part.kind === "document" ? "document" : `${part.kind} file`}`)];
}

function fitPart(part: ContentPart, bounds: Bounds, losses: Losses): readonly ContentPart[] {
  const feature = lackingForPart(part, bounds);
  if (feature !== undefined) {
    const what = STAND_INS[feature];
    losses.add(feature, what === undefined ? "left out" : "left out, and the model was told so");
    return what === undefined ? [] : [standIn(what)];
  }
  const signed = fitSignature(part, bounds, losses);
  return signed === undefined ? [] : [fitMembers(signed, bounds, losses)];
}

/** What the model is told of a part that it can't be sent. */
export function standIn(what: string): TextPart {
  return { kind: "text", text: `[Here was ${what}, which this model can't be sent.]` };
}

/** A vendor refuses another's signature. Reasoning that is nothing but a signature goes with it. */
function fitSignature(part: ContentPart, bounds: Bounds, losses: Losses): ContentPart | undefined {
  if (!("signature" in part) || part.signature === undefined) return part;
  if (bounds.signatures.includes(part.signature.vendor)) return part;
  losses.add("signature", "left out: it is another vendor's");
  const { signature: _signature, ...unsigned } = part;
  return unsigned.kind === "reasoning" && unsigned.text === "" ? undefined : unsigned;
}

function fitMembers(part: ContentPart, bounds: Bounds, losses: Losses): ContentPart {
  switch (part.kind) {
    case "text":
      return dropLacking(part, [CACHE], bounds, losses);
    case "tool-call":
      return dropLacking(part, [CACHE], bounds, losses);
    case "image":
      return dropLacking(part, IMAGE_RULES, bounds, losses);
    case "document":
      return dropLacking(part, DOCUMENT_RULES, bounds, losses);
    default:
      return part;
  }
}
